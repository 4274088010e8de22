"""The figure of a speed limit: quality over the duration of a solve."""

from collections.abc import Collection, Mapping

import numpy as np
from matplotlib.figure import Figure

from ..metrics import Difference, Interval
from ..system import Measured
from ._style import house_style, new_figure


WIDE = 30.0  # just-noticeable distances, from which on the axis is logarithmic


Quality = Measured | Interval | Difference


def plot_speed_limit(
    curves: Mapping[str, Mapping[float, Quality]],
    *,
    reference: Measured | Interval | None = None,
    passing: Mapping[str, Collection[float]] | None = None,
    title: str = "",
) -> Figure:
    """How fast may the chip run? Quality over the duration of a solve.

    Bars are intervals. Filled points pass: those of `passing`, or, of the verdicts of
    `studies.speed_limit`, those that are as good as the reference. Without either all
    are filled.

    Args:
        curves: By name of the chip or of its op-amps: what was found of each duration,
            in seconds. A distance to the data (`system.judge(x).distance`) or an
            interval of such distances is in just-noticeable distances; differences
            (`Band.verdicts`) are drawn in units of their own just-noticeable one.
        reference: What the curves are to be compared with, drawn as a band.
        passing: By the same names, the durations that pass.
        title: Title of the figure.

    Raises:
        ValueError: If there is no curve, or differences are mixed with distances.

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
    with house_style():
        figure = new_figure(6.4, 4.0)
        axes, lowest, highest = figure.subplots(), 0.0, 1.0
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
            lowest = min(lowest, float(np.nanmin(y)))
            highest = max(highest, float(np.nanmax(y)))
        if reference is not None:
            _, low, high = _ends(reference)
            axes.axhspan(low, high, color="grey", alpha=0.2, lw=0)
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
        axes.axhline(0.0, color="k", lw=0.6)
        axes.legend()
    return figure


def _ends(found: Quality) -> tuple[float, float, float]:
    """Middle, lower and upper end, in just-noticeable distances."""
    scale = 1 / found.delta if isinstance(found, Difference) else 1.0
    middle = found.mean if isinstance(found, Interval) else found.value
    return scale * middle, scale * found.low, scale * found.high


def _passes(duration: float, found: Quality, passing: Collection[float] | None) -> bool:
    if passing is not None:
        return duration in passing
    return found.is_as_good if isinstance(found, Difference) else True
