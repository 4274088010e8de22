"""Symmetric integers with one scale per column."""

import jax.numpy as jnp

from .._core._types import Weights


def quantise_columns(w: Weights, bits: int | None) -> Weights:
    r"""Round weights to symmetric integers of `bits` bits, with one scale per column.

    $\Delta_j\,\mathrm{round}(w_{ij} / \Delta_j)$ with $\Delta_j = \max_i |w_{ij}| / L$
    and $L = 2^{b-1} - 1$. A column of zeros does not change.

    Args:
        w: Weights, `(rows, cols)`, dimensionless.
        bits: Bits with the sign included, 2 or more; `None` returns `w` itself.

    Raises:
        ValueError: If `bits` is below 2.
    """
    if bits is None:
        return w
    if bits < 2:
        raise ValueError(f"`bits` must be 2 or more, sign included; got {bits}.")
    largest = jnp.max(jnp.abs(w), axis=0, keepdims=True)
    step = jnp.where(largest > 0, largest, 1.0) / (2 ** (bits - 1) - 1)
    return step * jnp.round(w / step)
