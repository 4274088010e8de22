"""Scales of vectors in two levels: what is stored, in units of a coarse scale."""

import abc
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int32, Num

from .._core._arrays import as_integer
from ._base import whole_bits
from ._minifloat import E4M3, Minifloat


SCALE_BITS = (2, 16)


class AbstractVectorScale(eqx.Module):
    """How the scale of a vector is stored, as a multiple of the column's coarse one."""

    @abc.abstractmethod
    def __call__(
        self, s: Float[Array, "num cols"]
    ) -> tuple[Num[Array, "num cols"], Float[Array, " cols"]]:
        r"""The stored scales $\sigma$ and the coarse scale $\gamma$ of each column.

        Args:
            s: The exact scales, 0 for a vector of zeros.
        """

    @property
    @abc.abstractmethod
    def width(self) -> int:
        """Bits of a stored scale (not under `jit`)."""


class IntegerScale(AbstractVectorScale):
    """Whole numbers from 1 to $2^M - 1$ (Dai et al.).

    Args:
        bits: M, 2 to 16.

    Raises:
        ValueError: If the bits are out of range.
    """

    bits: Int32[Array, ""]

    def __init__(self, bits: Any = 4):
        self.bits = whole_bits("scale bits", bits, *SCALE_BITS)

    @property
    def width(self) -> int:
        """M."""
        return int(self.bits)

    def __call__(
        self, s: Float[Array, "num cols"]
    ) -> tuple[Num[Array, "num cols"], Float[Array, " cols"]]:
        """Whole numbers; the largest scale of a column has the largest."""
        top = ((as_integer(1) << self.bits) - 1).astype(s.dtype)
        coarse = _positive(jnp.max(s, axis=0)) / top
        stored = jnp.clip(jnp.round(s / coarse[None]), 1.0, top)
        return stored.astype(jnp.int32), coarse


class FloatScale(AbstractVectorScale):
    """Numbers of FP8, the largest of a column at the end of their range (SQ-DM).

    Args:
        form: The numbers, E4M3 by default.
    """

    form: Minifloat = E4M3

    @property
    def width(self) -> int:
        """Bits of the numbers; the sign is stored, though a scale has none."""
        return self.form.bits

    def __call__(
        self, s: Float[Array, "num cols"]
    ) -> tuple[Num[Array, "num cols"], Float[Array, " cols"]]:
        """Numbers of FP8; a scale too small for them becomes 1 coarse scale."""
        coarse = _positive(jnp.max(s, axis=0)) / self.form.largest
        stored = self.form(s / coarse[None])
        return jnp.where(stored > 0, stored, 1.0), coarse


class ExactScale(AbstractVectorScale):
    """Scales of 32 bits in one level: the limit of many bits."""

    @property
    def width(self) -> int:
        """32."""
        return 32

    def __call__(
        self, s: Float[Array, "num cols"]
    ) -> tuple[Num[Array, "num cols"], Float[Array, " cols"]]:
        """The scales themselves, 1 for a vector of zeros."""
        return _positive(s), jnp.ones_like(s[0])


def _positive(s: Float[Array, "..."]) -> Float[Array, "..."]:
    """`s`, and 1 for scales of zeros."""
    return jnp.where(s > 0, s, 1.0)
