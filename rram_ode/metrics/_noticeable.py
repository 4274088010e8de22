"""The distance of a distortion that a person would just accept."""

from ._distance import paired_distance
from ._embedding import Embedding
from ._kernel import Kernel
from ._points import AnyPoints, as_points, Data


RELATIVE_ERROR = 0.03


def just_noticeable_distance(
    kernel: Kernel,
    data: Data,
    distorted: AnyPoints,
    *,
    relative_error: float = RELATIVE_ERROR,
) -> float:
    """delta: the distance of just noticeably distorted data from data.

    Distances are printed in this unit, and two machines are equal if their distances
    differ by less. Row i of `distorted` may be row i of `data`, distorted (as the data
    sets give it for one key): what both have in common then cancels, and fewer points
    do. Rows must be independent of one another.

    Args:
        kernel: Of the data, the one that the distances in this unit are measured by.
        data: Data points, `(num, dim)`.
        distorted: As many distorted points.
        relative_error: Largest standard error of delta that is accepted, over delta.

    Raises:
        ValueError: If shapes differ, there are fewer than four points, or the standard
            error of delta is too large.
    """
    y, x = as_points(distorted, data)
    if x.shape != y.shape:
        raise ValueError(
            f"`data` and `distorted` must have one shape; got {x.shape} and {y.shape}."
        )
    value, error = paired_distance(Embedding.of(kernel, y), Embedding.of(kernel, x))
    if not (value > 0 and error <= relative_error * value):
        raise ValueError(
            f"delta must be known within {relative_error:.0%}; {len(x)} points give "
            f"{value:.2g} +- {error:.2g}. Take more points, or a stronger distortion."
        )
    return value
