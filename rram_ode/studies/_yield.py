"""Yield: the fraction of chips whose quality is good enough, with its interval."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from ..metrics import Interval


def chip_yield(values: Sequence[float], limit: float, level: float = 0.95) -> Interval:
    """Fraction of chips whose value is `limit` or less, with its exact interval.

    The interval covers the fraction of all chips of the kind with at least the
    probability `level`, also where all or none of those measured are good. A chip whose
    value is NaN is not good.

    Source: Clopper and Pearson, Biometrika 26, 404 (1934).

    Args:
        values: A distance for each of one or more independent chips; less is better.
        limit: Largest value that is good enough.
        level: Probability that the interval covers the fraction, between 0 and 1.

    Raises:
        ValueError: If there is no value, or `level` does not lie between 0 and 1.

    Example:
        >>> import rram_ode as rr
        >>> rr.chip_yield([0.01, 0.02, 0.09, 0.01], limit=0.05).mean
        0.75
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError("`values` must hold a number for one chip or more; got none.")
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1; got {level}. Try 0.95.")
    good = int(np.sum(array <= limit))
    exact = stats.binomtest(good, array.size).proportion_ci(level, method="exact")
    return Interval(good / array.size, float(exact.low), float(exact.high))
