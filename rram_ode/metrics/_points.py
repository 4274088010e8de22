"""Checks of the points that a distance compares, and the width of a kernel."""

import numpy as np
from jaxtyping import Array, Float
from scipy.spatial.distance import pdist

from ._window import has_paper_windows


Samples = Float[Array | np.ndarray, "num_samples dim"]


Data = Float[Array | np.ndarray, "num_data dim"]


AnyPoints = Float[Array | np.ndarray, "_ _"]  # the callee checks the dimension


PLANE = 2  # the dimension of the paper's data


_PLANE_BANDWIDTH = 0.2


_MAX_POINTS = 2_000


def as_point_array(name: str, points: AnyPoints) -> np.ndarray:
    """`points` as a float64 array `(num, dim)`.

    Args:
        name: What an error calls the points.
        points: Any array.

    Raises:
        ValueError: If `points` are no real numbers, empty, not finite, or not of shape
            `(num, dim)`.
    """
    array = np.asarray(points)
    if array.dtype.kind in "cmMOSU":
        raise ValueError(
            f"`{name}` must be real numbers; got an array of {array.dtype}: take "
            "columns of numbers."
        )
    array = array.astype(np.float64)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"`{name}` must have shape (num, dim), not empty; got {array.shape}."
        )
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(
            f"`{name}` must be finite; got {np.sum(~finite)} NaN or infinite values "
            f"in {np.sum(~finite.all(axis=1))} of {len(array)} rows. Drop those rows "
            "and report `non_finite_fraction`."
        )
    return array


def as_points(samples: Samples, data: AnyPoints) -> tuple[np.ndarray, np.ndarray]:
    """`samples` and `data` as float64 arrays `(num, dim)`.

    Raises:
        ValueError: If either is empty, not finite, or of another dimension.
    """
    pair = as_point_array("samples", samples), as_point_array("data", data)
    if pair[0].shape[1] != pair[1].shape[1]:
        raise ValueError(
            "`samples` and `data` must have one dimension; got "
            f"{pair[0].shape[1]} and {pair[1].shape[1]}."
        )
    return pair


def kernel_width(bandwidth: float | None, data: np.ndarray) -> float:
    r"""The width $h$ of a Gaussian kernel: `bandwidth`, or that for `data` if `None`.

    For data in the paper's plane the width is 0.2, between the width (0.04) and the
    radius (0.7) of its ring. For other data it is the median distance of two points:
    with a fixed width the kernel of all pairs would be 0 in many dimensions, or of far
    larger data. The width depends on the data alone, so that no sampler can choose the
    width that judges it.

    Source: Gretton et al. 2012, JMLR 13, section 8 (the median).

    Raises:
        ValueError: If `bandwidth` is not positive, or without one more than half of all
            pairs of points are equal.
    """
    if bandwidth is not None:
        if not bandwidth > 0:
            raise ValueError(f"`bandwidth` must be positive; got {bandwidth}. Try 0.2.")
        return bandwidth
    if data.shape[1] == PLANE and has_paper_windows(data):
        return _PLANE_BANDWIDTH
    median = float(np.median(pdist(subsample(data)))) if len(data) > 1 else 0.0
    if not median > 0:
        raise ValueError(
            "more than half of the pairs of points in `data` are equal, so that their "
            "median distance is no width of a kernel: give `bandwidth`."
        )
    return median


def subsample(points: np.ndarray) -> np.ndarray:
    """At most 2,000 of `points`, chosen by a fixed seed."""
    if len(points) <= _MAX_POINTS:
        return points
    rng = np.random.default_rng(0)
    return points[rng.choice(len(points), _MAX_POINTS, replace=False)]
