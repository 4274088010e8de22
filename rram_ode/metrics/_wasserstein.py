"""The sliced Wasserstein distance, in the unit of the data and without bins."""

import numpy as np

from ._points import as_points, Data, PLANE, Samples


def sliced_wasserstein(
    samples: Samples, data: Data, *, num_directions: int = 64
) -> float:
    r"""$\sqrt{\mathrm{mean}_\theta\,W_2^2(\theta)}$, in the unit of the data.

    $W_2^2(\theta) = \int_0^1 (F^{-1}(u) - G^{-1}(u))^2 du$ compares the quantiles of
    the points projected on direction $\theta$. It is exact, by sorted lists, for equal
    and unequal sizes. In the plane the directions are evenly spaced over half a circle;
    on the line there is one; in other dimensions they are orthogonal frames from a
    fixed seed with at least `num_directions` directions, so that two calls agree. A
    shift by d gives |d| / sqrt(dim), exactly for two directions or more.

    Source: Rabin et al. 2011; Bonneel et al. 2015.

    Raises:
        ValueError: If an input is empty or not finite, or `num_directions < 1`.
    """
    if num_directions < 1:
        raise ValueError(
            f"`num_directions` must be 1 or more; got {num_directions}. 64 is usual."
        )
    x, y = as_points(samples, data)
    rows, cols, widths = _coupling(len(x), len(y))
    squares = [
        np.sum(widths * (np.sort(x @ d)[rows] - np.sort(y @ d)[cols]) ** 2)
        for d in _directions(x.shape[1], num_directions)
    ]
    return float(np.sqrt(np.mean(squares)))


def floor_subtracted(w: float, floor: float) -> float:
    r"""$\sqrt{\max(w^2 - \mathrm{floor}^2, 0)}$, the distance beyond sampling noise.

    `w` and `floor` are sliced Wasserstein distances from equal numbers of points,
    `floor` that of data against fresh data; the squares of independent errors add.
    """
    return float(np.sqrt(max(w**2 - floor**2, 0.0)))


def _directions(dim: int, num_directions: int) -> np.ndarray:
    """Unit vectors, shape `(directions, dim)`."""
    if dim == PLANE:
        angle = np.pi * np.arange(num_directions) / num_directions
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    num_frames = 1 if dim == 1 else -(-num_directions // dim)
    normal = np.random.default_rng(0).standard_normal((num_frames, dim, dim))
    return np.linalg.qr(normal).Q.reshape(-1, dim)


def _coupling(n: int, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of ranks of the optimal coupling of `n` and `m` points, and their mass."""
    # Levels u at which a quantile function jumps, times n m: integers, so no ties slip.
    levels = np.union1d(np.arange(n + 1) * m, np.arange(m + 1) * n)
    return levels[:-1] // m, levels[:-1] // n, np.diff(levels) / (n * m)
