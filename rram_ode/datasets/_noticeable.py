"""The just noticeable distortion of points of which nothing else is known."""

import jax.random as jr
import numpy as np
from jaxtyping import Array, Float
from scipy.spatial.distance import cdist

from .._core._types import Key


WIDER = 1.2  # width that a person would just accept, over that of the data; assumed


NEAREST = 0.02  # fraction of the points that make a neighbourhood (assumed)


_MOST = 2_000  # distinct points among which neighbours are sought


_ROWS = 4_096  # points whose distances are in memory at once: 66 MB


def widen(
    points: Float[Array | np.ndarray, "num dim"],
    *,
    key: Key,
    nearest: float = NEAREST,
) -> Float[np.ndarray, "num dim"]:
    r"""`points` with each mode 20 % wider: $x_i + \sqrt{1.2^2 - 1}\; s_i \epsilon_i$.

    The local width $s_i$ is the distance of point i to the nearest 2 % of the distinct
    points (`nearest`), over $\sqrt{\mathrm{dim}}$: it is about the standard deviation
    of a coordinate in a mode of a few times as many points, and hardly depends on the
    number of points. Row i stays row i.

    Args:
        points: Data of any dimension, finite, with two distinct points or more.
        key: Source of $\epsilon \sim N(0, I)$.
        nearest: Fraction of the points that make a neighbourhood, whose width is added.

    Raises:
        ValueError: If `points` are not finite, not of shape `(num, dim)`, or have fewer
            than two distinct points.
    """
    x = np.asarray(points, np.float64)
    if x.ndim != 2 or not np.isfinite(x).all():
        raise ValueError(
            f"`points` must be finite, of shape (num, dim); got shape {x.shape} with "
            f"{np.sum(~np.isfinite(x))} NaN or infinite values. Drop those rows."
        )
    distinct = np.unique(x, axis=0)
    if len(distinct) < 2:
        raise ValueError(
            f"`points` must have two distinct points or more; got {len(distinct)}, "
            "which have no width. Give other data."
        )
    if len(distinct) > _MOST:
        rng = np.random.default_rng(0)
        distinct = distinct[rng.choice(len(distinct), _MOST, replace=False)]
    rank = min(max(round(nearest * len(distinct)), 1), len(distinct) - 1)
    width = np.concatenate(
        [
            np.partition(cdist(x[i : i + _ROWS], distinct), rank, axis=1)[:, rank]
            for i in range(0, len(x), _ROWS)
        ]
    )
    noise = np.asarray(jr.normal(key, x.shape), np.float64)
    scale = np.sqrt((WIDER**2 - 1) / x.shape[1])
    return x + scale * width[:, None] * noise
