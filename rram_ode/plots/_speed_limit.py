"""The figure of a speed limit: quality over the duration of a solve."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..metrics import Difference, Interval, LEVEL
from ..system import Measured
from ._style import house_style, new_figure


WIDE = 30.0  # just-noticeable distances, from which on the axis is logarithmic


CLOSE = 0.06  # of the length of the axis: ticks with less between them overlap


PANEL, LINE = 4.0, 0.2  # inches: height without the legend, and of a line of it


Quality = Measured | Interval | Difference


def plot_speed_limit(
    curves: Mapping[str, Mapping[float, Quality]],
    *,
    reference: Measured | Interval | None = None,
    passing: Mapping[str, Collection[float]] | None = None,
    level: float | None = None,
    title: str = "",
) -> Figure:
    """How fast may the chip run? Quality over the duration of a solve.

    Bars are intervals, and the legend says which. Filled points pass: those of
    `passing`, or, of the verdicts of `studies.speed_limit`, those that are as good as
    the reference. Without either all are filled. A dashed line is the just-noticeable
    distance.

    Args:
        curves: By name of the chip or of its op-amps: what was found of each duration,
            in seconds. A distance to the data (`system.judge(x).distance`) or an
            interval of such distances is in just-noticeable distances; differences
            (`Band.verdicts`) are drawn in units of their own just-noticeable one.
        reference: What the curves are to be compared with, drawn as a band.
        passing: By the same names, the durations that pass.
        level: Probability that each `Interval` of `curves` covers its value, such as
            0.95; `None` leaves it out of the legend. Measured distances and
            differences have 90 % intervals, which need not be told.
        title: Title of the figure.

    Raises:
        ValueError: If there is no curve, differences are mixed with distances, or
            `level` is outside (0, 1).

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh")
        >>> found = {}
        >>> for duration in (1e-5, 2e-5):
        ...     fast = system.replace({"solve.duration": duration})
        ...     run = fast.sample(fast.program(seed=3), 16)
        ...     found[duration] = fast.judge(run.x).distance
        >>> figure = rr.plots.plot_speed_limit({"chip 3": found})
        >>> figure.axes[0].get_xlabel()
        'duration of a solve (µs)'
    """
    kinds = {
        isinstance(one, Difference)
        for found in curves.values()
        for one in found.values()
    }
    if len(kinds) != 1:
        raise ValueError(
            "`curves` must hold distances, or differences alone; got "
            f"{'both' if kinds else 'neither'}. Draw each in a figure of its own."
        )
    if level is not None and not 0 < level < 1:
        raise ValueError(
            f"`level` must lie between 0 and 1; got {level}. Try 0.95, or leave it out."
        )
    with house_style():
        figure = new_figure(6.4, PANEL)
        axes, lowest, highest, has_hollow = figure.subplots(), 0.0, 1.0, False
        for number, (name, found) in enumerate(curves.items()):
            durations = sorted(found)
            x = 1e6 * np.array(durations)
            y = np.array([_ends(found[duration]) for duration in durations])
            passes = None if passing is None else passing.get(name, ())
            good = np.array([_passes(d, found[d], passes) for d in durations])
            bars = np.abs(y[:, 1:] - y[:, :1]).T
            colour = f"C{number}"
            axes.errorbar(x, y[:, 0], bars, lw=1, capsize=2, color=colour, label=name)
            axes.plot(x[good], y[good, 0], "o", ms=5, color=colour)
            axes.plot(x[~good], y[~good, 0], "o", ms=5, mfc="white", color=colour)
            has_hollow = has_hollow or not good.all()
            lowest = min(lowest, float(np.nanmin(y)))
            highest = max(highest, float(np.nanmax(y)))
        if reference is not None:
            _, low, high = _ends(reference)
            axes.axhspan(low, high, color="grey", alpha=0.2, lw=0, label="reference")
        what = "less that of the reference" if kinds == {True} else "to the data"
        axes.set(
            xscale="log",
            xlabel="duration of a solve (µs)",
            ylabel=f"distance {what} (just noticeable: 1)",
            title=title,
        )
        if highest > WIDE:  # one of them would hide all others
            axes.set_yscale("symlog", linthresh=1.0)
            axes.set_ylim(lowest - 0.5, 2 * highest)
        every = {1e6 * duration for found in curves.values() for duration in found}
        _set_ticks(axes, sorted(every))
        axes.axhline(0.0, color="k", lw=0.6)
        axes.axhline(1.0, color="k", lw=0.8, ls="--", label="just noticeable")
        said = _intervals(curves, level) + (", filled: passes" if has_hollow else "")
        handles, texts = axes.get_legend_handles_labels()
        figure.legend(
            handles,
            texts,
            loc="outside lower center",  # within it would hide bars
            ncols=2,
            title=f"bars: {said}",
        )
        figure.set_figheight(PANEL + LINE * math.ceil(len(texts) / 2))
    return figure


def _set_ticks(axes: Axes, x: Sequence[float]) -> None:
    """Plain numbers, at the durations themselves where they do not lie close."""
    low, high = axes.get_xlim()
    gaps = np.diff(np.log(x)) / math.log(high / low)
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    factors = (1, 2, 5) if len(powers) < 5 else (1,)
    round_numbers = [factor * 10.0**power for power in powers for factor in factors]
    ticks = [tick for tick in round_numbers if low <= tick <= high]
    if np.min(gaps, initial=1.0) >= CLOSE:
        ticks = x
    elif len(ticks) < 2:  # the range is narrow
        ticks = x[0], x[-1]
    axes.set_xticks(ticks, [f"{tick:.4g}" for tick in ticks])
    axes.set_xticks([], minor=True)


def _intervals(
    curves: Mapping[str, Mapping[float, Quality]], level: float | None
) -> str:
    """Which intervals the bars are, as far as it is known."""
    every = [one for found in curves.values() for one in found.values()]
    levels = {level if isinstance(one, Interval) else LEVEL for one in every}
    known = sorted(one for one in levels if one is not None)
    if len(known) < len(levels):
        return "intervals"
    return " and ".join(f"{100 * one:g} %" for one in known) + " intervals"


def _ends(found: Quality) -> tuple[float, float, float]:
    """Middle, lower and upper end, in just-noticeable distances."""
    scale = 1 / found.delta if isinstance(found, Difference) else 1.0
    middle = found.mean if isinstance(found, Interval) else found.value
    return scale * middle, scale * found.low, scale * found.high


def _passes(duration: float, found: Quality, passing: Collection[float] | None) -> bool:
    if passing is not None:
        return duration in passing
    return found.is_as_good if isinstance(found, Difference) else True
