"""The figure of clipping: which nodes meet their limits, how often, and when."""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..system import Run
from ._style import COLOURS, house_style, new_figure


WIDEST = 50  # characters of a line within a panel


def plot_clipping(run: Run, *, title: str = "") -> Figure:
    """Where do signals meet their limits, how often, and when?

    Left, for each class of nodes: the fraction of nodes and times beyond the limit, and
    the fraction of samples with such a node at a time that was looked at. Right: the
    fraction of nodes over circuit time, without converters, which have no time. A panel
    that has nothing to show says so in words, without axes.

    Args:
        run: Samples of a chip, by `System.sample`.
        title: Title of the figure.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh", {"crossbar.headroom": 0.5})
        >>> run = system.sample(system.program(), 8)
        >>> figure = rr.plots.plot_clipping(run)
        >>> figure.axes[1].get_xlabel(), figure.axes[1].get_ylabel()
        ('circuit time (µs)', 'nodes beyond their limit (%)')
    """
    with house_style():
        is_clipped = any(each["samples"] for each in run.clipped.values())
        lines = max(len(run.clipped), 4) if is_clipped else 0
        figure = new_figure(9.0, 1.6 + 0.34 * lines)
        left, right = figure.subplots(1, 2)
        _bars(left, run)
        _over_time(right, run)
        figure.suptitle(title)
    return figure


def _bars(axes: Axes, run: Run) -> None:
    names, found = list(run.clipped), list(run.clipped.values())
    if not any(each["samples"] for each in found):
        where = ", ".join(name.replace(" ", "\u00a0") for name in names)
        text = f"no node was beyond its limit\nin {run.num} samples:\n{where}"
        _say_alone(axes, "how often", text)
        return
    kinds = (
        ("nodes and times", [each["share"] for each in found], -0.2, "digital"),
        ("samples", [each["samples"] / run.num for each in found], 0.2, "analog"),
    )
    for label, fractions, shift, colour in kinds:
        places, percent = np.arange(len(names)) + shift, 100 * np.array(fractions)
        bars = axes.barh(places, percent, 0.38, color=COLOURS[colour], label=label)
        texts = [f"{value:.2g}" if value else "" for value in percent]
        axes.bar_label(bars, texts, padding=2, fontsize=7)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(title="how often", xlabel="beyond its limit (%)")
    axes.margins(x=0.12)
    axes.set_xlim(left=0.0)
    axes.legend()


def _over_time(axes: Axes, run: Run) -> None:
    if not any(map(np.any, run.clipped_over_time.values())):
        _say_alone(axes, "when", "no node was beyond its limit\nduring the solve")
        return
    for name, fraction in run.clipped_over_time.items():
        axes.plot(1e6 * run.trajectory.taus, 100 * fraction, lw=1, label=name)
    axes.set(
        title="when",
        xlabel="circuit time (µs)",
        ylabel="nodes beyond their limit (%)",
    )
    axes.set_ylim(bottom=0.0)
    axes.legend()


def _say_alone(axes: Axes, title: str, text: str) -> None:
    """A panel of a sentence, without axes that would have nothing on them."""
    axes.set_title(title)
    axes.set_axis_off()
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, WIDEST)]
    axes.text(
        0.5, 0.5, "\n".join(lines), ha="center", va="center", transform=axes.transAxes
    )
