"""The figure of `compare`: labels that can be read, points that can be told apart."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.ticker import LogLocator
from rram_ode.plots import _compare, plot_comparison


def overlaps(figure):
    """Pairs of tick labels of one axis that lie on each other, and fewest labels."""
    figure.draw_without_rendering()
    found, fewest = 0, 99
    for axes in figure.axes:
        ticks = [*axes.xaxis.get_major_ticks(), *axes.xaxis.get_minor_ticks()]
        low, high = axes.get_xlim()
        labels = [t.label1 for t in ticks if low <= t.get_loc() <= high]
        boxes = [one.get_window_extent() for one in labels if one.get_text()]
        found += sum(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
        fewest = min(fewest, len(boxes))
    return found, fewest


def draw(span, names=("guo", "ditto")):
    """Rows that share quality and seconds, and a ratio that swings by `span`."""
    distance = np.array([[7.7, 6.8, 8.5]] * len(names))
    energy = np.array([[1e-8 * n, 0.7e-8 * n, 1e-8 * span * n] for n in (1.0, 1.2)])
    seconds = np.array([[1.4e-7, 1e-7, 1e-7 * span]] * len(names))
    return plot_comparison(
        names,
        [f"{name}: batch 1" for name in names],
        distance,
        {"joules": energy, "seconds": seconds},
        {"joules": [0], "seconds": [0]},
        {"amplifier.current": (0.0051, 0.0051 * span), "supply": (0.0052, 0.0055)},
        "energy, guo over integrated",
        "a title",
    )


@pytest.mark.parametrize("span", [1.3, 1.6, 2.7, 3.5, 9.0, 12.0, 70.0, 1e6])
def test_labels_of_a_cost_do_not_overlap(span):
    found, fewest = overlaps(draw(span))
    assert found == 0
    assert fewest >= 2


def test_ticks_of_a_narrow_ratio_did_overlap(monkeypatch):
    """The mutant: every second and fifth tick, with the labels of matplotlib."""
    own = lambda axes: axes.xaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    monkeypatch.setattr(_compare, "_set_ticks", own)
    assert overlaps(draw(2.7))[0] > 0


def test_rows_with_the_same_quality_and_seconds_are_told_apart():
    figure = draw(3.0)
    lines = [line for line in figure.axes[1].lines if line.get_label() == "_nolegend_"]
    lines = [line for line in lines if line.get_marker() in ("s", "D")]
    assert [line.get_marker() for line in lines] == ["s", "D"]
    assert not any(
        same_color(one.get_markerfacecolor(), one.get_markeredgecolor())
        for one in lines
    )
