"""Lab time: where the solves of consecutive samples lie."""

import equinox as eqx
from jaxtyping import Array, Float

from .._misc import non_negative, positive, scalar


class LabClock(eqx.Module):
    """Sample k is solved at lab time k (duration + reset) + tau, 0 <= tau <= duration.

    Args:
        duration: Time of one solve, in seconds.
        reset: Time between two solves (pre-charge, hand-over), in seconds.
    """

    duration: Float[Array, ""] = eqx.field(converter=scalar)
    reset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        positive("solve.duration", self.duration, "s")
        non_negative("solve.reset", self.reset, "s")

    @property
    def period(self) -> Float[Array, ""]:
        """Lab time from one sample to the next, in seconds."""
        return self.duration + self.reset
