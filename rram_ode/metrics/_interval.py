"""A confidence interval for a metric, from runs with fresh seeds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit


class Interval(NamedTuple):
    """A mean and its confidence limits, in the unit of the values."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float], level: float = 0.95) -> Interval:
    r"""Student's interval, $\bar v \pm t_{(1 + \mathrm{level})/2,\,n-1}\; s/\sqrt n$.

    `values` come from independent runs: fresh noise, and fresh data to compare with.
    Not from a bootstrap of one run: resampled points repeat and empty bins, which moves
    histogram divergences up. 20,000 points of the ring against fresh data gave a
    `kl_2d` of 0.055; the middle 95 % of their bootstrap began at 0.076.

    Args:
        values: one value a run, two or more.
        level: the probability that the interval covers the mean, 0 to 1.

    Raises:
        ValueError: for fewer than two values, a value that is not finite, or a `level`
            outside (0, 1).
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or array.size < 2 or not np.isfinite(array).all():
        raise ValueError(
            "`values` must be two or more finite numbers; got "
            f"{array.tolist()}. Run again with fresh seeds."
        )
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1; got {level}. Try 0.95.")
    mean, error = array.mean(), array.std(ddof=1) / np.sqrt(array.size)
    half = stdtrit(array.size - 1, (1 + level) / 2) * error
    return Interval(float(mean), float(mean - half), float(mean + half))
