"""The figure of a sweep: distance and yield over the swept settings."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from .._core._units import format_quantity
from ..config import Axis
from ..metrics import Interval
from ..studies import PointSummary
from ._style import house_style, new_figure


WIDE = 30.0  # just-noticeable distances, from which on the axis is logarithmic


MOST_NAMED = 10  # curves that the legend names


def plot_sweep(
    axes: Sequence[Axis],
    points: Sequence[PointSummary],
    *,
    units: Mapping[str, str] | None = None,
    title: str = "",
) -> Figure:
    """How good are the chips, and how many are good, over the settings of a sweep?

    The axis with most values runs along the abscissa, and a curve is drawn for each
    choice of the others. Above is the median distance to the data over chips, below the
    fraction of good chips, both with 95 % intervals over chips.

    Args:
        axes: The swept settings; a sweep without any has one point.
        points: `summarise` of it, in its order.
        units: SI base units of swept settings by name; a setting without one is a pure
            number, or text.
        title: Title of the figure.

    Raises:
        ValueError: If the points are not those of the axes.

    Example:
        >>> from rram_ode.config import Axis
        >>> from rram_ode.metrics import Interval
        >>> from rram_ode.plots import plot_sweep
        >>> from rram_ode.studies import PointSummary
        >>> many = Interval(0.5, 0.4, 0.6)
        >>> points = [
        ...     PointSummary({"solve.duration": d}, 9, 0, many, many, 1e-6, 0.0, {})
        ...     for d in (1e-5, 2e-5)
        ... ]
        >>> swept, units = Axis("solve.duration", (1e-5, 2e-5)), {"solve.duration": "s"}
        >>> figure = plot_sweep([swept], points, units=units)
        >>> figure.axes[1].get_xlabel()
        'solve.duration'
    """
    shape = tuple(len(axis.values) for axis in axes)
    if math.prod(shape) != len(points):
        raise ValueError(
            f"`points` must be those of a grid {shape}; got {len(points)}."
        )
    units = units or {}
    said = lambda one: f"{one[0]} {_value(one[1], units.get(one[0], ''))}"
    longest = int(np.argmax(shape)) if axes else 0
    name = axes[longest].name if axes else "this design"
    curves: dict[str, list[PointSummary]] = {}
    for point in points:
        rest = {k: v for k, v in point.settings.items() if k != name}
        curves.setdefault(", ".join(map(said, rest.items())), []).append(point)
    with house_style():
        figure = new_figure(6.4, 5.2)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        x = _places(upper, axes[longest] if axes else None, units.get(name, ""))
        highest = 1.0
        for number, (label, found) in enumerate(curves.items()):
            colour = f"C{number % 10}"
            named = label if number < MOST_NAMED else None
            _draw(upper, x, [each.distance for each in found], colour, named)
            _draw(lower, x, [each.good for each in found], colour, None)
            means = [each.distance.mean for each in found if each.distance]
            highest = max([highest, *means])
        upper.axhline(1.0, color="grey", lw=0.8, ls=":")
        upper.axhline(0.0, color="k", lw=0.6)
        if highest > WIDE:
            upper.set_yscale("symlog", linthresh=1.0)
            upper.set_ylim(top=3 * highest)
        upper.set_ylim(bottom=min(_lows(points)))
        upper.set(
            ylabel="median distance to the data\n(just noticeable: 1)", title=title
        )
        lower.set(ylabel="fraction of good chips", xlabel=name, ylim=(-0.03, 1.03))
        if len(curves) > 1:
            upper.legend(fontsize=7)
    return figure


def _places(axes: Axes, axis: Axis | None, unit: str) -> np.ndarray:
    """Where the values lie on the abscissa, whose scale is theirs."""
    if axis is not None and axis.is_numeric:
        values = np.array(axis.values, float)
        if len(values) > 2 and values.min() > 0 and _is_geometric(values):
            axes.set_xscale("log")
        if unit:
            axes.xaxis.set_major_formatter(EngFormatter(unit))
        return values
    values = ["all chips"] if axis is None else axis.values
    labels = [_value(value, unit) for value in values]
    axes.set_xticks(range(len(labels)), labels)
    return np.arange(len(labels), dtype=float)


def _is_geometric(values: np.ndarray) -> bool:
    """Whether values are spread more evenly by their ratios than by distances."""
    spread = lambda steps: float(np.std(steps) / np.abs(np.mean(steps)))
    return spread(np.diff(np.log(np.sort(values)))) < spread(np.diff(np.sort(values)))


def _draw(
    axes: Axes,
    x: np.ndarray,
    found: Sequence[Interval | None],
    colour: str,
    label: str | None,
) -> None:
    y = np.array([(math.nan,) * 3 if each is None else each for each in found], float)
    bars = np.where(np.isfinite(y[:, 1:]), np.abs(y[:, 1:] - y[:, :1]), math.nan).T
    axes.errorbar(
        x, y[:, 0], bars, fmt="o-", ms=4, lw=1, capsize=2, color=colour, label=label
    )


def _lows(points: Sequence[PointSummary]) -> list[float]:
    """Distances and their lower ends, the lowest that the figure must show."""
    found = [end for each in points if each.distance for end in each.distance[:2]]
    return [0.0, *(end for end in found if math.isfinite(end))]


def _value(value: Any, unit: str) -> str:
    return format_quantity(value, unit, 3) if isinstance(value, float) else str(value)
