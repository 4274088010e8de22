"""The figure of a comparison: quality against energy and time, and what moves it."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from ._style import house_style, new_figure


Points = Float[np.ndarray, "rows 3"]


_MARKERS = {"analog": "*", "euler": "o", "heun": "s", "tsit5": "^", "dpm-solver++": "D"}


def plot_comparison(
    names: Sequence[str],
    labels: Sequence[str],
    quality: Points,
    costs: Mapping[str, Points],
    fronts: Mapping[str, Sequence[int]],
    swings: Mapping[str, tuple[float, float]],
    ratio: str,
    title: str,
) -> Figure:
    """Quality against each cost with intervals, Pareto fronts, and a tornado plot.

    Args:
        names: Sampler of each row, or `analog`.
        labels: Machine of each row.
        quality: Mean, low, high of each row; smaller is better.
        costs: Nominal, low, high of each row by axis label; NaN where not known.
        fronts: Rows on the Pareto front by axis label, cheapest first.
        swings: The ratio with a constant at its low and at its high end, by constant.
        ratio: Name of the ratio that swings.
        title: Title of the figure.
    """
    with house_style():
        figure = new_figure(13.0, 5.2)
        axes = figure.subplots(1, len(costs) + 1)
        for one, (label, cost) in zip(axes, costs.items(), strict=False):
            _scatter(one, names, labels, quality, cost, fronts[label], label)
        _tornado(axes[-1], swings, ratio)
        handles, texts = axes[0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside lower center", ncols=6, fontsize=7)
        figure.suptitle(title)
    return figure


def _scatter(
    axes: Axes,
    names: Sequence[str],
    labels: Sequence[str],
    quality: Points,
    cost: Points,
    front: Sequence[int],
    label: str,
) -> None:
    machines = list(dict.fromkeys(labels))
    colours = dict(zip(machines, _spread(len(machines)), strict=True))
    named = set()
    for row, (name, machine) in enumerate(zip(names, labels, strict=True)):
        middle, low, high = cost[row]
        if not np.isfinite(middle):
            continue
        mean, lower, upper = quality[row]
        axes.errorbar(
            middle,
            mean,
            xerr=[[max(middle - low, 0)], [max(high - middle, 0)]],
            yerr=[[max(mean - lower, 0)], [max(upper - mean, 0)]],
            fmt=_MARKERS.get(name, "x"),
            ms=10 if name == "analog" else 5,
            color=colours[machine],
            lw=0.6,
            label=None if machine in named else machine,
        )
        named.add(machine)
    x, y = cost[list(front), 0], quality[list(front), 0]
    axes.step(x, y, where="post", color="0.5", lw=1, zorder=0)
    axes.set(xscale="log", xlabel=label, ylabel="kl_2d (smaller is better)")


def _spread(num: int) -> list[tuple[float, ...]]:
    """As many colours as `num`, spread over the colour map."""
    return [tuple(c) for c in matplotlib.colormaps["turbo"](np.linspace(0, 1, num))]


def _tornado(axes: Axes, swings: Mapping[str, tuple[float, float]], ratio: str) -> None:
    most = list(swings.items())[:10][::-1]
    for number, (_, (low, high)) in enumerate(most):
        left, right = min(low, high), max(low, high)
        axes.barh(number, right - left, left=left, color="#0072b2", alpha=0.7)
    axes.set_yticks(range(len(most)), [name for name, _ in most], fontsize=7)
    axes.set(
        xscale="log",
        title="one constant at its ends, others nominal",
        xlabel=ratio,
    )
    # Labels of every minor tick would overlap.
    axes.xaxis.set_minor_locator(LogLocator(subs=(2, 5)))
