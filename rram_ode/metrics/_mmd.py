"""The maximum mean discrepancy, a kernel distance in any dimension."""

import numpy as np

from ._points import as_points, Data, kernel_width, Samples, subsample


_CHUNK = 500  # rows of the kernel matrix in memory at once: 20 MB


def mmd(samples: Samples, data: Data, *, bandwidth: float | None = None) -> float:
    r"""Unbiased squared discrepancy, $E k(x, x') + E k(y, y') - 2 E k(x, y)$.

    The kernel is $k(x, y) = \exp(-|x - y|^2 / 2h^2)$. Pairs of a point with itself are
    left out, so that the mean over fresh draws of the same data is 0 and a single value
    may be negative.
    More than 2,000 points are reduced to 2,000, chosen by a fixed seed: the cost is
    quadratic, and two calls with the same input agree.

    Source: Gretton et al. 2012, JMLR 13, lemma 6.

    Args:
        samples: Generated points, `(num_samples, dim)`.
        data: Data points, `(num_data, dim)`.
        bandwidth: $h$, in the unit of the data; `None` for 0.2 where the data lie in
            the paper's plane, and for the median distance of two data points elsewhere.

    Raises:
        ValueError: If an input is not finite or has fewer than two points, or
            `bandwidth` is not positive, or the median distance that replaces it is 0.
    """
    x, y = (subsample(points) for points in as_points(samples, data))
    n, m = len(x), len(y)
    if min(n, m) < 2:
        raise ValueError(f"An unbiased MMD needs two points each; got {n} and {m}.")
    bandwidth = kernel_width(bandwidth, y)
    within_x = (_kernel_sum(x, x, bandwidth) - n) / (n * (n - 1))
    within_y = (_kernel_sum(y, y, bandwidth) - m) / (m * (m - 1))
    return float(within_x + within_y - 2 * _kernel_sum(x, y, bandwidth) / (n * m))


def _kernel_sum(x: np.ndarray, y: np.ndarray, bandwidth: float) -> float:
    """The sum of k over all pairs, by blocks of rows."""
    x, y = x / bandwidth, y / bandwidth
    y_half_squares = np.sum(y**2, axis=1) / 2
    total = 0.0
    for start in range(0, len(x), _CHUNK):
        rows = x[start : start + _CHUNK]
        exponent = rows @ y.T  # |x - y|^2 = |x|^2 + |y|^2 - 2 x . y
        exponent -= np.sum(rows**2, axis=1)[:, None] / 2
        exponent -= y_half_squares
        np.minimum(exponent, 0.0, out=exponent)
        total += np.exp(exponent, out=exponent).sum()
    return float(total)
