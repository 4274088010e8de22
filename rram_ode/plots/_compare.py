"""The figure of a comparison: distance against energy and time, and what moves it."""

import math
from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ._style import house_style, new_figure


Points = Float[np.ndarray, "rows 3"]


_MARKERS = {
    "analog, integrated": "*",
    "analog, integrated-45nm": "*",
    "analog, board": "*",
    "euler": "o",
    "heun": "s",
    "tsit5": "^",
    "dpm-solver++": "D",
}


# Hollow, and each of another shape: some of them share their samples and their costs.
_HOLLOW = {
    "fp32": "<",
    "bf16": ">",
    "guo": "s",
    "ditto": "D",
    "step-wise": "^",
    "sq-dm": "v",
    "pssa-tips": "P",
    "softermax": "X",
    "rram-steps": "h",
    "rram-steps-delta": "p",
}


# Of a power of ten, at the ticks of an axis: the coarsest that gives two of them.
_FACTORS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))


PANELS, LINE = 4.4, 0.155  # inches: height of the panels, and of a line of the legend


LEGEND, GAP = 220, 6  # characters across a legend, and between two of its entries


def plot_comparison(
    names: Sequence[str],
    labels: Sequence[str],
    distance: Points,
    costs: Mapping[str, Points],
    fronts: Mapping[str, Sequence[int]],
    swings: Mapping[str, tuple[float, float]],
    ratio: str,
    title: str,
) -> Figure:
    """Distance against each cost with intervals, Pareto fronts, and a tornado plot.

    Args:
        names: System of each row.
        labels: Machine of each row.
        distance: Mean, low, high of each row, in just-noticeable distances.
        costs: Nominal, low, high of each row by axis label; NaN where not known.
        fronts: Rows on the Pareto front by axis label, cheapest first.
        swings: The ratio with a constant at its low and at its high end, by constant.
        ratio: Name of the ratio that swings.
        title: Title of the figure.
    """
    with house_style():
        figure = new_figure(13.0, 5.2)
        # Where no ratio swings there is nothing to draw beside the costs.
        axes = figure.subplots(1, len(costs) + bool(swings))
        for one, (label, cost) in zip(axes, costs.items(), strict=False):
            _scatter(one, names, labels, distance, cost, fronts[label], label)
        if swings:
            _tornado(axes[-1], swings, ratio)
        handles, texts = axes[0].get_legend_handles_labels()
        longest = max(map(len, texts), default=1)
        columns = max(min(LEGEND // (longest + GAP), 6), 1)
        figure.set_figheight(PANELS + LINE * math.ceil(len(texts) / columns))
        figure.legend(
            handles, texts, loc="outside lower center", ncols=columns, fontsize=7
        )
        figure.suptitle(title)
    return figure


def _scatter(
    axes: Axes,
    names: Sequence[str],
    labels: Sequence[str],
    distance: Points,
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
        mean, lower, upper = distance[row]
        system, colour = name.partition(" on ")[0], colours[machine]
        marker = _HOLLOW.get(system, _MARKERS.get(system, "x"))
        axes.errorbar(
            middle,
            mean,
            xerr=[[max(middle - low, 0)], [max(high - middle, 0)]],
            yerr=[[max(mean - lower, 0)], [max(upper - mean, 0)]],
            fmt=marker,
            ms=10 if name.startswith("analog") else 6,
            mfc="none" if system in _HOLLOW else colour,
            color=colour,
            lw=0.6,
            label=None if machine in named else machine,
        )
        named.add(machine)
    x, y = cost[list(front), 0], distance[list(front), 0]
    axes.step(x, y, where="post", color="0.5", lw=1, zorder=0)
    axes.axhline(0.0, color="0.8", lw=0.8, zorder=0)
    axes.set(
        xscale="log", xlabel=label, ylabel="distance to the data (just noticeable: 1)"
    )
    # A row may be a thousand times as far away as the others, and its interval below 0.
    axes.set_yscale("symlog", linthresh=1.0, subs=range(2, 10))
    lowest = np.min(distance[np.isfinite(cost[:, 0])], initial=0.0)
    axes.set_ylim(bottom=min(lowest, -0.1))
    _set_ticks(axes)


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
    _set_ticks(axes)


def _set_ticks(axes: Axes) -> None:
    """Ticks of a logarithmic axis that are two or more and do not overlap."""
    low, high = axes.get_xlim()
    if high > 100 * low:
        return
    decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    for factors in _FACTORS:
        found = [factor * 10.0**decade for decade in decades for factor in factors]
        ticks = [one for one in found if low <= one <= high]
        if len(ticks) > 1:
            break
    else:  # so narrow that it is nearly linear
        found = MaxNLocator(3).tick_values(low, high)
        ticks = [one for one in found if low <= one <= high]
    axes.set_xticks(ticks, [_power(one) for one in ticks])
    axes.set_xticks([], minor=True)


def _power(value: float) -> str:
    """A number as a factor of a power of ten, for a tick."""
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = f"{value / 10.0**exponent:.3g}"
    power = f"10^{{{exponent}}}"
    return f"${power}$" if factor == "1" else f"${factor} \\times {power}$"
