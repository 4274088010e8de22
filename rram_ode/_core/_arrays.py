"""Arrays and numbers: conversion, broadcasting, products."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float, Int32


# Products of 32-bit floats are those of shorter ones on a GPU or TPU, unless somebody
# says otherwise: currents would then have errors of 1e-3, more than a cell's noise. On
# a CPU the programs are the same.
if jax.config.values["jax_default_matmul_precision"] is None:
    jax.config.update("jax_default_matmul_precision", "highest")


def as_float(x: ArrayLike) -> Float[Array, "..."]:
    """`x` as an array of the default float; `jnp.asarray(0)` would be an integer."""
    return jnp.asarray(x, jnp.result_type(float))


def as_integer(x: ArrayLike) -> Int32[Array, "..."]:
    """`x` as an array of 32-bit integers, with or without 64-bit types."""
    return jnp.asarray(x, jnp.int32)


def scalar(x: ArrayLike) -> Float[Array, ""]:
    """`x` as a floating-point array: a number that a user sweeps is an array leaf.

    A Python float would be part of the program, which compiles again for each value.
    """
    return as_float(x)


def scalar_or_none(x: ArrayLike | None) -> Float[Array, ""] | None:
    """`x` as a floating-point array, or `None` for a part that is left out."""
    return None if x is None else scalar(x)


def integer_or_none(x: ArrayLike | None) -> Int32[Array, ""] | None:
    """`x` as a 32-bit integer array, or `None`: a number that a user sweeps."""
    return None if x is None else as_integer(x)


def of_layer(x: Float[Array, "..."], number: int) -> Float[Array, ""]:
    """The value of layer `number`, of one for all layers or of one for each."""
    return x[number] if x.ndim else x


def broadcast_columns(x: Array, like: Array, axes: int = 1) -> Array:
    """`x` with axes of size one added at its end, to broadcast along those of `like`.

    Args:
        x: One value for each column: `axes` axes that it has in common with `like`.
        like: An array whose first axes are those of `x`.
        axes: Number of the axes of `x`.
    """
    return x.reshape(x.shape + (1,) * (like.ndim - axes))


def product(w: Float[Array, "_ _"], h: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""$W^T h$ of `(rows, cols)` and `(rows, *samples)`, fast inside a loop too."""
    return transposed(w, h) @ h


def transposed(w: Float[Array, "rows cols"], h: Float[Array, "..."]) -> Array:
    r"""$W^T$, `(cols, rows)`, in the form that is fastest for a product with `h`.

    Within a loop XLA folds the transpose into the product, which then goes to a kernel
    made for large matrices. A barrier keeps the transpose of a small matrix apart: with
    it `benchmarks bare_loop` takes a third less time at 14 columns; at 64 it would take
    more.
    """
    is_small = w.size <= 256 and h.ndim > 1
    return jax.lax.optimization_barrier(w.T) if is_small else w.T


def limited(
    x: Float[Array, "..."], low: Float[ArrayLike, "..."], high: Float[ArrayLike, "..."]
) -> Float[Array, "..."]:
    """`x`, or `low` where it is below that, or `high` where it is above; NaN stays NaN.

    The values of `jnp.clip`, whose care for a limit of NaN takes four instructions of a
    CPU where a comparison takes one: the limits of a hidden node then cost more than
    its product. At a limit the gradient is that of `x`.
    """
    x = jnp.where(x < low, low, x)
    return jnp.where(x > high, high, x)


def rectified(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """`jax.nn.relu`, with its gradient of 0 at 0, in the instructions of `limited`."""
    return jnp.where(x <= 0, jnp.zeros_like(x), x)


@jax.custom_jvp
def root(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Square root whose gradient at zero is zero, not infinity.

    The root is the last operation: XLA then keeps it, and takes it once for all columns
    that it is broadcast to.
    """
    return jnp.sqrt(jnp.maximum(x, 0.0))


@root.defjvp
def _of_root(primals: tuple[Array], tangents: tuple[Array]):
    (x,), (dx,) = primals, tangents
    y = root(x)
    slope = jnp.where(x > 0, 0.5 / jnp.where(x > 0, y, 1.0), 0.0)
    return y, slope * dx


@jax.custom_jvp
def straight_through(
    rounded: Float[Array, "..."], smooth: Float[Array, "..."]
) -> Float[Array, "..."]:
    """`rounded`, bit for bit, with the gradient of `smooth`.

    A staircase has no useful gradient of its own: that of the same function without
    rounding takes its place (straight-through; Bengio et al., arXiv 1308.3432).
    """
    del smooth
    return rounded


@straight_through.defjvp
def _of_smooth(primals: tuple[Array, Array], tangents: tuple[Array, Array]):
    return primals[0], tangents[1]


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def without_gradient(x: Float[Array, "..."], reason: str) -> Float[Array, "..."]:
    """`x`; a gradient with respect to it is a `ValueError` that gives `reason`."""
    del reason
    return x


@without_gradient.defjvp
def _refuse(reason: str, primals: tuple[Array], tangents: tuple[Array]):
    del primals, tangents
    raise ValueError(reason)
