"""The figure of an error budget."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..studies import ErrorBudget
from ._style import COLOURS, house_style, new_figure


Bars = Float[np.ndarray, "errors 3"]


UNIT = "just-noticeable distances"


ENDS = -0.15, 1.15  # of the axis of indices, which themselves lie in 0 to 1


WIDEST = 0.5  # interval of an index that still tells a large one from a small one


def plot_budget(budget: ErrorBudget, *, title: str = "") -> Figure:
    """Which error costs what? Losses alone and left out, and Sobol indices.

    Bars have their 95 % intervals. What must improve first stands on top: by the total
    index, else by what it saves when left out; the solver, no part of the chip, last.
    An index lies in 0 to 1, and so does its axis: an arrow ends an interval that goes
    on, and an error whose interval is wider than 0.5 has "too few points" beside it.

    Args:
        budget: By `studies.error_budget`.
        title: Title of the figure.

    Example:
        >>> import rram_ode as rr
        >>> from rram_ode.metrics import Interval
        >>> from rram_ode.studies import Corners, ErrorBudget
        >>> some, none = Interval(2.0, 1.5, 2.5), Interval(0.0, -0.1, 0.1)
        >>> budget = ErrorBudget(  # `studies.error_budget` makes one in minutes
        ...     names=("levels", "write"),
        ...     corners=Corners(some, alone=(none, some), saved=(none, some)),
        ...     indices=None,
        ...     distance=(none, some),
        ...     change=(none, some, some),
        ...     solver=(none, none),
        ...     stuck=(0, 564),
        ... )
        >>> figure = rr.plots.plot_budget(budget)
        >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
        ['write', 'levels', 'solver']
    """
    corners, indices = budget.corners, budget.indices
    last = indices.total if indices is not None else corners.saved
    order = sorted(range(len(budget.names)), key=lambda at: -last[at].mean)
    whole = corners.full.mean
    named = lambda found: np.array([found[at] for at in order]).reshape(-1, 3)
    alone, saved = (
        np.concatenate([named(found), [list(of_solver)]])
        for found, of_solver in zip(
            (corners.alone, corners.saved), budget.solver, strict=True
        )
    )
    names = [*(budget.names[at] for at in order), "solver"]
    with house_style():
        figure = new_figure(8.0 if indices is None else 12.0, 1.6 + 0.34 * len(names))
        axes = figure.subplots(1, 2 if indices is None else 3, sharey=True)
        _bars(axes[0], alone, 0.0, 0.6, COLOURS["analog"])
        axes[0].set(xlabel=f"loss with this error alone\n({UNIT})")
        axes[0].set_yticks(range(len(names)), names)
        axes[0].invert_yaxis()
        fraction = 100 * saved / (whole if whole > 0 else np.nan)
        _bars(axes[1], fraction, 0.0, 0.6, COLOURS["analog"])
        axes[1].set(xlabel="saved when left out\n(% of the whole loss)")
        if indices is not None:
            _indices(axes[2], *map(named, (indices.first, indices.total)))
        how = "over chips" if indices is None else "over chips; index: bootstrap"
        figure.supxlabel(f"lines: 95 % intervals ({how})", fontsize=9)
        figure.suptitle(title)
    return figure


def _bars(
    axes: Axes,
    values: Bars,
    shift: float,
    height: float,
    colour: str,
    label: str | None = None,
) -> None:
    middle, low, high = values.T
    places = np.arange(len(values)) + shift
    axes.barh(places, middle, height, color=colour, alpha=0.75, label=label)
    axes.hlines(places, low, high, color="k", lw=1)
    axes.axvline(0.0, color="k", lw=0.6)


def _indices(axes: Axes, first: Bars, total: Bars) -> None:
    """Indices of both kinds within 0 to 1, and where their intervals tell nothing."""
    low, high = ENDS
    for values, shift, kind, label in (
        (first, -0.2, "digital", "first order"),
        (total, 0.2, "data", "total"),
    ):
        _bars(axes, np.clip(values, low, high), shift, 0.36, COLOURS[kind], label)
        places = np.arange(len(values)) + shift
        for is_on, end, marker in (
            (values[:, 1] < low, low, "<"),
            (values[:, 2] > high, high, ">"),
        ):
            for place in places[is_on]:
                axes.plot(end, place, marker, ms=4, color="k", clip_on=False)
    wide = np.maximum(*(values[:, 2] - values[:, 1] for values in (first, total)))
    beside = axes.get_yaxis_transform()  # of the axes across, of errors up
    for place in np.flatnonzero(~(wide <= WIDEST)):
        text = "too few points"
        axes.text(1.03, float(place), text, va="center", fontsize=7, transform=beside)
    axes.axvline(1.0, color="k", lw=0.6, ls=":")
    axes.set(xlabel="Sobol index, 0 to 1\n(share of the loss's variance)", xlim=ENDS)
    axes.set_xticks([0.0, 0.5, 1.0])
    axes.legend(loc="lower right")
