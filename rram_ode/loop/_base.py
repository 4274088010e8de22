"""The interface of the analog solver, and what a solve gives."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._identity import Identity
from .._core._types import Key, Scalar, Seconds, State, Times
from ..blocks import DAC, Schedule
from ..chip import Chip
from ..noise import LabClock
from ._converters import Converters
from ._observation import first_columns, Observation
from ._signals import PathSizes
from ._waveforms import Waveforms


class Trajectory(eqx.Module):
    """The end of a solve, and what was seen on the way.

    Args:
        x0: The samples, `(dim, samples)`, dimensionless.
        num_steps: Steps of the solver: one number, or one per sample where they adapt.
        is_solved: Whether the solver reached the end: one value, or one per sample.
        observation: What the nodes did at a few times, if asked for.
    """

    x0: State
    num_steps: Integer[Array, "..."]
    is_solved: Array
    observation: Observation | None

    def head(self, num: int) -> "Trajectory":
        """The first `num` samples."""
        seen = None if self.observation is None else self.observation.head(num)
        return Trajectory(
            first_columns(self.x0, num),
            first_columns(self.num_steps, num),
            first_columns(self.is_solved, num),
            seen,
        )


class AbstractLoop(eqx.Module):
    """A circuit around a chip that solves from noise to data in circuit seconds.

    Implementations have the schedule from circuit time to diffusion time, the clock,
    the DAC of the waveforms, the converters of starts and ends, the sizes of all paths
    in `plan`, the step boundaries in `grid` from 0 to 1, the `tolerance` of adaptive
    steps (`None` if the steps are those of the grid), the time `injected_hold` for
    which injected noise is held, and the `identity` of their system (`None` takes any
    chip).
    """

    schedule: eqx.AbstractVar[Schedule]
    clock: eqx.AbstractVar[LabClock]
    dac: eqx.AbstractVar[DAC]
    converters: eqx.AbstractVar[Converters]
    plan: eqx.AbstractVar[PathSizes]
    grid: eqx.AbstractVar[Float[Array, " times"]]
    tolerance: eqx.AbstractVar[Scalar | None]
    injected_hold: eqx.AbstractVar[Scalar]
    identity: eqx.AbstractVar[Identity | None]

    @abc.abstractmethod
    def solve(
        self,
        chip: Chip,
        x1: State,
        *,
        key: Key | None = None,
        first: int | Integer[Array, ""] = 0,
        num_observed: int = 0,
    ) -> Trajectory:
        """Run samples `first`, `first + 1`, ... from the pre-charged states `x1`.

        Args:
            chip: The hardware.
            x1: Starts, `(dim, samples)`, dimensionless.
            key: Seeds the injected noise; only the reverse SDE needs it.
            first: Number of the first sample on this chip; sets its lab time.
            num_observed: Times at which all nodes are looked at.

        Raises:
            ValueError: If the chip has a noise that the loop has no path for, another
                dimension than `x1`, or an output that the drift does not take. `check`
                sees more, since it looks at values.
        """

    @abc.abstractmethod
    def check(self, chip: Chip) -> float:
        """The largest multiplier factor of `chip` (not under `jit`).

        Raises:
            ValueError: If chip and loop are not of one piece, or the factor is above
                the multiplier's full scale.
        """

    @abc.abstractmethod
    def waveforms(self, chip: Chip) -> Waveforms:
        """What the DAC plays to `chip`."""

    @abc.abstractmethod
    def silenced(self) -> "AbstractLoop":
        """The loop without noise of cells and circuits; injected noise stays."""

    @abc.abstractmethod
    def padded(self) -> "AbstractLoop":
        """The loop as a compiled program takes it; not under `jit`.

        With a longest duration of the clock, one program serves all durations where the
        loop can have more steps in memory than it makes. Else it is the loop itself.
        """

    @property
    def times(self) -> Seconds:
        """Step boundaries in circuit time."""
        return self.grid * self.clock.duration

    @eqx.filter_jit
    def diffusion_times(self, num_steps: int) -> Times:
        """The falling diffusion times at the step boundaries.

        Args:
            num_steps: Even steps in circuit time that stand for the grid where the
                loop's own steps adapt.
        """
        adapts = self.tolerance is not None
        grid = jnp.linspace(0, 1, num_steps + 1) if adapts else self.grid
        return self.schedule(grid * self.clock.duration, self.clock.duration)
