"""Small helpers that every layer may use."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float


def scalar(x: ArrayLike) -> Float[Array, ""]:
    """`x` as a floating-point array: a number that a user sweeps is an array leaf.

    `jnp.asarray(0)` would be an integer, and a Python float part of the program.
    """
    return jnp.asarray(x, jnp.result_type(float))


def columns(x: Float[Array, " features"], like: Array) -> Float[Array, "features ..."]:
    """`x` with trailing axes of size one, to broadcast along the samples of `like`."""
    return x.reshape(x.shape + (1,) * (like.ndim - 1))
