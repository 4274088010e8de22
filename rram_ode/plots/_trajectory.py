"""The figure of a solve in volts over circuit time."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..system import Run, Trace
from ._style import house_style, new_figure


MOST_PANELS = 4  # coordinates


MOST_TICKS = 5  # of volts, less one: more would overlap across the plane


NAMES = ("first", "second", "third", "fourth")


def plot_trajectory(run: Run, *, title: str = "") -> Figure:
    """What does a solve look like in volts? The first samples over circuit time.

    Each of the first four coordinates has a panel, and the first two have a plane, in
    which a dot ends each solve. All panels have the same volts. The figure's title says
    how many samples are shown.

    Args:
        run: Samples of a chip, by `System.sample`.
        title: Title of the figure, before the number of samples.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-ideal")
        >>> figure = rr.plots.plot_trajectory(system.sample(system.program(), 8))
        >>> figure.axes[0].get_ylabel(), len(figure.axes)
        ('integrator output (mV)', 3)
    """
    trace = run.trajectory
    dim, few = trace.v.shape[1:]
    num = min(dim, MOST_PANELS)
    with house_style():
        figure = new_figure(3.4 * (num + (dim > 1)), 3.2)
        panels = figure.subplots(1, num + (dim > 1), squeeze=False)[0]
        for coordinate, axes in enumerate(panels[:num]):
            draw_trace(axes, trace, coordinate)
            axes.set_title(f"{NAMES[coordinate]} coordinate")
        if dim > 1:
            _plane(panels[-1], trace)
        _share_volts(panels[:num], panels[num:])
        shown = f"{few} of {run.num} samples"
        figure.suptitle(f"{title}: {shown}" if title else shown)
    return figure


def draw_trace(axes: Axes, trace: Trace, coordinate: int = 0) -> None:
    """One coordinate of the state of a few samples over circuit time."""
    for v in trace.v[:, coordinate].T:
        axes.plot(trace.taus * 1e6, v * 1e3, lw=0.8, alpha=0.8)
    axes.set(
        title=f"state of the analog loop, {NAMES[coordinate]} coordinate",
        xlabel="circuit time (µs)",
        ylabel="integrator output (mV)",
    )


def _plane(axes: Axes, trace: Trace) -> None:
    """The first two coordinates in their plane, with a dot at each end."""
    v = trace.v[:, :2] * 1e3
    for one in np.moveaxis(v, -1, 0):
        (line,) = axes.plot(*one.T, lw=0.8, alpha=0.8)
        axes.plot(*one[-1:].T, "o", ms=3, color=line.get_color())
    axes.set(
        title="first two coordinates, dots: ends",
        xlabel="first integrator (mV)",
        ylabel="second integrator (mV)",
        aspect="equal",
    )


def _share_volts(over_time: np.ndarray, planes: np.ndarray) -> None:
    """Give the volts of all panels one range that holds them all, and its ticks."""
    ends = np.array([axes.get_ylim() for axes in over_time])
    low, high = ends[:, 0].min(), ends[:, 1].max()
    found = MaxNLocator(MOST_TICKS).tick_values(low, high)
    ticks = [tick for tick in found if low <= tick <= high]
    for axes in (*over_time, *planes):
        axes.set(ylim=(low, high), yticks=ticks)
    for axes in planes:
        axes.set(xlim=(low, high), xticks=ticks)
