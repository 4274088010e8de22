"""The figure of an error budget."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._style import COLOURS, house_style, new_figure


Bars = Float[np.ndarray, "errors 3"]


def plot_budget(
    names: Sequence[str],
    alone: Bars,
    saved: Bars,
    first: Bars | None,
    total: Bars | None,
    title: str,
) -> Figure:
    """Losses one at a time and leave one out, and Sobol indices, with their intervals.

    The three columns of each array are mean, lower end and upper end.

    Args:
        names: Names of the errors, from top to bottom.
        alone: Loss with each error alone.
        saved: Fraction of the whole loss that leaving out each error saves.
        first: Sobol indices of first order; `None` leaves the panel out.
        total: Total Sobol indices, or `None`.
        title: Title of the figure.
    """
    with house_style():
        figure = new_figure(12.0 if first is not None else 8.0, 1.6 + 0.34 * len(names))
        axes = figure.subplots(1, 2 if first is None else 3, sharey=True)
        _bars(axes[0], alone, 0.0, 0.6, COLOURS["analog"])
        axes[0].set(xlabel="loss with this error alone")
        axes[0].set_yticks(range(len(names)), list(names))
        axes[0].invert_yaxis()
        _bars(axes[1], 100 * saved, 0.0, 0.6, COLOURS["analog"])
        axes[1].set(xlabel="saved when left out (% of the whole loss)")
        if first is not None and total is not None:
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
