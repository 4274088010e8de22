"""Integers of up to 54 bits in two words of 32 bits, and exact sums of products."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Int32

from .._core._types import Scalar


LOW_BITS = 24
LIMB_BITS = 8
MOST_ROWS = 8192  # that many products of limbs add up in 32 bits


_MASK, _LIMB = 2**LOW_BITS - 1, 2**LIMB_BITS - 1
_EXACT = 256  # products of two limbs that a float32 adds without rounding


class WideInteger(eqx.Module):
    r"""The integers $2^{24} h + l$ with $0 \le l < 2^{24}$.

    Accumulators have more bits than the integers of JAX, which has 32 by default.

    Args:
        high: The upper word $h$, signed.
        low: The lower word $l$.
    """

    high: Int32[Array, "..."]
    low: Int32[Array, "..."]

    @staticmethod
    def of(x: Float[Array, "..."]) -> "WideInteger":
        """The integers in `x`, whole numbers below 2^54 in magnitude."""
        high = jnp.floor(x / 2.0**LOW_BITS)
        low = x - high * 2.0**LOW_BITS
        return WideInteger(high.astype(jnp.int32), low.astype(jnp.int32))

    def __add__(self, other: "WideInteger") -> "WideInteger":
        """The sums, which must stay below 2^54 in magnitude."""
        low = self.low + other.low
        high = self.high + other.high + (low >> LOW_BITS)
        return WideInteger(high, low & _MASK)

    def saturate(self, bits: Int32[Array, ""]) -> "WideInteger":
        r"""These integers, cut off at $-2^{b-1}$ and $2^{b-1} - 1$."""
        one = jnp.ones((), jnp.int32)
        above, below = jnp.maximum(bits - 1 - LOW_BITS, 0), jnp.minimum(bits - 1, 24)
        is_small = bits - 1 < LOW_BITS
        top = jnp.where(is_small, 0, (one << above) - 1), (one << below) - 1
        bottom = (
            jnp.where(is_small, -1, -(one << above)),
            jnp.where(is_small, 2**LOW_BITS - (one << below), 0),
        )
        is_over = (self.high > top[0]) | ((self.high == top[0]) & (self.low > top[1]))
        is_under = (self.high < bottom[0]) | (
            (self.high == bottom[0]) & (self.low < bottom[1])
        )
        pick = lambda x, high, low: jnp.where(
            is_over, high, jnp.where(is_under, low, x)
        )
        return WideInteger(
            pick(self.high, top[0], bottom[0]), pick(self.low, top[1], bottom[1])
        )

    def as_float(self, dtype: DTypeLike) -> Float[Array, "..."]:
        """The integers as floating-point numbers, rounded once up to 48 bits."""
        return self.high.astype(dtype) * 2.0**LOW_BITS + self.low.astype(dtype)


def exact_product(
    w: Int32[Array, "rows cols"],
    a: Int32[Array, "rows samples"],
    limbs: tuple[int, int],
) -> WideInteger:
    r"""$\sum_i w_{ij} a_{ik}$ without any rounding, `(cols, samples)`.

    Both are split into limbs of 8 bits. A product of two limbs is a matrix product in
    float32, which is exact over 256 rows and as fast as a product of floats.

    Args:
        w: Integers of up to `8 limbs[0]` bits, sign included.
        a: Integers of up to `8 limbs[1]` bits.
        limbs: Number of limbs of `w` and of `a`.

    Raises:
        ValueError: If the sums may pass 2^54.
    """
    rows, (cols, samples) = w.shape[0], (w.shape[1], a.shape[1])
    bits = LIMB_BITS * sum(limbs) - 2 + max(rows - 1, 1).bit_length()
    if bits > LOW_BITS + 30 or rows > MOST_ROWS:
        raise ValueError(
            f"sums of {rows} products of integers of {LIMB_BITS * limbs[0]} and "
            f"{LIMB_BITS * limbs[1]} bits must stay below 2^54, with at most "
            f"{MOST_ROWS} rows; got up to {bits} bits: take 16 bits or fewer."
        )
    digits = [jnp.zeros((cols, samples), jnp.int32) for _ in range(5)]
    for begin in range(0, rows, _EXACT):
        part = slice(begin, begin + _EXACT)
        left = jnp.concatenate(_limbs(w[part], limbs[0]), axis=1)
        right = jnp.concatenate(_limbs(a[part], limbs[1]), axis=1)
        sums = jnp.matmul(
            left.T.astype(jnp.float32),
            right.astype(jnp.float32),
            precision=jax.lax.Precision.HIGHEST,
        ).astype(jnp.int32)
        for i in range(limbs[0]):
            for j in range(limbs[1]):
                one = sums[i * cols : (i + 1) * cols, j * samples : (j + 1) * samples]
                digits[i + j] = digits[i + j] + one
    return _carry(digits)


def shifted(bits: Int32[Array, ""], dtype: DTypeLike) -> Scalar:
    """2^(bits - 1) exactly, for up to 31 bits."""
    return (jnp.ones((), jnp.int32) << (bits - 1)).astype(dtype)


def _limbs(x: Int32[Array, "..."], num: int) -> list[Int32[Array, "..."]]:
    """Limbs of `x` from the lowest; the highest has the sign."""
    low = [(x >> (LIMB_BITS * k)) & _LIMB for k in range(num - 1)]
    return [*low, x >> (LIMB_BITS * (num - 1))]


def _carry(digits: list[Int32[Array, "..."]]) -> WideInteger:
    """The sum of five digits, which need not be smaller than their base of 2^8."""
    low, carry = jnp.zeros_like(digits[0]), jnp.zeros_like(digits[0])
    for k in range(3):
        carry = digits[k] + carry
        low = low | ((carry & _LIMB) << (LIMB_BITS * k))
        carry = carry >> LIMB_BITS
    high = digits[3] + carry + (digits[4] << LIMB_BITS)
    return WideInteger(high, low)
