"""Integers of one step: symmetric ones, and those without a sign behind a rectifier."""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float, Int32

from .._core._arrays import as_integer
from .._core._types import Scalar
from ._base import AbstractCodes, AbstractFormat, Operation, whole_bits
from ._clip import AbstractClip, FixedClip, MaxClip
from ._clip_gradient import AbstractClipGradient, StraightThrough
from ._wide import exact_product, LIMB_BITS


UNIFORM_BITS = (2, 16)


class UniformCodes(AbstractCodes):
    r"""Integers $q_{ij}$ and the step $\Delta_j$ of each column.

    Args:
        codes: $q$.
        step: $\Delta$.
        limbs: Number of limbs of 8 bits that hold any code.
    """

    codes: Int32[Array, "rows cols"]
    step: Float[Array, " cols"]
    limbs: int = eqx.field(static=True)

    @property
    def value(self) -> Float[Array, "rows cols"]:
        r"""$q_{ij} \Delta_j$."""
        return self.codes.astype(self.step.dtype) * self.step[None]

    def dot(self, other: "UniformCodes") -> Float[Array, "cols samples"]:
        r"""$\Delta_j \Delta_k \sum_i q_{ij} q_{ik}$; the sum is exact.

        Raises:
            ValueError: If the sums may pass 2^54.
        """
        sums = exact_product(self.codes, other.codes, (self.limbs, other.limbs))
        return sums.as_float(self.step.dtype) * self.step[:, None] * other.step[None]


class UniformFormat(AbstractFormat):
    r"""$Q(x) = \Delta\,\mathrm{clip}(\mathrm{round}(x / \Delta), -L, L)$.

    The step is $\Delta = s / L$. With a sign $L = 2^{B-1} - 1$; without, codes run from
    0 to $L = 2^B - 1$.

    Args:
        bits: B, 2 to 16, the sign included.
        clip: The rule for s.
        gradient: The gradient beyond the range.
        is_signed: Whether there is a sign.

    Raises:
        ValueError: If the bits are out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> from rram_ode.formats import FixedClip, UniformFormat
        >>> form = UniformFormat(4, FixedClip(7.0))
        >>> form.quantise(jnp.array([[0.4], [1.6], [-9.0]])).ravel().tolist()
        [0.0, 2.0, -7.0]
    """

    bits: Int32[Array, ""]
    clip: AbstractClip
    gradient: AbstractClipGradient
    is_signed: bool = eqx.field(static=True)
    limbs: int = eqx.field(static=True)

    def __init__(
        self,
        bits: Any,
        clip: AbstractClip = MaxClip(),
        gradient: AbstractClipGradient = StraightThrough(),
        *,
        is_signed: bool = True,
    ):
        self.bits = whole_bits("bits", bits, *UNIFORM_BITS)
        self.clip, self.gradient, self.is_signed = clip, gradient, is_signed
        most = UNIFORM_BITS[1] if isinstance(bits, Tracer) else int(bits)
        # A limb has a sign, which codes without one do not use.
        self.limbs = math.ceil((most + (not is_signed)) / LIMB_BITS)

    @property
    def top(self) -> Int32[Array, ""]:
        """L, the largest code."""
        return (as_integer(1) << (self.bits - int(self.is_signed))) - 1

    def scale(self, x: Float[Array, "rows cols"]) -> Float[Array, " cols"]:
        """S of each column, as the rule has it for these numbers."""
        noise: Scalar = 1 / (12 * self.top.astype(x.dtype) ** 2)
        return self.clip(x, noise)

    def encode(self, x: Float[Array, "rows cols"]) -> UniformCodes:
        """Codes, and the step of each column."""
        top = self.top.astype(x.dtype)
        step = self.scale(x) / top
        lowest = -top if self.is_signed else jnp.zeros_like(top)
        codes = jnp.clip(jnp.round(x / step[None]), lowest, top).astype(jnp.int32)
        return UniformCodes(codes, step, self.limbs)

    def surrogate(self, x: Float[Array, "rows cols"]) -> Float[Array, "rows cols"]:
        """The rule of the gradient, with the range held constant."""
        scale = self.scale(jax.lax.stop_gradient(x))
        return self.gradient(x, scale, -1.0 if self.is_signed else 0.0)

    def calibrated(self, x: Float[Array, "rows cols"]) -> "UniformFormat":
        """This format with the rule's range for all of `x`."""
        fixed = FixedClip(self.scale(x.reshape(-1, 1))[0])
        return eqx.tree_at(lambda form: form.clip, self, fixed)

    def stored_bits(self, rows: int, cols: int) -> int:
        """Bits of the codes; a scale per column is counted with the biases."""
        return rows * cols * int(self.bits)

    def counts(self, rows: int, other: "UniformFormat") -> tuple[Operation, ...]:
        """A product and an addition per term."""
        both = int(self.bits), int(other.bits)
        return (
            Operation("multiply", both, rows),
            Operation("add", (sum_bits(both, rows),), rows),
        )


def sum_bits(bits: tuple[int, int], terms: int) -> int:
    """Bits of an accumulator that holds any sum of so many products."""
    return sum(bits) + max(terms - 1, 1).bit_length()
