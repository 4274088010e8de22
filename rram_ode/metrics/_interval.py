"""Confidence intervals from independent repeats, and the floor of the metrics."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import jax.random as jr
import numpy as np
from scipy import stats
from scipy.special import stdtrit

from .._core._types import Key, Points
from ._quality import Quality, quality


class Interval(NamedTuple):
    """A mean, or what a function says instead, and its limits, in the unit of both."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float], level: float = 0.95) -> Interval:
    r"""Student's interval, $\bar v \pm t_{(1 + \mathrm{level})/2,\,n-1}\; s/\sqrt n$.

    The values must come from independent runs, with fresh noise and fresh data to
    compare with. A bootstrap of one run will not do: resampled points repeat and leave
    bins empty, which raises histogram divergences. 20,000 points of the ring against
    fresh data gave a `kl_2d` of 0.055; the middle 95 % of their bootstrap began at
    0.076.

    Args:
        values: One value per run, two or more.
        level: Probability that the interval covers the mean, between 0 and 1.

    Raises:
        ValueError: If there are fewer than two values, a value is not finite, or
            `level` is outside (0, 1).
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


def median_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    r"""The median and its interval between two order statistics.

    It covers the median of any law with at least the probability `level`: the r-th
    smallest of n values lies above the median only if fewer than r of them lie below,
    and their number is binomial. Too few values have an infinite interval (fewer than
    five at 90 %, fewer than six at 95 %).

    Source: W. R. Thompson, Ann. Math. Stat. 7, 122 (1936).

    Args:
        values: One value per run, one or more.
        level: Probability that the interval covers the median, between 0 and 1.

    Raises:
        ValueError: If there is no value, a value is not finite, or `level` is outside
            (0, 1).
    """
    array = np.sort(np.asarray(values, np.float64))
    if array.ndim != 1 or array.size < 1 or not np.isfinite(array).all():
        raise ValueError(
            f"`values` must be one or more finite numbers; got {array.tolist()}."
        )
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1; got {level}. Try 0.95.")
    middle, num = float(np.median(array)), array.size
    below = stats.binom.cdf(np.arange(num), num, 0.5)  # that r or fewer lie below
    rank = int(np.sum(below <= (1 - level) / 2))
    if rank == 0:
        return Interval(middle, -np.inf, np.inf)
    return Interval(middle, float(array[rank - 1]), float(array[-rank]))


@runtime_checkable
class _Drawable(Protocol):
    """A source of fresh points, such as a data set or an exact score."""

    def sample(self, num_samples: int, *, key: Key) -> Points: ...


def floor(
    dataset: _Drawable, num_samples: int, *, key: Key, repeats: int
) -> list[Quality]:
    """Metrics of data against fresh data, `repeats` times with `num_samples` points.

    A perfect sampler would reach them: no metric of finitely many points is zero.

    Raises:
        ValueError: If `repeats < 1`.
    """
    if repeats < 1:
        raise ValueError(f"`repeats` must be 1 or more; got {repeats}.")
    return [
        quality(
            dataset.sample(num_samples, key=samples_key),
            dataset.sample(num_samples, key=data_key),
        )
        for samples_key, data_key in jr.split(key, (repeats, 2))
    ]
