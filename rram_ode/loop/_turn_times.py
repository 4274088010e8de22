"""When an array is switched between two labels, and when their holds are closed."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Bool, Float, Integer

from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Scalar, Seconds
from ..chip import Chip, SwitchedNetwork
from ..noise import LabClock


class Turns(eqx.Module):
    """The turns of a class and of the null label over the steps of a solve.

    The first half of each period is the class's, the second the null label's. A half
    begins with the settling of the array, its hold open; then the hold is closed up to
    the end of the half. Make one by `turns_on`.

    Args:
        halves: Number of the half in which each step lies.
        closed: Whether the hold of the half's label is closed in each step.
        periods: Number of periods of a solve.
        acquisition: Share of a half, at its end, in which its hold is closed.
    """

    halves: Integer[Array, " steps"]
    closed: Bool[Array, " steps"]
    periods: int = eqx.field(static=True)
    acquisition: float = eqx.field(static=True)

    @property
    def begins(self) -> Bool[Array, " steps"]:
        """Whether a half begins with the step: the other label's hold opens then."""
        return jnp.diff(self.halves, prepend=-1) > 0

    @property
    def opens(self) -> Bool[Array, " steps"]:
        """Whether the closed holds open as the step ends."""
        return jnp.diff(self.halves, append=self.halves[-1]) > 0

    def half(self, clock: LabClock) -> Scalar:
        """Half of a period, in seconds."""
        return clock.duration / (2 * self.periods)

    def settling(self, times: Seconds) -> Scalar:
        """Time of a half in which the array settles, its hold open, in seconds.

        Args:
            times: Boundaries of the steps, in seconds.
        """
        is_open = (self.halves == 0) & ~self.closed
        return jnp.sum(jnp.where(is_open, jnp.diff(times), 0.0))

    def seen(self, num: int) -> Integer[Array, " num"]:
        """Numbers of `num` steps that are spread over a solve, of each label in turn.

        They are the last of a half, where the array has settled.
        """
        ends = jnp.diff(self.halves, append=2 * self.periods)
        (last,) = jnp.nonzero(ends, size=2 * self.periods)
        wanted = np.linspace(0, 2 * self.periods - 2, num).round().astype(int)
        return last[wanted + (wanted + np.arange(num)) % 2]

    def require_reset(self, clock: LabClock) -> None:
        """Refuse a reset that fills no holds.

        Raises:
            ValueError: If it is shorter than a period.
        """
        reset, period = float(clock.reset), 2 * float(self.half(clock))
        if reset < period * (1 - 1e-5):
            raise ValueError(
                f"`solve.reset` must be one period of `guidance.switch_rate`, "
                f"{period:.4g} s, or more, to fill the holds of both labels; got "
                f"{reset:g} s: take a longer reset or a higher rate."
            )

    def normals(
        self, chip: Chip, first: int | Integer[Array, ""], num_samples: int
    ) -> Float[Array, "halves dim samples"] | None:
        """Of the noise that the holds sample: two in the reset, one a half after it.

        Args:
            chip: The chip, whose array is switched.
            first: Number of the first sample.
            num_samples: Number of samples.
        """
        network = chip.score
        assert isinstance(network, SwitchedNetwork)  # by `require_structure`
        if network.holds.temperature is None:
            return None
        numbers = jnp.arange(num_samples, dtype=jnp.uint32)
        indices = jnp.asarray(first, jnp.uint32) + numbers
        key = jr.fold_in(chip.key, LabStream.GUIDANCE_HOLDS)
        shape = (2 + 2 * self.periods, chip.score.dim)
        return standard_normal(key, indices, shape)


def turns_on(grid: np.ndarray, periods: int, acquisition: float) -> Turns:
    """The turns of `periods` on a grid from 0 to 1 that has all edges of switches."""
    at = (grid[:-1] + grid[1:]) * periods  # of the middles, in halves
    halves = np.floor(at).astype(int)
    closed = jnp.asarray(at - halves > 1 - acquisition)
    return Turns(jnp.asarray(halves), closed, periods, acquisition)
