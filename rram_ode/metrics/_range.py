"""Fractions of samples that the histograms leave out."""

import numpy as np

from ._points import Data, Samples
from ._window import line_window, PAPER_LINE


def outside_fraction(samples: Samples, data: Data | None = None) -> float:
    """Fraction of coordinates outside the range of `kl_1d` for `data`.

    NaN and infinity count as outside. Every input is accepted; an empty one gives 0.

    Args:
        samples: Generated points.
        data: What they are compared with; `None` for the paper's range, [-4, 4].
    """
    points = np.asarray(samples, np.float64)
    low, high = PAPER_LINE
    if data is not None:
        low, high = line_window(np.asarray(data, np.float64))
    return float(np.mean(~((points >= low) & (points <= high)))) if points.size else 0.0


def non_finite_fraction(samples: Samples) -> float:
    """Fraction of samples with a NaN or infinite coordinate.

    Every input is accepted; an empty one gives 0.
    """
    points = np.asarray(samples, np.float64)
    return float(np.mean(~np.isfinite(points).all(axis=1))) if points.size else 0.0
