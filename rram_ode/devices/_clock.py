"""Lab time: where the solves of consecutive samples lie."""

import equinox as eqx
from jaxtyping import Array, Float

from .._misc import is_concrete, scalar


class LabClock(eqx.Module):
    """Sample k is solved at lab time k (duration + reset) + tau, 0 <= tau <= duration.

    Args:
        duration: Time of one solve, in seconds.
        reset: Time between two solves (pre-charge, hand-over), in seconds.
    """

    duration: Float[Array, ""] = eqx.field(converter=scalar)
    reset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        for name in ("duration", "reset"):
            value = getattr(self, name)
            if not is_concrete(value):
                continue
            value = float(value)
            if not (value > 0 or (name == "reset" and value == 0)):
                raise ValueError(
                    f"`{name}` must be positive, in seconds; got {value:g}."
                )

    @property
    def period(self) -> Float[Array, ""]:
        """Lab time from one sample to the next, in seconds."""
        return self.duration + self.reset
