r"""Per-vector scaled integers (VS-Quant): a scale per vector of V rows, in two levels.

$$s_{jc} = \max_k |x_{jkc}| / (2^{N-1} - 1), \quad
  \sigma_{jc} = \mathrm{round}(s_{jc} / \gamma_c), \quad
  q_{jkc} = \mathrm{round}(x_{jkc} / (\gamma_c \sigma_{jc}))$$

so that a dot product is
$\gamma_c \gamma_k \sum_j \big[\sum_k q^w q^h\big] \sigma^w_j \sigma^h_j$.
Source: Dai et al., MLSys 2021, arXiv 2102.04503, as public notes have it; scales of
FP8: Fan et al. (SQ-DM), DAC 2025, arXiv 2501.15448.
"""

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float, Int32, Num

from .._core._arrays import as_integer
from ._base import (
    AbstractCodes,
    AbstractFormat,
    Operation,
    require_numbers,
    whole_bits,
)
from ._blocks import (
    block_size,
    blocks,
    integer_dot_in_blocks,
    require_equal_blocks,
    unblocked,
)
from ._uniform import sum_bits
from ._vector_scale import AbstractVectorScale, IntegerScale, SCALE_BITS
from ._wide import exact_product, LIMB_BITS


VECTOR_BITS = (2, 8)
COARSE_BITS = 16  # of gamma, a number of half precision per column


class VectorCodes(AbstractCodes):
    r"""Integers q, stored scales $\sigma$ of each vector, and coarse ones $\gamma$.

    Args:
        codes: q.
        stored: $\sigma$, integers or floating-point numbers.
        coarse: $\gamma$.
        rows: Number of rows of the matrix.
        limbs: Number of limbs of 8 bits that hold any $\sigma q$.
    """

    codes: Int32[Array, "num size cols"]
    stored: Num[Array, "num cols"]
    coarse: Float[Array, " cols"]
    rows: int = eqx.field(static=True)
    limbs: int = eqx.field(static=True)

    @property
    def value(self) -> Float[Array, "rows cols"]:
        r"""$\gamma \sigma q$."""
        scale = self.stored.astype(self.coarse.dtype) * self.coarse[None]
        return unblocked(self.codes.astype(scale.dtype) * scale[:, None], self.rows)

    def dot(self, other: "VectorCodes") -> Float[Array, "cols samples"]:
        r"""$\gamma_c \gamma_k \sum_j [\sum_k q^w q^h] \sigma^w_j \sigma^h_j$.

        The inner sums are integers. Where both scales are integers, so is all of the
        outer sum: it equals $\sum (\sigma^w q^w) (\sigma^h q^h)$, which is added up
        without rounding. With scales of floating point the outer sum is one, too.

        Raises:
            ValueError: If the operands differ in rows or in the size of vectors.
        """
        sizes = self.codes.shape[1], other.codes.shape[1]
        require_equal_blocks(sizes, (self.rows, other.rows))
        dtype = self.coarse.dtype
        if all(jnp.issubdtype(x.stored.dtype, jnp.integer) for x in (self, other)):
            sums = exact_product(
                self._scaled(), other._scaled(), (self.limbs, other.limbs)
            ).as_float(dtype)
            return sums * self.coarse[:, None] * other.coarse[None]
        return self.outer(self.inner(other), other)

    def inner(self, other: "VectorCodes") -> Int32[Array, "num cols samples"]:
        r"""$\sum_k q^w q^h$ of each vector: integers, whose parts add up exactly."""
        return integer_dot_in_blocks(self.codes, other.codes)

    def outer(
        self, inner: Int32[Array, "num cols samples"], other: "VectorCodes"
    ) -> Float[Array, "cols samples"]:
        r"""$\gamma_c \gamma_k \sum_j \sigma^w_j \sigma^h_j$ times the inner sums."""
        dtype = self.coarse.dtype
        left, right = self.stored.astype(dtype), other.stored.astype(dtype)
        scaled = inner.astype(dtype) * left[:, :, None] * right[:, None]
        sums = jnp.sum(scaled, axis=0)
        return sums * self.coarse[:, None] * other.coarse[None]

    def _scaled(self) -> Int32[Array, "_ _"]:
        r"""$\sigma q$ as integers, `(rows, cols)`."""
        scaled = self.codes * self.stored[:, None].astype(jnp.int32)
        return scaled.reshape(-1, scaled.shape[2])


