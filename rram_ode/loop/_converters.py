"""The converters at both ends of a solve: the DAC of its start, the ADC of its end."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Bool, Float, Integer

from .._core._arrays import scalar, scalar_or_none
from .._core._checks import positive
from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Key, Scalar, State
from ..blocks import ADC, DAC


class Converters(eqx.Module):
    r"""What stands between the numbers of a sample and the integrators' volts.

    A start is a code of `start`, clipped at $\pm$ `start_full_scale`. The end of a
    solve is a code of `adc`, whose noise is a function of the chip and of the sample's
    number, which sets its lab time. Without bits a converter returns its input.

    Args:
        adc: Reads the state as a solve ends, in volts.
        start: Plays the starts; its rate is one update per sample.
        start_full_scale: Full scale of `start`, in volts.
        share: Fraction of the two converters' errors that acts: `None` takes all of
            them, 0 takes none. For error budgets.
    """

    adc: ADC = ADC()
    start: DAC = DAC()
    start_full_scale: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    share: Scalar | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        positive("start.full_scale", self.start_full_scale, "V")

    def play(self, v1: State) -> State:
        """The volts that the start's DAC gives for `v1`."""
        return self._share(self.start.quantise(v1, self.start_full_scale), v1)

    def hand_over(
        self, v0: State, *, key: Key, first: Integer[Array, ""] | int
    ) -> State:
        """The volts that the codes of the ADC stand for, for the ends `v0` of solves.

        Args:
            v0: State voltages of samples `first`, `first + 1`, ..., `(dim, samples)`.
            key: The chip's key of noise in lab time.
            first: Number of the first sample.
        """
        normals = None
        if self.adc.bits is not None and self.adc.noise is not None:
            indices = jnp.asarray(first, jnp.uint32)
            indices = indices + jnp.arange(v0.shape[1], dtype=jnp.uint32)
            own = jr.fold_in(key, LabStream.HAND_OVER)
            normals = standard_normal(own, indices, v0.shape[:1]).astype(v0.dtype)
        return self._share(self.adc(v0, normals), v0)

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
