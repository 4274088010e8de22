"""One piece of hardware."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._identity import Identity
from .._core._types import Key, State
from ..blocks import FeedbackIntegrator, MultiplierErrors
from ..noise import ReadNoise, Traps
from ._base import AbstractAnalogScore


class Chip(eqx.Module):
    """One piece of hardware: what was drawn at programming, and its noise's key.

    Args:
        score: The network on crossbars.
        integrator: With this chip's offsets and mismatch.
        read: Laws of the cells' read noise.
        key: Of all noise in lab time.
        num_cells: That were programmed.
        multipliers: Errors of this chip's; `None` for none.
        start: What the starts are off by, `(dim,)`, in volts; `None` for nothing.
        traps: Of the pairs of all crossbars on one axis, for telegraph noise.
        identity: Of the system that the chip was made for; `None` fits any loop.

    Example:
        >>> import rram_ode as rr
        >>> chip = rr.System.from_preset("ring").program(seed=3)
        >>> isinstance(chip, rr.Chip), chip.score.dim, chip.num_cells
        (True, 2, 564)
    """

    score: AbstractAnalogScore
    integrator: FeedbackIntegrator
    read: ReadNoise
    key: Key
    traps: Traps | None = None
    num_cells: int = eqx.field(static=True, default=0)
    multipliers: MultiplierErrors | None = None
    start: Float[Array, " dim"] | None = None
    identity: Identity | None = None

    def precharged(self, v1: State) -> State:
        """The integrators' outputs as a solve begins, for starts `v1`, in volts."""
        return v1 if self.start is None else v1 + broadcast_columns(self.start, v1)

    def multiply(self, factors: Float[Array, "2"], v: State, v_score: State) -> State:
        r"""$k_x v_x + k_s v_s$ by this chip's multipliers, in volts."""
        if self.multipliers is None:
            return factors[0] * v + factors[1] * v_score
        return self.multipliers(factors, v, v_score)