class VectorFormat(AbstractFormat):
    """Integers with a scale for each vector of rows, and one for each column.

    Each column has a coarse scale: a column of weights, or a sample of activations.

    Args:
        bits: N of the integers, 2 to 8, sign included.
        vector: V, rows that share a scale: 16 in the paper's hardware, 64 in silicon.
        scale: How that scale is stored.
        is_signed: Whether the integers have a sign; without one they end at $2^N - 1$.

    Raises:
        ValueError: If the bits or the rows are out of range.
    """

    bits: Int32[Array, ""]
    vector: int = eqx.field(static=True)
    scale: AbstractVectorScale
    is_signed: bool = eqx.field(static=True)
    limbs: int = eqx.field(static=True)

    def __init__(
        self,
        bits: Any,
        vector: int = 16,
        scale: AbstractVectorScale = IntegerScale(),
        *,
        is_signed: bool = True,
    ):
        self.bits = whole_bits("bits", bits, *VECTOR_BITS)
        self.vector = block_size("vector", vector)
        self.scale, self.is_signed = scale, is_signed
        most = _known(bits, VECTOR_BITS[1]) + (not is_signed)
        if isinstance(scale, IntegerScale):
            most += _known(scale.bits, SCALE_BITS[1])
        self.limbs = math.ceil(most / LIMB_BITS)

    def encode(self, x: Float[Array, "rows cols"]) -> VectorCodes:
        """Integers and scales; a scale that was rounded down clips its vector."""
        require_numbers(x)
        top = (as_integer(1) << (self.bits - int(self.is_signed))) - 1
        top = top.astype(x.dtype)
        parts = blocks(x, self.vector)
        stored, coarse = self.scale(jnp.max(jnp.abs(parts), axis=1) / top)
        scale = stored.astype(x.dtype) * coarse[None]
        lowest = -top if self.is_signed else jnp.zeros_like(top)
        codes = jnp.clip(jnp.round(parts / scale[:, None]), lowest, top)
        codes = codes.astype(jnp.int32)
        return VectorCodes(codes, stored, coarse, x.shape[0], self.limbs)

    def surrogate(self, x: Float[Array, "rows cols"]) -> Float[Array, "rows cols"]:
        """`x`: nothing is clipped by more than the rounding of a scale."""
        return x

    def calibrated(self, x: Float[Array, "rows cols"]) -> "VectorFormat":
        """This format: its scales are part of the codes."""
        require_numbers(x)
        return self

    def stored_bits(self, rows: int, cols: int) -> int:
        r"""$N + M / V + 16 / K$ per number in full vectors, K rows."""
        num = -(-rows // self.vector)
        return cols * (rows * int(self.bits) + num * self.scale.width + COARSE_BITS)

    def counts(self, rows: int, other: "VectorFormat") -> tuple[Operation, ...]:
        """Integer products and sums; per vector a product of scales and a scaling."""
        num = -(-rows // self.vector)
        both = int(self.bits), int(other.bits)
        scales = self.scale.width, other.scale.width
        inner = sum_bits(both, self.vector)
        return (
            Operation("multiply", both, rows),
            Operation("add", (inner,), rows),
            Operation("multiply", scales, num),
            Operation("multiply", (inner, sum(scales)), num),
            Operation("add", (sum_bits((inner, sum(scales)), num),), num),
        )


def _known(bits: Any, most: int) -> int:
    """`bits` as a number, or the largest where they are traced."""
    return most if isinstance(bits, Tracer) else int(bits)
