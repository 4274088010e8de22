"""The interface of a loop that adds to a `ClosedLoop` what it leaves out."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._identity import Identity
from .._core._types import Scalar
from ..blocks import DAC, Schedule
from ..chip import Chip
from ..noise import LabClock
from ._base import AbstractLoop
from ._closed_loop import ClosedLoop
from ._converters import Converters
from ._signals import PathSizes
from ._waveforms import Waveforms


class AbstractLoopAround(AbstractLoop):
    """A loop with the process, the schedule, the signals and the grid of another one.

    Implementations have a `ClosedLoop` as `loop`, and their own way to solve.
    """

    loop: eqx.AbstractVar[ClosedLoop]

    def padded(self) -> "AbstractLoopAround":
        """As `AbstractLoop.padded`: each duration has a program of its own."""
        return self

    def waveforms(self, chip: Chip) -> Waveforms:
        """What the DAC plays to `chip`."""
        return self.loop.waveforms(chip)

    @property
    def schedule(self) -> Schedule:
        """Circuit time to diffusion time."""
        return self.loop.schedule

    @property
    def clock(self) -> LabClock:
        """Duration and reset."""
        return self.loop.clock

    @property
    def dac(self) -> DAC:
        """Plays embeddings and multiplier factors."""
        return self.loop.dac

    @property
    def injected_hold(self) -> Scalar:
        """That of the loop inside."""
        return self.loop.injected_hold

    @property
    def converters(self) -> Converters:
        """The DAC of the starts and the ADC of the ends."""
        return self.loop.converters

    @property
    def plan(self) -> PathSizes:
        """Sizes of all paths."""
        return self.loop.plan

    @property
    def identity(self) -> Identity | None:
        """Of the system that the loop belongs to."""
        return self.loop.identity

    @property
    def grid(self) -> Float[Array, " times"]:
        """Step boundaries over the duration."""
        return self.loop.grid

    @property
    def tolerance(self) -> Scalar | None:
        """Of adaptive steps; `None` for the steps of the grid."""
        return self.loop.tolerance
