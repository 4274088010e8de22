r"""Equal quality: a test that a sampler is not worse, and the least that passes it.

Quality is a distance to the data; smaller is better. A candidate q is not worse than a
reference r when $E q \le (1 + m) E r$ for a stated margin m, and the runs must show it:
the upper confidence limit of $q - (1 + m) r$ is at most 0. "No significant difference"
would show less: few noisy runs always give that.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit


Qualities = Float[np.ndarray, "_chips _seeds"]


@dataclasses.dataclass(frozen=True)
class Excess:
    """Quality of a candidate beyond that of the reference and its margin.

    Args:
        mean: Mean quality of the candidate.
        reference: Mean quality of the reference.
        excess: Mean of q - (1 + m) r.
        upper: Upper confidence limit of `excess`; the candidate is not worse if it is
            at most 0.
    """

    mean: float
    reference: float
    excess: float
    upper: float

    @property
    def is_not_worse(self) -> bool:
        """Whether the runs show that the candidate is not worse."""
        return self.upper <= 0


def not_worse(
    candidate: Qualities,
    reference: Qualities,
    *,
    margin: float,
    level: float = 0.95,
) -> Excess:
    """One-sided Student's test over chips, paired: run for run the same start and data.

    Seeds of one chip are averaged: a chip's runs are not independent of each other.

    Args:
        candidate: Quality of the candidate for each chip and seed.
        reference: Quality of the reference for the same chips and seeds.
        margin: Relative margin m; 0.2 allows a fifth more.
        level: Confidence of the limit.

    Raises:
        ValueError: If there are fewer than two chips, the shapes differ, a value is not
            finite, or the margin is negative.
    """
    q, r = np.asarray(candidate, float), np.asarray(reference, float)
    if q.shape != r.shape or q.ndim != 2 or len(q) < 2:
        raise ValueError(
            "`candidate` and `reference` must be of one shape (chips, seeds), two "
            f"chips or more; got {q.shape} and {r.shape}."
        )
    if not (np.isfinite(q).all() and np.isfinite(r).all()):
        raise ValueError("every quality must be finite; a run diverged.")
    if not margin >= 0:
        raise ValueError(f"`margin` must be 0 or more; got {margin:g}.")
    excess = (q - (1 + margin) * r).mean(axis=1)
    error = excess.std(ddof=1) / np.sqrt(len(excess))
    upper = excess.mean() + stdtrit(len(excess) - 1, level) * error
    return Excess(float(q.mean()), float(r.mean()), float(excess.mean()), float(upper))


@dataclasses.dataclass(frozen=True)
class Search:
    """Candidates that a search tried, and the one that it found.

    Args:
        found: The smallest candidate that is not worse, or `None` if the largest is
            worse.
        tried: Result of the test for each candidate that was run.
        qualities: Qualities of `found`, `(chips, seeds)`; those of the largest
            candidate if none was found.
    """

    found: int | float | None
    tried: dict[int | float, Excess]
    qualities: np.ndarray


def find_fewest(
    candidates: Sequence[int | float],
    run: Callable[[int | float], Qualities],
    reference: Qualities,
    *,
    margin: float,
) -> Search:
    """The smallest candidate that is not worse, by bisection.

    The search assumes that quality improves along `candidates`; the candidate below
    `found` was run and failed.

    Args:
        candidates: Rising numbers of steps or bits, or rising durations.
        run: Function from a candidate to its qualities.
        reference: Qualities that a candidate must equal.
        margin: Relative margin, as in `not_worse`.

    Raises:
        ValueError: If `candidates` is empty or does not rise.
    """
    if not candidates or any(np.diff(candidates) <= 0):
        raise ValueError(f"`candidates` must rise; got {list(candidates)}.")
    tried: dict[int | float, Excess] = {}
    qualities: dict[int | float, np.ndarray] = {}

    def passes(candidate: int | float) -> bool:
        qualities[candidate] = run(candidate)
        tried[candidate] = not_worse(qualities[candidate], reference, margin=margin)
        return tried[candidate].is_not_worse

    last = candidates[-1]
    if not passes(last):
        return Search(None, tried, qualities[last])
    low, high = -1, len(candidates) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if passes(candidates[middle]):
            high = middle
        else:
            low = middle
    found = candidates[high]
    return Search(found, tried, qualities[found])
