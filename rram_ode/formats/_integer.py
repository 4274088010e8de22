"""Integer formats: weights, activations and state as codes, sums in an accumulator."""

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float, Int32

from .._core._arrays import scalar, straight_through
from .._core._types import Scalar, Weights
from ._base import whole_bits
from ._wide import exact_product, LIMB_BITS, shifted, WideInteger


# Smallest and largest number of bits, sign included, of each part of a format.
BITS = {
    "weights": (2, 24),
    "activations": (2, 24),
    "state": (2, 24),
    "accumulator": (2, 54),
}


class FixedPoint(eqx.Module):
    r"""Numbers of b bits over [-F, F), as a sampler stores its state.

    $x \leftarrow \Delta\,\mathrm{clip}(\mathrm{round}(x / \Delta), -2^{b-1},
    2^{b-1} - 1)$ with $\Delta = F / 2^{b-1}$. The gradient is that of the clip
    (straight-through).

    Args:
        bits: Bits, sign included, 2 to 24.
        full_scale: F, in the unit of the numbers.

    Raises:
        ValueError: If the bits are out of range.
    """

    bits: Int32[Array, ""]
    full_scale: Scalar

    def __init__(self, bits: Any, full_scale: Any):
        self.bits = _checked("state", bits)
        self.full_scale = scalar(full_scale)

    @property
    def step(self) -> Scalar:
        """The difference of two neighbouring numbers."""
        return self.full_scale / shifted(self.bits, self.full_scale.dtype)

    def __call__(self, x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """The nearest numbers of the format."""
        half = shifted(self.bits, x.dtype)
        step = (self.full_scale / half).astype(x.dtype)
        place = x / step
        cut = lambda y: step * jnp.clip(y, -half, half - 1)
        return straight_through(cut(jnp.round(place)), cut(place))


class IntegerFormat(eqx.Module):
    r"""Symmetric integers, as an integer engine computes with.

    Weights have one scale per column, activations one per layer:
    $w \approx \Delta_j w^\mathrm{int}$ and $h \approx \Delta_h h^\mathrm{int}$ with
    codes from $-L$ to $L = 2^{b-1} - 1$. Products add up in an accumulator in units of
    $\Delta_j \Delta_h$; the sum is exact and saturates at its end. The numbers of bits
    are arrays, so that a sweep over them runs one compiled program, as long as the
    codes have as many limbs of 8 bits.

    What a format costs is counted elsewhere: `stored_bits` says how many bits a network
    takes, `energy` what they cost.

    Args:
        weights: Bits of a weight, sign included, 2 to 24.
        activations: Bits of an activation, 2 to 24.
        state: Bits of a sampler's state, 2 to 24.
        accumulator: Bits of an accumulator and of biases, 2 to 54.

    Raises:
        ValueError: If a number of bits is no whole number, or out of range.

    Example:
        >>> from rram_ode.formats import IntegerFormat
        >>> IntegerFormat(weights=8, activations=8, state=16, accumulator=32).name
        'int8 weights, int8 activations, 16-bit state, 32-bit sums'
    """

    weights: Int32[Array, ""]
    activations: Int32[Array, ""]
    state: Int32[Array, ""]
    accumulator: Int32[Array, ""]
    limbs: tuple[int, int] = eqx.field(static=True)

    def __init__(
        self,
        weights: Any = 8,
        activations: Any = 8,
        state: Any = 16,
        accumulator: Any = 32,
    ):
        self.weights = _checked("weights", weights)
        self.activations = _checked("activations", activations)
        self.state = _checked("state", state)
        self.accumulator = _checked("accumulator", accumulator)
        self.limbs = _limbs_of(self.weights), _limbs_of(self.activations)

    @property
    def name(self) -> str:
        """The format in words (not under `jit`)."""
        return (
            f"int{int(self.weights)} weights, int{int(self.activations)} activations, "
            f"{int(self.state)}-bit state, {int(self.accumulator)}-bit sums"
        )

    def stored_bits(self, num_weights: int, num_biases: int) -> int:
        """Bits that a network takes in memory (not under `jit`)."""
        return num_weights * int(self.weights) + num_biases * int(self.accumulator)

    def weight_codes(
        self, w: Weights
    ) -> tuple[Int32[Array, "rows cols"], Float[Array, " cols"]]:
        r"""Codes of `w` and the step $\Delta_j$ of each column.

        The largest weight of a column has the largest code; a column of zeros has the
        step 1.
        """
        largest = jnp.max(jnp.abs(w), axis=0)
        top = shifted(self.weights, w.dtype) - 1
        step = jnp.where(largest > 0, largest, 1.0) / top
        return jnp.clip(jnp.round(w / step[None]), -top, top).astype(jnp.int32), step

    def activation_step(self, full_scale: Scalar) -> Scalar:
        r"""The step $\Delta_h$ of activations whose largest magnitude is given."""
        return full_scale / (shifted(self.activations, full_scale.dtype) - 1)

    def activation_codes(
        self, places: Float[Array, "*shape"]
    ) -> Int32[Array, "*shape"]:
        """Codes of activations that are given in steps."""
        top = shifted(self.activations, places.dtype) - 1
        return jnp.clip(jnp.round(places), -top, top).astype(jnp.int32)

    def accumulate(
        self,
        w: Int32[Array, "rows cols"],
        h: Int32[Array, "rows samples"],
        drive: Float[Array, "cols ..."],
    ) -> WideInteger:
        r"""Accumulators, $\sum_i w_{ij} h_i + \mathrm{round}(d_j)$, saturated.

        Args:
            w: Codes of weights.
            h: Codes of activations.
            drive: What is added to each column, of all samples or of each, in units of
                the accumulator.
        """
        drive = drive if drive.ndim == 2 else drive[:, None]
        added = WideInteger.of(jnp.round(_clipped(drive)))
        added = added.saturate(self.accumulator)
        sums = exact_product(w, h, self.limbs)
        return (sums + added).saturate(self.accumulator)


def _clipped(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """`x` within the widest accumulator, so that its integer part is defined."""
    return jnp.clip(x, -(2.0**53), 2.0**53)


def _checked(name: str, bits: Any) -> Int32[Array, ""]:
    """`bits` as an array, if the part `name` of a format can have that many."""
    return whole_bits(name, bits, *BITS[name])


def _limbs_of(bits: Int32[Array, ""]) -> int:
    """Limbs of codes of so many bits; of the largest where the bits are traced."""
    largest = BITS["weights"][1] if isinstance(bits, Tracer) else int(bits)
    return math.ceil(largest / LIMB_BITS)
