"""The waveforms that a DAC plays to the loop."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._arrays import broadcast_columns, scalar, straight_through
from .._core._types import Scalar, State
from ..blocks import DAC, Multiplier, Schedule
from ..chip import Chip
from ..crossbar import CellNoise
from ..noise import HeldPath
from ._drift import AbstractDrift
from ._signals import Signals
from ._updates import UpdateErrors


class Played(eqx.Module):
    """What the DAC plays over a step, with what late updates change.

    Args:
        waves: The embedding, then k_x and k_s, on time; with a trailing axis where
            samples have classes of their own.
        factors: k_x and k_s, of all samples or of each.
        noise: Noise of each array, turn after turn, with what late updates change at
            its columns.
    """

    waves: Float[Array, "waves ..."]
    factors: Float[Array, "2 ..."]
    noise: tuple[CellNoise, ...]

    @property
    def embedding(self) -> Float[Array, "embedding ..."]:
        """Time embedding on all channels."""
        return self.waves[:-2]


class Waveforms(eqx.Module):
    r"""Time embedding and multiplier factors over circuit time.

    With $\rho = -dt/d\tau$, the integrator sees $k_x v_x + k_s v_s$:

    $$k_x = -R C \rho\, a(t), \qquad k_s = -R C \rho\, b(t)\, u_x / u_s$$

    for the drift $a x + b h$ with h the network's output; $u$ are volts per unit. The
    embedding alone is played ahead, by the schedule's lead: amplifiers delay what it
    does, and not what the factors do.
    Injected noise has the density $R C u_x c(t) \sqrt\rho$ at the integrator's input,
    in V sqrt(s).

    Args:
        chip: Gives volts per unit and R C.
        drift: Gives a, b, c.
        schedule: Gives t and rho.
        duration: The duration of the solve, in seconds.
        multiplier: Its full scale is the DAC's for the factors; 1 for the embedding.
        dac: Resolution of the converter.
        share: Fraction of the DAC's error, of levels and hold, that is played: `None`
            plays all of it, 0 plays the exact waveforms. For error budgets.
        noise_limit: Largest injected noise at the integrator's input, in volts; `None`
            for no limit.
        updates: Errors of the DAC's updates; `None` for none.
    """

    chip: Chip
    drift: AbstractDrift
    schedule: Schedule
    duration: Scalar
    multiplier: Multiplier
    dac: DAC
    share: Scalar | None = None
    noise_limit: Scalar | None = None
    updates: UpdateErrors | None = None

    def __call__(self, tau: Scalar) -> Float[Array, "waves ..."]:
        """The embedding, then k_x and k_s, as the DAC's codes stand for.

        The chip's reference acts on the embedding where columns take it, and on the
        factors in `at`.
        """
        embedding, factors = self._exact(tau)
        return _together(self.dac.quantise(embedding, 1.0), self._played(factors))

    def at(
        self, tau: Scalar, held: Float[Array, "waves ..."] | None
    ) -> Float[Array, "waves ..."]:
        """What the circuit sees at `tau`: `held` between updates, where there are any.

        Args:
            tau: Circuit time, in seconds.
            held: What the DAC holds; `None` where it is continuous.
        """
        played = self(tau) if held is None else held
        if self.share is not None:
            exact = _together(*self._exact(tau))
            played = self.share * played + (1 - self.share) * exact
        reference = self.chip.reference
        return played if reference is None else _with_factors(played, reference)

    def play(self, tau: Scalar, control: Signals) -> Played:
        r"""What acts at `tau`, in a step with this `control`.

        An update that is late by the share $\lambda$ of its hold plays, in the mean,
        $w_n - \lambda (w_n - w_{n - 1})$. All that a network on crossbars makes of an
        embedding is linear in it, up to the columns; a score without them has late
        factors alone.
        """
        waves, noise = self.at(tau, control.waves), control.noise
        network = self.chip.crossbars
        if network is not None:
            noise = noise * network.turns
        if control.late is None:
            return Played(waves, waves[-2:], noise)
        step, late = waves - self.at(tau, control.before), control.late
        wide = lambda x: broadcast_columns(x, late[None], x.ndim)
        if network is not None:
            changes = zip(noise, network.waves(step[:-2]), strict=True)
            noise = tuple(
                own
                if wave is None
                else dataclasses.replace(own, wave=-late[None] * wide(wave))
                for own, wave in changes
            )
        factors = wide(waves[-2:]) - late[None] * wide(step[-2:])
        return Played(waves, factors, noise)

    def factors(self, tau: Scalar) -> Float[Array, "2"]:
        """k_x and k_s before the DAC."""
        score = self.chip.score
        t = self.schedule(tau, self.duration)
        scale = -self._time_constant * self.schedule.rate(tau, self.duration)
        linear, gain = self.drift.linear(t, scale), self.drift.gain(t, scale)
        return jnp.stack([linear, gain * (score.volts_in / score.volts_out)])

    def injection(self, tau: Scalar) -> Scalar:
        """Volts at the integrator's input per unit of white noise."""
        c = self.drift.diffusion(self.schedule(tau, self.duration))
        density = self.chip.score.volts_in * c
        rate = self.schedule.rate(tau, self.duration)
        return self._time_constant * density * jnp.sqrt(rate)

    def noise(self, tau: Scalar, control: Signals) -> State | None:
        """Noise at the integrators' inputs at `tau`, in volts; `None` for none."""
        return control.into_integrators(self.injection(tau), self.noise_limit)

    def held(self, num: int) -> HeldPath:
        """The waves held by the DAC: each update plays the middle of its hold."""
        interval = scalar(self.dac.interval)
        middles = (jnp.arange(num, dtype=self.duration.dtype) + 0.5) * interval
        # Updates after the end, of a loop that is sized for longer solves, play it on.
        middles = jnp.minimum(middles, self.duration + interval / 2)
        values = jax.vmap(self)(middles)
        if self.updates is not None:
            scales = self._scales(values.shape[1]).astype(values.dtype)
            if self.dac.ranges > 1:
                scales = self.dac.scale_of(*self._asked(middles))
            values = self.updates(
                values, scales, interval, self.dac.bits, key=self.chip.key
            )
        return HeldPath(values, interval)

    def ranges(self, dac: DAC, num: int) -> Integer[Array, "holds waves ..."]:
        """Numbers of the full scales that `num` updates of `dac` take."""
        middles = (jnp.arange(num, dtype=self.duration.dtype) + 0.5) * dac.interval
        return dac.range_of(*self._asked(middles))

    def _asked(
        self, taus: Float[Array, " holds"]
    ) -> tuple[Float[Array, "holds waves ..."], Float[Array, "1 waves ..."]]:
        """What updates at `taus` are asked for, and the channels' full scales."""
        exact = jax.vmap(lambda tau: _together(*self._exact(tau)))(taus)
        wide = broadcast_columns(self._scales(exact.shape[1]), exact[0])
        return exact, wide.astype(exact.dtype)[None]

    def _scales(self, waves: int) -> Float[Array, " waves"]:
        """Full scales of the channels: 1 V for the embedding."""
        factors = jnp.broadcast_to(self.multiplier.full_scale, (2,))
        return jnp.concatenate([jnp.ones(waves - 2, factors.dtype), factors])

    def _played(self, factors: Float[Array, "2"]) -> Float[Array, "2"]:
        """The codes of `factors`; in the gradient each errs by a share that stays.

        R C, volts per unit and the duration scale a factor, and are undone behind it.
        With an error that stayed in volts, the gradient would see them change what the
        factor does.
        """
        played = self.dac.quantise(factors, self.multiplier.full_scale)
        is_on = played != 0  # then the factor is at least half a code, too
        share = jnp.where(is_on, played, 1.0) / jnp.where(is_on, factors, 1.0)
        return straight_through(played, jax.lax.stop_gradient(share) * played)

    def _exact(self, tau: Scalar) -> tuple[Float[Array, "_ ..."], Float[Array, "2"]]:
        embedding = self.chip.score.embedding(self.schedule.ahead(tau, self.duration))
        return embedding, self.factors(tau)

    @property
    def _time_constant(self) -> Scalar:
        return self.chip.time_constant


def _together(
    embedding: Float[Array, "embedding ..."], factors: Float[Array, "2"]
) -> Float[Array, "waves ..."]:
    """The embedding, then the factors, which all samples share."""
    shape = factors.shape + embedding.shape[1:]
    factors = jnp.broadcast_to(broadcast_columns(factors, embedding), shape)
    return jnp.concatenate([embedding, factors])


def _with_factors(
    waves: Float[Array, "waves ..."], by: Scalar
) -> Float[Array, "waves ..."]:
    """`waves` with the factors, its last two, multiplied."""
    return jnp.concatenate([waves[:-2], by * waves[-2:]])
