r"""A bit-slice core: a pass for numbers of 6 bits, two for those of 12.

A code of 12 bits is $a = 64 a_h + a_l$ with $-32 \le a_h < 32$ and $0 \le a_l < 64$, so
that $a w = 64 (a_h w) + a_l w$: one multiplier of 6 bits takes both slices, one after
the other. A code of 6 bits has no lower slice, and its second pass is left out.

Source: Choi et al., ISCAS 2024, arXiv 2403.04982 (DBSC), by its abstract and a review.
Its two data-stationary modes move the same numbers in another order: they are no part
of the arithmetic here.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int32


HIGH_BITS, LOW_BITS = 12, 6  # of an activation, sign included


UNIT = 2 ** (HIGH_BITS - LOW_BITS)


TOP = 2 ** (HIGH_BITS - 1) - 1  # the largest code of 12 bits


MOST_ROWS = 2048  # so many products of a slice and 8 bits are exact in float32


class SlicedProduct(NamedTuple):
    """Sums, and the passes that they took.

    Args:
        sums: Sums of codes, exact.
        passes: Number of passes of each column of activations; a pass of one column
            takes all weights once.
    """

    sums: Int32[Array, "cols ..."]
    passes: Int32[Array, "..."]


def split_slices(
    codes: Int32[Array, "..."],
) -> tuple[Int32[Array, "..."], Int32[Array, "..."]]:
    """The upper slice, signed, and the lower one, which is 0 or more."""
    return codes // UNIT, codes % UNIT


def coarse(codes: Int32[Array, "..."]) -> Int32[Array, "..."]:
    """The nearest codes without a lower slice, halves up, saturated."""
    half = UNIT // 2
    return UNIT * jnp.clip((codes + half) // UNIT, -half, half - 1)


def multiply_slices(
    weights: Int32[Array, "rows cols"],
    codes: Int32[Array, "rows ..."],
    is_low: Bool[Array, "..."],
) -> SlicedProduct:
    r"""$\sum_i w_{ij} a_{ik}$ by slices of activations.

    Args:
        weights: Codes of 8 bits.
        codes: Codes of 12 bits, those of `coarse` where `is_low`.
        is_low: Whether a column of activations has one slice, the upper one.

    Raises:
        ValueError: If there are more rows than a slice adds exactly.
    """
    if weights.shape[0] > MOST_ROWS:
        raise ValueError(
            f"a bit-slice product adds {MOST_ROWS} products or fewer exactly; got "
            f"{weights.shape[0]} rows: split the layer."
        )
    upper, lower = split_slices(codes)
    lower = jnp.where(is_low[None], 0, lower)
    sums = UNIT * _pass(weights, upper) + _pass(weights, lower)
    return SlicedProduct(sums, jnp.where(is_low, 1, 2).astype(jnp.int32))


def _pass(
    weights: Int32[Array, "rows cols"], part: Int32[Array, "rows ..."]
) -> Int32[Array, "cols ..."]:
    """One slice times all weights."""
    flat = part.reshape(part.shape[0], -1).astype(jnp.float32)
    sums = weights.astype(jnp.float32).T @ flat
    return sums.astype(jnp.int32).reshape(-1, *part.shape[1:])
