"""Yield: the share of chips whose quality is good enough, with its interval."""

from collections.abc import Sequence

import numpy as np
from scipy.special import betaincinv

from ..metrics import Interval


def chip_yield(values: Sequence[float], limit: float, level: float = 0.95) -> Interval:
    """Share of chips whose value is `limit` or less, with Clopper and Pearson's limits.

    The interval covers the share of all chips of the kind with at least the probability
    `level`, also where all or none of those measured are good. A chip whose value is
    NaN is not good.

    Source: Clopper and Pearson, Biometrika 26, 404 (1934).

    Args:
        values: A distance for each of one or more independent chips: less is better.
        limit: The largest that is good enough.
        level: The probability that the interval covers the share, 0 to 1.

    Raises:
        ValueError: For no value, or a `level` outside (0, 1).

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
    num, tail = array.size, (1 - level) / 2
    good = int(np.sum(array <= limit))
    low = 0.0 if good == 0 else float(betaincinv(good, num - good + 1, tail))
    high = 1.0 if good == num else float(betaincinv(good + 1, num - good, 1 - tail))
    return Interval(good / num, low, high)
