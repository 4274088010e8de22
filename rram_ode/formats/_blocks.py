"""Vectors along the reduction axis of a matrix, each with a scale of its own."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int32


def blocks(x: Float[Array, "rows cols"], size: int) -> Float[Array, "num size cols"]:
    """`x` in blocks of `size` rows; zeros fill the last one."""
    rows, cols = x.shape
    num = -(-rows // size)
    padded = jnp.pad(x, ((0, num * size - rows), (0, 0)))
    return padded.reshape(num, size, cols)


def unblocked(x: Float[Array, "num size cols"], rows: int) -> Float[Array, "rows cols"]:
    """The matrix of `rows` rows whose blocks are `x`."""
    return x.reshape(-1, x.shape[2])[:rows]


def dot_in_blocks(
    w: Float[Array, "num size cols"], h: Float[Array, "num size samples"]
) -> Float[Array, "num cols samples"]:
    """The dot products of each block."""
    highest = jax.lax.Precision.HIGHEST
    return jnp.einsum("jkc,jks->jcs", w, h, precision=highest)


def integer_dot_in_blocks(
    w: Int32[Array, "num size cols"], h: Int32[Array, "num size samples"]
) -> Int32[Array, "num cols samples"]:
    """The dot products of each block, in integers of 32 bits."""
    return jnp.einsum("jkc,jks->jcs", w, h, preferred_element_type=jnp.int32)


def block_size(name: str, size: Any) -> int:
    """`size`, if it is a whole number of 1 or more.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ValueError(
            f"`{name}` must be a whole number of rows, 1 or more; got {size}. The "
            "papers take 16 to 64."
        )
    return size


def require_equal_blocks(sizes: tuple[int, int], rows: tuple[int, int]) -> None:
    """Raise a `ValueError` unless rows and blocks of both operands are equal."""
    if sizes[0] != sizes[1] or rows[0] != rows[1]:
        raise ValueError(
            "operands of a dot product must have equal rows and blocks; got "
            f"{rows[0]} and {rows[1]} rows in blocks of {sizes[0]} and {sizes[1]}."
        )
