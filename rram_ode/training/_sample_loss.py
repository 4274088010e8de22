"""Losses of samples: differentiable distances between samples and data."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._types import Scalar, State


def sliced_wasserstein_loss(x: State, data: State, num_directions: int = 32) -> Scalar:
    r"""$\mathrm{mean}_\theta\,W_2^2(\theta)$ of as many samples as data, in the plane.

    It is the square of `metrics.sliced_wasserstein`, by sorted projections on
    directions that are even over half a circle.

    Args:
        x: Samples, `(2, samples)`.
        data: Data, `(2, samples)`.
        num_directions: Number of projections.

    Raises:
        ValueError: If the two differ in shape, or are not in the plane.
    """
    if x.shape != data.shape or x.shape[0] != 2:
        raise ValueError(
            "`x` and `data` must both be of shape (2, samples); got "
            f"{x.shape} and {data.shape}."
        )
    angle = jnp.linspace(0.0, jnp.pi, num_directions, endpoint=False)
    directions = jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1)
    mine, theirs = (jnp.sort(directions @ points, axis=1) for points in (x, data))
    return jnp.mean((mine - theirs) ** 2)


def mmd_loss(x: State, data: State, bandwidth: float | Scalar = 0.2) -> Scalar:
    r"""$E k(x, x') + E k(y, y') - 2 E k(x, y)$, unbiased, as `metrics.mmd`.

    The kernel is $k(x, y) = \exp(-|x - y|^2 / 2 h^2)$, in any dimension. Memory is
    quadratic in the number of samples.

    Args:
        x: Samples, `(dim, samples)`.
        data: Data, `(dim, data)`.
        bandwidth: $h$, in the unit of the data.
    """
    n, m = x.shape[1], data.shape[1]

    def total(a: State, b: State) -> Float[Array, ""]:
        squares = jnp.sum((a[:, :, None] - b[:, None, :]) ** 2, axis=0)
        return jnp.sum(jnp.exp(-squares / (2 * bandwidth**2)))

    within = (total(x, x) - n) / (n * (n - 1)) + (total(data, data) - m) / (m * (m - 1))
    return within - 2 * total(x, data) / (n * m)
