"""The waveforms that a DAC plays to the loop."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import scalar
from .._types import Scalar
from ..blocks import DAC, Multiplier, Schedule
from ..devices import HeldPath
from ..scores import Chip
from ..sdes import AbstractProcess


class Waveforms(eqx.Module):
    r"""Time embedding and multiplier factors over circuit time.

    With $\rho = -dt/d\tau$, the integrator sees $k_x v_x + k_s v_s$:

    $$k_x = -R C \rho\, a(t), \qquad k_s = -R C \rho\, b(t)\, f(t)\, u_x / u_s$$

    for the process $a x + b\,\mathrm{score}$ and a score of $f(t)$ times the network's
    output; $u$ are volts per unit. Injected noise has the density
    $R C u_x c(t) \sqrt\rho$ at the integrator's input, in V sqrt(s).

    Args:
        chip: Gives volts per unit and R C.
        process: Gives a, b, c.
        schedule: Gives t and rho.
        duration: Of the solve, in seconds.
        multiplier: Its full scale is the DAC's for the factors; 1 for the embedding.
        dac: Resolution of the converter.
    """

    chip: Chip
    process: AbstractProcess
    schedule: Schedule
    duration: Scalar
    multiplier: Multiplier
    dac: DAC

    def __call__(self, tau: Scalar) -> Float[Array, " waves"]:
        """The embedding, then k_x and k_s, as the DAC puts them out."""
        embedding = self.chip.score.embedding(self.schedule(tau, self.duration))
        return jnp.concatenate(
            [
                self.dac.quantise(embedding, 1.0),
                self.dac.quantise(self.factors(tau), self.multiplier.full_scale),
            ]
        )

    def factors(self, tau: Scalar) -> Float[Array, "2"]:
        """k_x and k_s before the DAC."""
        score = self.chip.score
        t = self.schedule(tau, self.duration)
        scale = -self._time_constant * self.schedule.rate(tau, self.duration)
        linear = scale * self.process.linear(t)
        gain = scale * self.process.gain(t) * score.factor(t)
        return jnp.stack([linear, gain * (score.volts_in / score.volts_out)])

    def injection(self, tau: Scalar) -> Scalar:
        """Volts at the integrator's input per unit of white noise."""
        c = self.process.diffusion(self.schedule(tau, self.duration))
        density = self.chip.score.volts_in * c
        rate = self.schedule.rate(tau, self.duration)
        return self._time_constant * density * jnp.sqrt(rate)

    def held(self, num: int) -> HeldPath:
        """The waves held by the DAC: each update plays the middle of its hold."""
        interval = scalar(self.dac.interval)
        middles = (jnp.arange(num, dtype=self.duration.dtype) + 0.5) * interval
        return HeldPath(jax.vmap(self)(middles), interval)

    @property
    def _time_constant(self) -> Scalar:
        return self.chip.integrator.time_constant
