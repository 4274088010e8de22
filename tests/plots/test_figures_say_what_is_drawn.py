"""Units, intervals, limits and scales are said on the figures themselves."""

import dataclasses
import itertools

import numpy as np
import pytest
import rram_ode as rr
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from rram_ode.commands import _budget
from rram_ode.metrics import Difference, Interval
from rram_ode.studies import Corners, ErrorBudget, Indices
from rram_ode.system import Measured


NEAR = Measured(0.5, -8.0, 9.0, 0.5, 200.0)


FAR = Interval(5.0, 4.0, 6.0)


SAME = Difference(0.1, -0.2, 0.4, delta=0.5, factor=0.5)


LOW, HIGH = -0.15, 1.15  # ends of the axis of indices


def budget_of(first, total):
    """A budget of as many errors as there are indices."""
    one, num = Interval(1.0, 0.9, 1.1), len(first)
    return ErrorBudget(
        names=tuple(f"error {number}" for number in range(num)),
        corners=Corners(Interval(0.34, -9.4, 10.0), (one,) * num, (one,) * num),
        indices=Indices(tuple(first), tuple(total), 1.0),
        distance=(one, one),
        change=(one,) * (num + 1),
        solver=(one, one),
        stuck=(0, 9),
    )


KNOWN, BELOW = Interval(0.8, 0.7, 0.9), Interval(-0.05, -0.2, 0.1)


BUDGET = budget_of(
    [KNOWN, Interval(3.0, -20.0, 300.0), BELOW],
    [KNOWN, Interval(0.7, 0.1, 170.0), BELOW],
)


def arrows(axes, marker):
    """Where the arrows of one kind end intervals, by row."""
    lines = [line for line in axes.lines if line.get_marker() == marker]
    found = np.concatenate([line.get_xydata() for line in lines])
    return found[np.argsort(found[:, 1])]


def test_indices_lie_in_0_to_1_and_intervals_that_go_on_have_arrows():
    """The first is known; of the second the points say nothing; the third is small."""
    axes = rr.plots.plot_budget(BUDGET).axes[2]
    assert axes.get_xlim() == (LOW, HIGH)
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert LOW <= min(widths)
    assert max(widths) == HIGH  # of an estimate of 3
    lines = [one for one in axes.collections if isinstance(one, LineCollection)]
    x = np.concatenate([end for line in lines for end in line.get_segments()])[:, 0]
    assert (x.min(), x.max()) == (LOW, HIGH)
    assert arrows(axes, ">") == pytest.approx(np.array([[HIGH, 0.8], [HIGH, 1.2]]))
    assert arrows(axes, "<") == pytest.approx(
        np.array([[LOW, 0.8], [LOW, 1.8], [LOW, 2.2]])
    )
    beside = {text.get_position()[1]: text.get_text() for text in axes.texts}
    assert beside == {1.0: "too few points"}


def test_a_budget_has_units_and_says_what_its_lines_are():
    figure = rr.plots.plot_budget(BUDGET)
    alone, saved, index = (axes.get_xlabel() for axes in figure.axes)
    assert "just-noticeable distances" in alone
    assert "% of the whole loss" in saved
    assert "0 to 1" in index
    assert "95 % intervals" in figure.get_supxlabel()
    assert "bootstrap" in figure.get_supxlabel()
    without = rr.plots.plot_budget(dataclasses.replace(BUDGET, indices=None))
    assert "bootstrap" not in without.get_supxlabel()
    for each in (figure, rr.plots.plot_budget(budget_of([KNOWN] * 2, [KNOWN] * 2))):
        each.draw_without_rendering()  # there is room for it, with arrows and without
        assert all(axes.get_position().width > 0.2 for axes in each.axes)


def test_the_title_of_a_budget_has_the_interval_of_the_loss(tmp_path, monkeypatch):
    seen = []

    def spy(budget, *, title):
        seen.append(title)
        return rr.plots.plot_budget(budget, title=title)

    monkeypatch.setattr(_budget, "plot_budget", spy)
    row = {"error": "error 0", "settings": {}} | dict.fromkeys(_budget.NUMBERS)
    report = {"preset": "ring", "loss_full": BUDGET.corners.full._asdict()}
    _budget.write_budget(tmp_path, report | {"errors": [row]}, BUDGET)
    assert "0.34 (-9.4 to 10) just-noticeable distances" in seen[0]


def legend_of(figure):
    (legend,) = figure.legends
    return legend.get_title().get_text(), [t.get_text() for t in legend.get_texts()]


@pytest.mark.parametrize(
    ("found", "level", "said"),
    [
        (NEAR, None, "bars: 90 % intervals"),
        (SAME, None, "bars: 90 % intervals"),
        (FAR, 0.95, "bars: 95 % intervals"),
        (FAR, None, "bars: intervals"),
    ],
)
def test_a_speed_limit_says_which_intervals_its_bars_are(found, level, said):
    figure = rr.plots.plot_speed_limit({"chip": {1e-5: found}}, level=level)
    title, names = legend_of(figure)
    assert title == said
    assert set(names) == {"chip", "just noticeable"}


def test_a_speed_limit_has_a_line_at_1_a_named_band_and_says_what_is_filled():
    figure = rr.plots.plot_speed_limit(
        {"chip": {1e-5: NEAR, 2e-5: FAR}},
        reference=FAR,
        passing={"chip": [1e-5]},
        level=0.8,
    )
    title, names = legend_of(figure)
    assert title == "bars: 80 % and 90 % intervals, filled: passes"
    assert set(names) == {"chip", "just noticeable", "reference"}
    lines = figure.axes[0].lines
    (dashed,) = [line for line in lines if line.get_label() == "just noticeable"]
    assert np.array_equal(dashed.get_ydata(), [1.0, 1.0])
    assert dashed.get_linestyle() == "--"
    figure.draw_without_rendering()
    above = figure.axes[0].get_window_extent().y0
    assert figure.legends[0].get_window_extent().y1 < above  # it hides no bar
    with pytest.raises(ValueError, match="`level` must lie between 0 and 1; got 90"):
        rr.plots.plot_speed_limit({"chip": {1e-5: FAR}}, level=90.0)


@pytest.mark.parametrize(
    ("durations", "ticks"),
    [
        ([10, 20, 40], ["10", "20", "40"]),
        ([0.5, 1, 2, 5, 100], ["0.5", "1", "2", "5", "100"]),
        ([11, 18], ["11", "18"]),
        ([11, 11.1, 18], ["11", "18"]),
        ([10, 10.1, 40], ["10", "20"]),
        ([1e-3, 1.01e-3, 1e3], ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]),
        ([20], ["20"]),
    ],
)
def test_durations_are_plain_numbers_that_do_not_overlap(durations, ticks):
    found = {1e-6 * duration: NEAR for duration in durations}
    figure = rr.plots.plot_speed_limit({"chip": found})
    figure.draw_without_rendering()
    axis = figure.axes[0].xaxis
    labels = [*axis.get_majorticklabels(), *axis.get_minorticklabels()]
    labels = [label for label in labels if label.get_text()]
    assert [label.get_text() for label in labels] == ticks
    boxes = [label.get_window_extent() for label in labels]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
