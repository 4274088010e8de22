"""Shares of samples that the histograms do not see."""

import numpy as np

from ._histogram import KL_1D_RANGE
from ._points import Samples


def outside_fraction(samples: Samples) -> float:
    """Share of coordinates outside the range of `kl_1d`, [-4, 4].

    NaN and infinity count as outside. Takes any input; 0 for an empty one.
    """
    points = np.asarray(samples, np.float64)
    low, high = KL_1D_RANGE
    return float(np.mean(~((points >= low) & (points <= high)))) if points.size else 0.0


def non_finite_fraction(samples: Samples) -> float:
    """Share of samples with a NaN or infinite coordinate.

    Takes any input; 0 for an empty one.
    """
    points = np.asarray(samples, np.float64)
    return float(np.mean(~np.isfinite(points).all(axis=1))) if points.size else 0.0
