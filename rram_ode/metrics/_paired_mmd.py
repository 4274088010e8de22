"""The discrepancy of two samplers that ran from the same starts."""

import functools

import numpy as np
from scipy.stats import qmc

from ._points import as_points, Data, Samples, usual_bandwidth


_SEED = 0


def paired_mmd(
    samples: Samples,
    reference: Data,
    *,
    bandwidth: float | None = None,
    num_frequencies: int = 256,
) -> float:
    r"""Unbiased squared discrepancy of `samples` to `reference`, pair by pair.

    Sample i of both comes from the same start, and starts are independent. With the
    features $\varphi(x) = (e^{i \omega_m \cdot x})_m$ and
    $d_i = \varphi(x_i) - \varphi(y_i)$,

    $$\frac{1}{n (n - 1) M} \sum_{i \ne j} \mathrm{Re}\, d_i \cdot \bar d_j$$

    estimates the squared `mmd` of the two laws. What the starts have in common cancels:
    it is exactly 0 for equal samples, and resolves far smaller differences than two
    independent clouds would. Two samplers that differ by d in it differ by d at most
    in their discrepancy to any data (triangle inequality).

    The M frequencies are quasi-random normals of spread $1 / h$ from a fixed seed: the
    kernel is that of `mmd` but for a few percent at the default number.

    Source: Gretton et al. 2012, JMLR 13; Rahimi and Recht, NIPS 2007 (features).

    Args:
        samples: `(num_samples, dim)`.
        reference: Of the same shape, in the same order.
        bandwidth: $h$, in the unit of the data; `None` for 0.2 in the plane, and for
            the median distance of two points of `reference` in other dimensions.
        num_frequencies: $M$, a power of 2.

    Raises:
        ValueError: If shapes differ, there are fewer than two points, or `bandwidth` is
            not positive.
    """
    x, y = as_points(samples, reference)
    if x.shape != y.shape or len(x) < 2:
        raise ValueError(
            f"paired samples have one shape, two or more; got {x.shape} and {y.shape}."
        )
    if bandwidth is None:
        bandwidth = usual_bandwidth(y)
    if not bandwidth > 0:
        raise ValueError(f"`bandwidth` must be positive; got {bandwidth}. Try 0.2.")
    frequencies = _normals(x.shape[1], num_frequencies).T / bandwidth
    features = np.exp(1j * (x @ frequencies)) - np.exp(1j * (y @ frequencies))
    total = np.sum(np.abs(features.sum(axis=0)) ** 2)
    own = np.sum(np.abs(features) ** 2)
    num = len(x)
    return float((total - own) / (num * (num - 1) * num_frequencies))


@functools.cache
def _normals(dim: int, num: int) -> np.ndarray:
    """Standard normals, `(num, dim)`."""
    rng = np.random.default_rng(_SEED)
    return qmc.MultivariateNormalQMC(np.zeros(dim), rng=rng).random(num)
