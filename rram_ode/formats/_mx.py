r"""Microscaling (MX) formats: blocks of 32 numbers of few bits with a power of two.

$X = 2^{\lfloor \log_2 \max_i |v_i| \rfloor - e_\mathrm{max}}$ and
$P_i = \mathrm{round}(v_i / X)$, saturated, with $e_\mathrm{max}$ the exponent of the
element's largest number; $X$ has 8 bits (E8M0). Source: OCP Microscaling Formats (MX)
Specification v1.0, 2023, sections 5.2 and 6.3.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int32

from ._base import AbstractCodes, AbstractFormat, Operation, require_numbers
from ._blocks import (
    block_size,
    blocks,
    dot_in_blocks,
    require_equal_blocks,
    unblocked,
)
from ._minifloat import (
    AbstractElement,
    E2M1,
    E2M3,
    E3M2,
    E4M3,
    E5M2,
    FixedElement,
    INT8,
)


BLOCK = 32
SCALE_EXPONENTS = (-127, 127)  # of E8M0


MICROSCALING = {
    "mxfp8-e4m3": E4M3,
    "mxfp8-e5m2": E5M2,
    "mxfp6-e3m2": E3M2,
    "mxfp6-e2m3": E2M3,
    "mxfp4": E2M1,
    "mxint8": INT8,
}


class BlockCodes(AbstractCodes):
    r"""Elements $P$ and the exponent of each block's scale $X$.

    Args:
        elements: $P$, numbers of the element's format.
        exponents: $\log_2 X$.
        rows: Number of rows of the matrix.
    """

    elements: Float[Array, "num size cols"]
    exponents: Int32[Array, "num cols"]
    rows: int = eqx.field(static=True)

    @property
    def value(self) -> Float[Array, "rows cols"]:
        """$X P$, exact."""
        values = jnp.ldexp(self.elements, self.exponents[:, None])
        return unblocked(values, self.rows)

    def dot(self, other: "BlockCodes") -> Float[Array, "cols samples"]:
        r"""$\sum_j X^w_j X^h_j \sum_i P^w_{ji} P^h_{ji}$.

        This is DotGeneral of the specification. Products are exact in single precision;
        sums are rounded as the type of the elements rounds them.

        Raises:
            ValueError: If the operands differ in rows or in the size of blocks.
        """
        sizes = self.elements.shape[1], other.elements.shape[1]
        require_equal_blocks(sizes, (self.rows, other.rows))
        inner = dot_in_blocks(self.elements, other.elements)
        shift = self.exponents[:, :, None] + other.exponents[:, None]
        return jnp.sum(jnp.ldexp(inner, shift), axis=0)


class MicroscalingFormat(AbstractFormat):
    """Blocks of rows that share a power of two.

    Args:
        element: The format of a number in a block, such as `E4M3`.
        block: Rows that share a scale; 32 in the specification.

    Raises:
        ValueError: If `block` is not a whole number of 1 or more.
    """

    element: AbstractElement
    block: int = eqx.field(default=BLOCK, static=True)

    def __check_init__(self):
        block_size("block", self.block)

    def encode(self, x: Float[Array, "rows cols"]) -> BlockCodes:
        """Elements and exponents; a block of zeros has the smallest exponent."""
        require_numbers(x)
        parts = blocks(x, self.block)
        largest = jnp.max(jnp.abs(parts), axis=1)
        exponents = jnp.frexp(largest)[1] - 1 - self.element.top_exponent
        low, high = SCALE_EXPONENTS
        exponents = jnp.where(largest > 0, jnp.clip(exponents, low, high), low)
        scaled = jnp.ldexp(parts, -exponents[:, None])
        return BlockCodes(self.element(scaled), exponents, x.shape[0])

    def surrogate(self, x: Float[Array, "rows cols"]) -> Float[Array, "rows cols"]:
        """`x`: an element saturates by less than its last step."""
        return x

    def calibrated(self, x: Float[Array, "rows cols"]) -> "MicroscalingFormat":
        """This format: its scales are part of the codes."""
        require_numbers(x)
        return self

    def stored_bits(self, rows: int, cols: int) -> int:
        """Bits of the elements, and 8 per block."""
        return cols * (rows * self.element.bits + 8 * -(-rows // self.block))

    def counts(self, rows: int, other: "MicroscalingFormat") -> tuple[Operation, ...]:
        """Products of significands and sums; per block two exponents and a shift."""
        num = -(-rows // self.block)
        both = self.element.factor_bits, other.element.factor_bits
        is_fixed = all(
            isinstance(e, FixedElement) for e in (self.element, other.element)
        )
        aligned = [] if is_fixed else [Operation("shift", (sum(both),), rows)]
        return (
            Operation("multiply", both, rows),
            *aligned,
            Operation("add", (24,), rows),
            Operation("add", (8, 8), num),
            Operation("shift", (24,), num),
            Operation("add", (24,), num),
        )


def microscaling(name: str, block: int = BLOCK) -> MicroscalingFormat:
    """The format called `name`: one of `MICROSCALING`.

    Raises:
        ValueError: If there is no such format.

    Example:
        >>> from rram_ode.formats import microscaling
        >>> microscaling("mxfp4").stored_bits(64, 64) / 64**2
        4.25
    """
    if name not in MICROSCALING:
        raise ValueError(
            f"`name` of a microscaling format must be one of {', '.join(MICROSCALING)};"
            f" got `{name}`."
        )
    return MicroscalingFormat(MICROSCALING[name], block)
