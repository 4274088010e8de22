"""Whether samples are copies of what a network was trained on."""

import dataclasses

import numpy as np
from scipy.spatial import KDTree

from ._points import AnyPoints, as_point_array, Samples


NEAREST = 0.05  # fraction of the samples, those that lie nearest to any picture


LIMIT = 3.0  # standard errors


MOST_ERROR = 0.1  # of the share: three are 30 %, so that 80 % is seen; assumed


_SEED = 0  # of the choice of rows


@dataclasses.dataclass(frozen=True)
class Memorised:
    r"""Share of samples whose nearest picture is one that was trained on.

    Of equally many pictures that were trained on and held out, of one law, a sampler
    that has learnt the law lies nearer to either in 50 % of cases. With $n_j$ of the N
    samples nearest to picture j of M, the variance of the share over all choices of
    half of the pictures to train on is exactly

    $$\frac{M}{M - 1} \frac{\sum_j (n_j - N / M)^2}{4 N^2},$$

    whether or not samples are independent of one another.

    Args:
        share: Of all samples.
        error: Its standard error.
        nearest_share: Of the 5 % of samples that lie nearest to any picture.
        nearest_error: Its standard error.
        num: Number of samples.
    """

    share: float
    error: float
    nearest_share: float
    nearest_error: float
    num: int

    @property
    def is_known(self) -> bool:
        """Whether the share is known: its error is above 0, and 10 % or less."""
        return bool(np.isfinite(self.scores).all()) and self.error <= MOST_ERROR

    @property
    def scores(self) -> tuple[float, float]:
        """By how many standard errors the two shares lie above 50 %."""
        pairs = (self.share, self.error), (self.nearest_share, self.nearest_error)
        first, second = (
            (share - 0.5) / error if error > 0 else np.nan for share, error in pairs
        )
        return first, second

    @property
    def is_clean(self) -> bool:
        """Whether both shares are 50 % within three standard errors, on either side."""
        return self.is_known and max(map(abs, self.scores)) <= LIMIT

    @property
    def verdict(self) -> str:
        """What the shares say, in words; samples may also lie too near to held-out."""
        if any(score > LIMIT for score in self.scores):
            return "memorised"
        if not self.is_known:
            return "undecided: too few pictures that differ"
        return "nothing memorised" if self.is_clean else "nearer to held-out data"


def memorised(samples: Samples, train: AnyPoints, held_out: AnyPoints) -> Memorised:
    """The shares of samples that lie nearer to `train` than to `held_out`.

    The larger part is cut to the number of the other one, by a fixed seed.

    Args:
        samples: Samples, `(num, dim)`, or features of them.
        train: Data that the sampler was trained on.
        held_out: Data of the same law that it was not.

    Raises:
        ValueError: If dimensions differ, or points are not finite.
    """
    x, first, second = (
        as_point_array(name, points)
        for name, points in (
            ("samples", samples),
            ("train", train),
            ("held_out", held_out),
        )
    )
    if not x.shape[1] == first.shape[1] == second.shape[1]:
        raise ValueError(
            "`samples`, `train` and `held_out` must have one dimension; got "
            f"{x.shape[1]}, {first.shape[1]} and {second.shape[1]}."
        )
    num = min(len(first), len(second))
    rng = np.random.default_rng(_SEED)
    pictures = np.concatenate([_cut(first, num, rng), _cut(second, num, rng)])
    apart, place = map(np.asarray, KDTree(pictures).query(x))
    few = np.argsort(apart, kind="stable")[: max(1, round(NEAREST * len(x)))]
    (share, error), (nearest_share, nearest_error) = (
        _share(rows, num) for rows in (place, place[few])
    )
    return Memorised(share, error, nearest_share, nearest_error, len(x))


def _cut(points: np.ndarray, num: int, rng: np.random.Generator) -> np.ndarray:
    if len(points) <= num:
        return points
    return points[np.sort(rng.choice(len(points), num, replace=False))]


def _share(place: np.ndarray, num: int) -> tuple[float, float]:
    """The share of places below `num`, and its standard error."""
    counts = np.bincount(place, minlength=2 * num)
    spread = np.sum((counts - counts.mean()) ** 2) * 2 * num / (2 * num - 1)
    return float(np.mean(place < num)), float(np.sqrt(spread) / (2 * len(place)))
