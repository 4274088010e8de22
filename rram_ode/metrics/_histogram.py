"""The histogram distances of the paper's code and of its follow-up."""

import numpy as np

from ._points import as_points, Data, PLANE, Samples


KL_1D_RANGE = (-4.0, 4.0)


_KL_2D_LIMIT = 1.2


_EMPTY = 1e-10  # probability added to each bin, so that no logarithm is infinite


def kl_1d(samples: Samples, data: Data) -> float:
    r"""$KL(\mathrm{samples} \| \mathrm{data})$ of all coordinates as one list, nats.

    50 bins on [-4, 4]; counts are normalised inside that range, then 1e-10 is added.
    Blind to correlation (a ring and its marginals agree), and to what lies outside the
    range: read `outside_fraction` beside it. Infinite if all samples, or all data, lie
    outside.

    Source: the paper's released code.

    Raises:
        ValueError: if an input is empty or not finite.
    """
    counts = [
        np.histogram(points, bins=50, range=KL_1D_RANGE)[0]
        for points in as_points(samples, data)
    ]
    if any(count.sum() == 0 for count in counts):
        return float("inf")
    return _divergence(*counts)


def kl_2d(samples: Samples, data: Data) -> float:
    r"""$KL(\mathrm{data} \,\|\, \mathrm{samples})$ of points in the plane, nats.

    50 x 50 bins on [-1.2, 1.2]^2; points outside are clipped into the outermost bins;
    1e-10 is added. An empty bin costs 20 times the fraction of the data that lies in
    it: the floor, data against data, is far from zero and depends on the number of
    points.

    Source: the released code of the paper's follow-up.

    Raises:
        ValueError: if an input is empty, not finite or not 2-D.
    """
    edges = np.linspace(-_KL_2D_LIMIT, _KL_2D_LIMIT, 51)
    generated, real = (
        _plane_histogram(np.clip(points, -_KL_2D_LIMIT, _KL_2D_LIMIT), edges)
        for points in as_points(samples, data)
    )
    return _divergence(real, generated)


def hist_l2(samples: Samples, data: Data) -> float:
    r"""$\sqrt{\sum_b (p_b - q_b)^2}$ of points in the plane, dimensionless.

    100 x 100 bins on [-1, 1]^2; `p` and `q` are counts over the number of points, those
    outside included.

    Source: the paper's released code.

    Raises:
        ValueError: if an input is empty, not finite or not 2-D.
    """
    edges = np.linspace(-1.0, 1.0, 101)
    generated, real = (
        _plane_histogram(points, edges) / len(points)
        for points in as_points(samples, data)
    )
    return float(np.linalg.norm(generated - real))


def _plane_histogram(points: np.ndarray, edges: np.ndarray) -> np.ndarray:
    if points.shape[1] != PLANE:
        raise ValueError(
            f"A histogram of the plane needs dim 2; got {points.shape[1]}. "
            "Use `sliced_wasserstein` or `mmd` in other dimensions."
        )
    return np.histogram2d(points[:, 0], points[:, 1], bins=(edges, edges))[0]


def _divergence(p_counts: np.ndarray, q_counts: np.ndarray) -> float:
    p = p_counts / p_counts.sum() + _EMPTY
    q = q_counts / q_counts.sum() + _EMPTY
    return float(np.sum(p * np.log(p / q)))
