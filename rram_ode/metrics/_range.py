"""Fractions of samples that the histograms leave out."""

import numpy as np

from ._histogram import KL_1D_RANGE
from ._points import Samples


def outside_fraction(samples: Samples) -> float:
    """Fraction of coordinates outside the range of `kl_1d`, [-4, 4].

    NaN and infinity count as outside. Every input is accepted; an empty one gives 0.
    """
    points = np.asarray(samples, np.float64)
    low, high = KL_1D_RANGE
    return float(np.mean(~((points >= low) & (points <= high)))) if points.size else 0.0


def non_finite_fraction(samples: Samples) -> float:
    """Fraction of samples with a NaN or infinite coordinate.

    Every input is accepted; an empty one gives 0.
    """
    points = np.asarray(samples, np.float64)
    return float(np.mean(~np.isfinite(points).all(axis=1))) if points.size else 0.0
