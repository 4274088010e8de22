r"""Floating-point numbers of few bits, as elements of blocks and as scales.

Source: OCP Microscaling Formats (MX) Specification v1.0, 2023, tables 1 and 2, and OCP
8-bit Floating Point Specification v1.0 for the largest numbers of E4M3 and E5M2.
"""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._checks import whole_number


class AbstractElement(eqx.Module):
    """A number of few bits with a fixed range, rounded to nearest, ties to even."""

    @property
    @abc.abstractmethod
    def bits(self) -> int:
        """Bits, sign included."""

    @property
    @abc.abstractmethod
    def factor_bits(self) -> int:
        """Bits that a multiplier takes: of the significand, or of the integer."""

    @property
    @abc.abstractmethod
    def top_exponent(self) -> int:
        """Exponent of the largest number's leading bit."""

    @abc.abstractmethod
    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The nearest numbers to `x`; what is too large saturates."""


class Minifloat(AbstractElement):
    r"""$\pm 2^{e} (1 + m / 2^M)$ and, at the smallest exponent, $\pm 2^{e} m / 2^M$.

    Args:
        exponent_bits: E, 1 to 7, whose bias is $2^{E-1} - 1$.
        mantissa_bits: M, 0 to 23.
        reserved: Number of the largest codes that are infinite or no number; at least
            one code above 0 is left.

    Raises:
        ValueError: If a number is out of range; within it every number of the format
            is one of single precision.
    """

    exponent_bits: int = eqx.field(static=True)
    mantissa_bits: int = eqx.field(static=True)
    reserved: int = eqx.field(default=0, static=True)

    def __check_init__(self):
        whole_number("exponent_bits", self.exponent_bits, 1, 7)
        whole_number("mantissa_bits", self.mantissa_bits, 0, 23)
        codes = 2 ** (self.exponent_bits + self.mantissa_bits)
        whole_number("reserved", self.reserved, 0, codes - 2)

    @property
    def bits(self) -> int:
        """Bits, sign included."""
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def factor_bits(self) -> int:
        """Bits of the significand with its leading one."""
        return self.mantissa_bits + 1

    @property
    def bias(self) -> int:
        """What is subtracted from the code of an exponent."""
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def top_exponent(self) -> int:
        """Exponent of the largest number."""
        return (self._top >> self.mantissa_bits) - self.bias

    @property
    def largest(self) -> float:
        """The largest number."""
        fraction = (self._top % 2**self.mantissa_bits) / 2**self.mantissa_bits
        return 2.0**self.top_exponent * (1 + fraction)

    @property
    def _top(self) -> int:
        """The largest code of a number, without its sign."""
        return 2 ** (self.exponent_bits + self.mantissa_bits) - 1 - self.reserved

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The nearest numbers to `x`; what is too large saturates."""
        exponent = jnp.maximum(jnp.frexp(x)[1] - 1, 1 - self.bias)
        ulp = jnp.ldexp(jnp.ones_like(x), exponent - self.mantissa_bits)
        return jnp.clip(jnp.round(x / ulp) * ulp, -self.largest, self.largest)


class FixedElement(AbstractElement):
    r"""Integers of 8 bits in units of $2^{-6}$, the same in both signs."""

    @property
    def bits(self) -> int:
        """Bits, sign included."""
        return 8

    @property
    def factor_bits(self) -> int:
        """All bits."""
        return 8

    @property
    def top_exponent(self) -> int:
        """Exponent of the largest number, 127 / 64."""
        return 0

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The nearest numbers to `x`; what is too large saturates."""
        return jnp.clip(jnp.round(x * 64), -127, 127) / 64


E4M3 = Minifloat(4, 3, 1)  # no infinity; one code is no number
E5M2 = Minifloat(5, 2, 4)  # the largest exponent is infinity and no number
E3M2 = Minifloat(3, 2)
E2M3 = Minifloat(2, 3)
E2M1 = Minifloat(2, 1)
INT8 = FixedElement()
