"""The least of some candidates that is as good as a reference."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from ...metrics import compare_repeats, Difference


Distances = Float[np.ndarray, " chips"]  # to the data, in just-noticeable distances


@dataclasses.dataclass(frozen=True)
class Search:
    """Candidates that a search tried, and the one that it found.

    Args:
        found: The smallest candidate that was shown to be as good, or `None` if the
            largest was not.
        tried: The difference to the reference for each candidate that was run.
        distances: Distances of `found`, one a chip; those of the largest candidate if
            none was found.
    """

    found: int | float | None
    tried: dict[int | float, Difference]
    distances: np.ndarray


def find_fewest(
    candidates: Sequence[int | float],
    run: Callable[[int | float], Distances],
    reference: Distances,
    *,
    margin: float,
    guess: int | float | None = None,
) -> Search:
    """The smallest candidate that is as good as the reference, by bisection.

    A candidate passes if its verdict is equal or better; one that the runs leave
    undecided fails. The search assumes that quality improves along `candidates`; the
    candidate below `found` was run and failed. A guess that is near saves runs.

    Args:
        candidates: Rising numbers of steps or bits, or rising durations.
        run: Function from a candidate to its distances.
        reference: Distances that a candidate must equal, one a chip.
        margin: Difference that one would just accept, in just-noticeable distances.
        guess: Candidate that is run first, from which the search goes up or down by
            strides that double; `None` begins with the largest and bisects.

    Raises:
        ValueError: If `candidates` is empty or does not rise.
    """
    if not candidates or any(np.diff(candidates) <= 0):
        raise ValueError(f"`candidates` must rise; got {list(candidates)}.")
    tried: dict[int | float, Difference] = {}
    distances: dict[int | float, np.ndarray] = {}

    def passes(candidate: int | float) -> bool:
        distances[candidate] = run(candidate)
        tried[candidate] = compare_repeats(
            distances[candidate], reference, delta=margin
        )
        return tried[candidate].is_as_good

    low, high, stride, num = -1, len(candidates), 1, len(candidates)
    index = num - 1 if guess is None else candidates.index(guess)
    while high - low > 1:
        if passes(candidates[index]):
            high = index
        else:
            low = index
        if guess is None or (low >= 0 and high < num):
            index = (low + high) // 2
        else:
            index = max(high - stride, 0) if low < 0 else min(low + stride, num - 1)
            stride *= 2
    if high == num:
        return Search(None, tried, distances[candidates[-1]])
    return Search(candidates[high], tried, distances[candidates[high]])
