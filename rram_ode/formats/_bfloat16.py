"""Bfloat16: the upper half of a single, 8 bits of exponent and 7 of fraction."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ._base import AbstractCodes, AbstractFormat, Operation, require_numbers


EXPONENT_BITS, MANTISSA_BITS = 8, 7


class BFloat16Codes(AbstractCodes):
    """Numbers of bfloat16, held in a wider type."""

    numbers: Float[Array, "rows cols"]

    @property
    def value(self) -> Float[Array, "rows cols"]:
        """The numbers."""
        return self.numbers

    def dot(self, other: "BFloat16Codes") -> Float[Array, "cols samples"]:
        """Exact products, added in single precision."""
        left, right = (x.numbers.astype(jnp.float32) for x in (self, other))
        highest = jax.lax.Precision.HIGHEST
        found = jnp.matmul(left.T, right, precision=highest)
        return found.astype(self.numbers.dtype)


class BFloat16Format(AbstractFormat):
    """Rounding to nearest, ties to even; what is too large becomes infinite."""

    def encode(self, x: Float[Array, "rows cols"]) -> BFloat16Codes:
        """The nearest numbers."""
        return BFloat16Codes(jax.lax.reduce_precision(x, EXPONENT_BITS, MANTISSA_BITS))

    def surrogate(self, x: Float[Array, "rows cols"]) -> Float[Array, "rows cols"]:
        """`x`: nothing is clipped."""
        return x

    def calibrated(self, x: Float[Array, "rows cols"]) -> "BFloat16Format":
        """This format: its range is fixed."""
        require_numbers(x)
        return self

    def stored_bits(self, rows: int, cols: int) -> int:
        """16 per number."""
        return 16 * rows * cols

    def counts(self, rows: int, other: "BFloat16Format") -> tuple[Operation, ...]:
        """A product of significands, an alignment and an addition per term."""
        del other
        both = MANTISSA_BITS + 1, MANTISSA_BITS + 1
        return (
            Operation("multiply", both, rows),
            Operation("add", (EXPONENT_BITS, EXPONENT_BITS), rows),
            Operation("shift", (24,), rows),
            Operation("add", (24,), rows),
        )
