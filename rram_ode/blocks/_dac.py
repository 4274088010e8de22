"""A digital-to-analog converter that plays waveforms, or drives the rows of a tile."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._draws import normal
from .._misc import non_negative, scalar
from .._types import Key, Scalar


class DAC(eqx.Module):
    r"""Codes of `bits` over [-full scale, full scale], held between updates.

    A held value is the waveform's in the middle of the hold, as a controller that knows
    the waveform ahead would play it.

    Args:
        bits: Resolution; `None` is continuous.
        update_rate: Updates a second, in hertz; `None` is continuous.
        inl: Integral nonlinearity of each code's output, in steps; `None` is even.
            `fabricate` draws it.

    Raises:
        ValueError: If `bits` is below 1 or the rate is not positive.
    """

    bits: int | None = eqx.field(static=True, default=None)
    update_rate: float | None = eqx.field(static=True, default=None)
    inl: Float[Array, " codes"] | None = None

    def __check_init__(self):
        if self.bits is not None and not 1 <= self.bits <= 24:
            raise ValueError(
                "`dac.bits` must be between 1 and 24, or None for continuous; got "
                f"{self.bits}."
            )
        if self.update_rate is not None and not self.update_rate > 0:
            raise ValueError(
                "`dac.update_rate` must be positive, in hertz, or None for continuous; "
                f"got {self.update_rate:g}."
            )

    def fabricate(self, dnl_std: Scalar | float, *, key: Key) -> "DAC":
        r"""A converter of one chip: each step's height is off by `dnl_std` steps.

        The ends are trimmed, so that $\text{INL}_k$ is a bridge with the variance
        $\sigma^2 k (1 - k / n)$, n the number of steps.
        """
        std = scalar(dnl_std)
        non_negative("dac.dnl_std", std, "steps")
        if self.bits is None:
            return self
        steps = 2**self.bits - 1
        places = jnp.cumsum(std * normal(key, (steps,)))
        ramp = jnp.arange(1, steps + 1, dtype=places.dtype) / steps
        inl = jnp.pad(places - places[-1] * ramp, (1, 0))
        return DAC(self.bits, self.update_rate, inl)

    def quantise(
        self, x: Float[Array, "..."], full_scale: Float[Array, ""] | float
    ) -> Float[Array, "..."]:
        r"""The nearest code, $\Delta\,(k + \text{INL}_k)$, clipped.

        $\Delta = 2 F / 2^b$, $k = \mathrm{round}(x / \Delta)$; codes run from
        $-2^{b-1}$ to $2^{b-1} - 1$.
        """
        if self.bits is None:
            return x
        half = 2.0 ** (self.bits - 1)
        code = jnp.clip(jnp.round(x / full_scale * half), -half, half - 1)
        if self.inl is not None:
            place = jax.lax.stop_gradient(code + half).astype(int)
            code = code + self.inl[place]
        return code * (full_scale / half)

    @property
    def interval(self) -> float:
        """Time between updates, in seconds."""
        if self.update_rate is None:
            raise ValueError("a continuous DAC has no updates")
        return 1 / self.update_rate

    def num_holds(self, duration: float) -> int:
        """Updates during a solve of `duration` seconds."""
        return max(1, math.ceil(duration / self.interval * (1 - 1e-6)))
