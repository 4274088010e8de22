"""The style that all figures have in common."""

import contextlib
from collections.abc import Iterator
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.figure import Figure


COLOURS = {"data": "#4d4d4d", "digital": "#0072b2", "analog": "#d55e00"}


_SETTINGS: dict[Any, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 72,  # in notebooks, which keep their figures
    "font.size": 9,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}


@contextlib.contextmanager
def house_style() -> Iterator[None]:
    """Context in which matplotlib has the settings of the package."""
    with matplotlib.rc_context(_SETTINGS):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Empty figure of `width` x `height` inches that belongs to no window."""
    figure = plt.figure(figsize=(width, height), dpi=100)
    plt.close(figure)
    return figure
