"""Arrays and numbers: conversion, broadcasting, products."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float


def as_float(x: ArrayLike) -> Float[Array, "..."]:
    """`x` as an array of the default float; `jnp.asarray(0)` would be an integer."""
    return jnp.asarray(x, jnp.result_type(float))


def scalar(x: ArrayLike) -> Float[Array, ""]:
    """`x` as a floating-point array: a number that a user sweeps is an array leaf.

    A Python float would be part of the program, which compiles again for each value.
    """
    return as_float(x)


def columns(x: Array, like: Array, axes: int = 1) -> Array:
    """`x` with axes of size one after its `axes` own, to broadcast along `like`'s."""
    return x.reshape(x.shape + (1,) * (like.ndim - axes))


def product(w: Float[Array, "_ _"], h: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""$W^T h$ of `(rows, cols)` and `(rows, *samples)`, as fast in a loop as not.

    Within a loop XLA folds the transpose into a product of matrices, which then goes to
    its kernel for large ones. A barrier keeps a small one apart: `benchmarks bare_loop`
    at 14 wide takes a third less time by it, and would take more at 64.
    """
    is_small = w.size <= 256 and h.ndim > 1
    return (jax.lax.optimization_barrier(w.T) if is_small else w.T) @ h


def root(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """The square root, with a gradient of zero (not infinity) at zero."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1.0)), 0.0)


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
