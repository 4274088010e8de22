"""The converters at both ends of a solve: the DAC of its start, the ADC of its end."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Bool, Float, Integer

from .._core._arrays import scalar, scalar_or_none, straight_through
from .._core._checks import is_concrete, positive
from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Key, Scalar, State
from ..blocks import ADC, DAC


class Converters(eqx.Module):
    r"""What stands between the numbers of a sample and the integrators' volts.

    A start is a code of `start`, clipped at $\pm$ `start_full_scale`. The end of a
    solve is a code of `adc`, whose noise is a function of the chip and of the sample's
    number, which sets its lab time. Without bits a converter returns its input.

    In the gradient the error of a converter stays what it is in units of x: with one
    that stayed in volts, volts per unit would seem to change it.

    Args:
        adc: Reads the state as a solve ends, in volts.
        start: Plays the starts; its rate is one update per sample.
        start_full_scale: Full scale of `start`, in volts.
        share: Fraction of the two converters' errors that acts: `None` takes all of
            them, 0 takes none. For error budgets.
        memory: Share of the end of the sample before that a start keeps, by incomplete
            reset and dielectric absorption; `None` for nothing. See `solve_chunk`.
    """

    adc: ADC = ADC()
    start: DAC = DAC()
    start_full_scale: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    share: Scalar | None = eqx.field(converter=scalar_or_none, default=None)
    memory: Scalar | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        memory = jnp.zeros(()) if self.memory is None else self.memory
        if is_concrete(memory) and not 0 <= float(memory) < 1:
            raise ValueError(
                "`start.memory` must be 0 or more and below 1, a share of the end of "
                f"the sample before; got {float(memory):g}."
            )
        positive("start.full_scale", self.start_full_scale, "V")

    def play(self, x1: State, unit: Scalar) -> State:
        """The volts that the start's DAC gives for `x1`.

        Args:
            x1: Starts, `(dim, *samples)`, dimensionless.
            unit: Volts per unit of the state.
        """
        v1 = unit * x1
        if self.start.bits is None:
            return v1
        played = self.start.quantise(v1, self.start_full_scale)
        smooth = _clip(v1, self.start_full_scale, self.start.half)
        smooth = unit * straight_through(played / unit, smooth / unit)
        return self._share(straight_through(played, smooth), v1)

    def hand_over(
        self, v0: State, unit: Scalar, *, key: Key, first: Integer[Array, ""] | int
    ) -> State:
        """The numbers that the codes of the ADC stand for, dimensionless.

        Args:
            v0: Last state voltages of samples `first`, `first + 1`, ...,
                `(dim, samples)`.
            unit: Volts per unit of the state.
            key: The chip's key of noise in lab time.
            first: Number of the first sample.
        """
        if self.adc.bits is None:
            return v0 / unit
        normals = None
        if self.adc.noise is not None:
            indices = jnp.asarray(first, jnp.uint32)
            indices = indices + jnp.arange(v0.shape[1], dtype=jnp.uint32)
            own = jr.fold_in(key, LabStream.HAND_OVER)
            normals = standard_normal(own, indices, v0.shape[:1]).astype(v0.dtype)
        smooth = _clip(v0, self.adc.full_scale, 2 ** (self.adc.bits - 1)) / unit
        read = straight_through(self.adc(v0, normals) / unit, smooth)
        return self._share(read, v0 / unit)

    def beyond(self, v1: State, v0: State) -> dict[str, Bool[Array, "dim samples"]]:
        """Which starts and which ends a converter clips, by the converter's name."""
        found = {}
        if self.start.bits is not None:
            found["start DAC"] = jnp.abs(v1) > self.start_full_scale
        if self.adc.bits is not None:
            found["ADC"] = self.adc.is_clipped(v0)
        return found

    def _share(self, converted: State, exact: State) -> State:
        if self.share is None:
            return converted
        return self.share * converted + (1 - self.share) * exact


def _clip(v: State, full_scale: Scalar, half: Integer[Array, ""] | int) -> State:
    """`v` between the last codes of a converter, which has `half` of either sign."""
    step = 1 / jnp.asarray(half, full_scale.dtype)
    return jnp.clip(v, -full_scale, full_scale * (1 - step))
