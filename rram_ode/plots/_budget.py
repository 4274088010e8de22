"""The figure of an error budget."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..studies import ErrorBudget
from ._style import COLOURS, house_style, new_figure


Bars = Float[np.ndarray, "errors 3"]


def plot_budget(budget: ErrorBudget, *, title: str = "") -> Figure:
    """Which error costs what? Losses alone and left out, and Sobol indices.

    Bars have their intervals. What must improve first stands on top: by the total
    index, else by what it saves when left out; the solver, no part of the chip, last.

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
    nothing = np.full((1, 3), np.nan)
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
        axes[0].set(xlabel="loss with this error alone")
        axes[0].set_yticks(range(len(names)), names)
        axes[0].invert_yaxis()
        fraction = 100 * saved / (whole if whole > 0 else np.nan)
        _bars(axes[1], fraction, 0.0, 0.6, COLOURS["analog"])
        axes[1].set(xlabel="saved when left out (% of the whole loss)")
        if indices is not None:
            first, total = (
                np.concatenate([named(found), nothing])
                for found in (indices.first, indices.total)
            )
            _bars(axes[2], first, -0.2, 0.36, COLOURS["digital"], "first order")
            _bars(axes[2], total, 0.2, 0.36, COLOURS["data"], "total")
            axes[2].set(xlabel="Sobol index")
            axes[2].legend(loc="lower right")
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
