"""The multipliers: full scale, errors of one chip, and a pole at their outputs."""

import dataclasses
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import Key, Scalar, State
from ._multiplier_bend import BendSpread, beside, MultiplierBend
from ._propagator import propagate, Propagator
from ._stage_base import FASTEST


class Multiplier(eqx.Module):
    r"""A multiplier, $v_\text{out} = k(\tau) v$ with $|k| \le$ `full_scale`.

    The factor is a waveform from a DAC. A factor above full scale cannot be played: the
    solve is too fast for the integrator's R C.

    Args:
        full_scale: The largest factor, a pure number.
    """

    full_scale: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)

    def __check_init__(self):
        positive("multiplier.full_scale", self.full_scale, "V/V")

    def check(self, peak: float, duration: float) -> None:
        """Refuse a peak factor above full scale.

        Args:
            peak: Largest |k| of a solve.
            duration: Duration of that solve, in seconds; k is inversely proportional to
                it.

        Raises:
            ValueError: If it is; the message names the shortest solve that can be
                played.
        """
        if peak > float(self.full_scale) * (1 + 1e-5):
            shortest = duration * peak / float(self.full_scale)
            raise ValueError(
                f"a solve of {duration:g} s needs a multiplier factor of {peak:.4g}, "
                f"above `multiplier.full_scale` = {float(self.full_scale):g}: take "
                f"`solve.duration` = {shortest:.4g} s or more, or a smaller "
                "`integrator.resistance` or `integrator.capacitance`."
            )


class MultiplierNulls(NamedTuple):
    """What trims add to the multipliers of each coordinate, referred to their outputs.

    Args:
        gain: Factor of the resistor behind each multiplier.
        signal: Of the signal, from a DAC at the factor's input, in V/V.
        factor: Of a factor of 1, from a DAC at the signal's input, in volts.
        offset: At the sum of both, from a DAC of each coordinate, in volts.
    """

    gain: Float[Array, "2 dim"]
    signal: Float[Array, "2 dim"]
    factor: Float[Array, "2 dim"]
    offset: Float[Array, " dim"]


class MultiplierErrors(eqx.Module):
    r"""Errors of the multipliers of each coordinate: of state and of score, or of one.

    $$v_\text{out} = (1 + \epsilon) k v + f_v v + f_k k + V_\text{oo}$$

    has the static terms of a multiplier's data sheet: gain error, feed-through of the
    signal (at $k = 0$) and of the factor (at $v = 0$), and output offset. With a `bend`
    the $k v$ of the first term is the product of what bent inputs make of both.

    Args:
        gain: $\epsilon$, relative.
        signal: $f_v$, in V/V.
        factor: $f_k$, in volts for a factor of 1.
        offset: $V_\text{oo}$, in volts.
        bend: Nonlinearity of the inputs; `None` for none.
    """

    gain: Float[Array, "parts dim"]
    signal: Float[Array, "parts dim"]
    factor: Float[Array, "parts dim"]
    offset: Float[Array, "parts dim"]
    bend: MultiplierBend | None = None

    def trimmed(self, by: MultiplierNulls) -> "MultiplierErrors":
        """These multipliers behind trimmed resistors, with DACs at all terminals."""
        gain = by.gain
        return dataclasses.replace(
            self,
            gain=(1 + self.gain) * gain - 1,
            signal=gain * self.signal + by.signal,
            factor=gain * self.factor + by.factor,
            offset=(gain * self.offset).at[0].add(by.offset),
        )

    def __call__(self, factors: Float[Array, "parts ..."], *signals: State) -> State:
        """The sum of all outputs of each coordinate, in volts.

        Args:
            factors: Of each multiplier, those of all samples or of each.
            signals: Of each multiplier, in volts.
        """
        total = jnp.zeros_like(signals[0])
        to_state = lambda x: broadcast_columns(x, total, x.ndim)
        for n, signal in enumerate(signals):
            gain, leak, factor, offset = (
                beside(x[n], factors[n])
                for x in (self.gain, self.signal, self.factor, self.offset)
            )
            k = factors[n][None] if factors.ndim > 1 else factors[n]
            still = factor * k + offset
            if self.bend is None:
                total = total + to_state((1 + gain) * k + leak) * signal
            else:
                slope = (1 + gain) * self.bend.of_factor(n, factors[n])
                bent = to_state(slope) * self.bend.of_signal(n, signal)
                total = total + bent + to_state(leak) * signal
            total = total + to_state(still)
        return total


class MultiplierSpread(eqx.Module):
    """Spreads of the `MultiplierErrors` of a chip, which are normal and independent.

    Args:
        gain: Spread of the gain, relative.
        signal: Spread of the signal's feed-through, in V/V.
        factor: Spread of the factor's feed-through, in volts for a factor of 1.
        offset: Spread of the output offset, in volts.
        bend: Spreads of the nonlinearities; `None` for none.
    """

    gain: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    signal: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    factor: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    offset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    bend: BendSpread | None = None

    def __check_init__(self):
        non_negative("multiplier.gain_std", self.gain, "V/V")
        non_negative("multiplier.signal_std", self.signal, "V/V")
        non_negative("multiplier.factor_std", self.factor, "V")
        non_negative("multiplier.offset_std", self.offset, "V")

    def scaled(self, by: Scalar | float) -> "MultiplierSpread":
        """The spreads times `by`; full scales stay."""
        stds = (self.gain, self.signal, self.factor, self.offset)
        bend = self.bend
        if bend is not None:
            signal, factor = by * bend.signal, by * bend.factor
            bend = BendSpread(signal, factor, bend.v_scale, bend.k_scale)
        return MultiplierSpread(*(by * std for std in stds), bend=bend)

    def fabricate(self, dim: int, *, key: Key, num: int = 2) -> MultiplierErrors:
        """The errors of the `num` multipliers of each coordinate of one chip."""
        # The first numbers of a longer block are those of a shorter one.
        draws = normal(key, (4 if self.bend is None else 6, num, dim))
        stds = self.gain, self.signal, self.factor, self.offset
        drawn = (s * x for s, x in zip(stds, draws[:4], strict=True))
        bend = None if self.bend is None else self.bend.fabricate(draws[4:])
        return MultiplierErrors(*drawn, bend=bend)


class MultiplierPole(eqx.Module):
    r"""A pole at the output of each multiplier, $\dot v = 2 \pi B (v_\text{in} - v)$.

    Both multipliers of a coordinate have the same pole, so that their sum has it too,
    and each coordinate has one state. All errors, with the output offset, are ahead of
    the pole.

    Args:
        bandwidth: $B$, in hertz.
    """

    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("multiplier.bandwidth", self.bandwidth, "Hz")

    @property
    def decay(self) -> Scalar:
        r"""$2 \pi B$, in radians per second."""
        return 2 * jnp.pi * self.bandwidth

    def rate(self, v_in: State, v: State) -> State:
        """dv/dtau in V/s, for input and output `(dim, *samples)`."""
        return self.decay * (v_in - v)

    def propagator(self, dt: Scalar) -> Propagator:
        """The exact response over `dt` seconds, limited as in `AbstractStage`."""
        rate = self.decay
        if rate.dtype == jnp.float32:
            rate = jnp.minimum(rate, FASTEST / dt)
        one = jnp.reshape(rate, (1, 1))
        return propagate(-one[..., None], one, jnp.zeros_like(one), dt)

    def advance(
        self, propagator: Propagator, v: State, mean: State, end: State
    ) -> tuple[State, State]:
        """The output after a step and its mean, in volts, for an input on a line."""
        after, average = propagator(v[None], mean, end)
        return after[0], average[0]
