"""The schedule from circuit time to diffusion time."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import is_concrete
from .._core._types import Scalar, Taus


class Schedule(eqx.Module):
    r"""Diffusion time $t(\tau) = t_0 + (t_1 - t_0) (1 - \tau / T)^w$ in a solve of T.

    A solve begins with noise at $\tau = 0$ and ends with data at T. The schedule is
    linear for $w = 1$; a larger warp slows the solve near the data.

    Args:
        t0: Last diffusion time, at which the state is data.
        t1: First diffusion time, at which the state is noise.
        warp: $w$, 1 or more.
        lead: How far ahead the time embedding is played, in seconds: a loop whose
            amplifiers delay the network takes waveforms that are early by as much.

    Raises:
        ValueError: Unless 0 <= t0 < t1, the warp is at least 1, and the lead is not
            negative.
    """

    t0: Float[Array, ""] = eqx.field(converter=scalar)
    t1: Float[Array, ""] = eqx.field(converter=scalar)
    warp: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    lead: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        if not is_concrete(self.t0, self.t1, self.warp, self.lead):
            return
        if not 0 <= float(self.t0) < float(self.t1):
            raise ValueError(
                "`t0` must be at least 0 and below `t1`; got "
                f"t0 = {float(self.t0):g}, t1 = {float(self.t1):g}."
            )
        if not float(self.warp) >= 1:
            raise ValueError(f"`warp` must be 1 or more; got {float(self.warp):g}.")
        if not float(self.lead) >= 0:
            raise ValueError(
                f"`lead` must be 0 or more, in seconds; got {float(self.lead):g}."
            )

    def __call__(self, tau: Taus, duration: Scalar) -> Taus:
        """Diffusion time at circuit times `tau` of a solve of `duration` seconds."""
        return self.t0 + (self.t1 - self.t0) * self._left(tau, duration) ** self.warp

    def ahead(self, tau: Taus, duration: Scalar) -> Taus:
        """Diffusion time one lead after `tau`; t0 from one lead before the end on."""
        return self(tau + self.lead, duration)

    def rate(self, tau: Taus, duration: Scalar) -> Taus:
        r"""The rate $-dt/d\tau$, in 1/s, positive."""
        left, power = self._left(tau, duration), self.warp - 1
        # The gradient of 0^0, at the end of a solve, would be 0 times infinity.
        is_open = left > 0
        closed = jnp.where(power > 0, 0.0, 1.0)
        slope = jnp.where(is_open, jnp.where(is_open, left, 1.0) ** power, closed)
        return (self.t1 - self.t0) / duration * (self.warp * slope)

    def _left(self, tau: Taus, duration: Scalar) -> Taus:
        return jnp.clip(1 - tau / duration, 0.0, 1.0)
