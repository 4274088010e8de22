"""The multipliers: full scale, errors of one chip, and a pole at their outputs."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import Key, Scalar, State
from ._propagator import propagate, Propagator
from ._stage_base import FASTEST


class Multiplier(eqx.Module):
    r"""$v_\text{out} = k(\tau) v$ with $|k| \le$ `full_scale`.

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
            duration: Of that solve, in seconds; k falls in proportion to it.

        Raises:
            ValueError: With the shortest solve that the multipliers can play.
        """
        if peak > float(self.full_scale) * (1 + 1e-5):
            shortest = duration * peak / float(self.full_scale)
            raise ValueError(
                f"a solve of {duration:g} s needs a multiplier factor of {peak:.4g}, "
                f"above `multiplier.full_scale` = {float(self.full_scale):g}: take "
                f"`solve.duration` = {shortest:.4g} s or more, or a smaller "
                "`integrator.resistance` or `integrator.capacitance`."
            )


class MultiplierErrors(eqx.Module):
    r"""Of the two multipliers (of state and of score) of each coordinate.

    $$v_\text{out} = (1 + \epsilon) k v + f_v v + f_k k + V_\text{oo}$$

    with the static terms of a multiplier's data sheet: gain error, feed-through of the
    signal (what passes at $k = 0$) and of the factor (at $v = 0$), output offset.

    Args:
        gain: $\epsilon$, `(2, dim)`.
        signal: $f_v$, in V/V.
        factor: $f_k$, in volts for a factor of 1.
        offset: $V_\text{oo}$, in volts.
    """

    gain: Float[Array, "2 dim"]
    signal: Float[Array, "2 dim"]
    factor: Float[Array, "2 dim"]
    offset: Float[Array, "2 dim"]

    def __call__(self, factors: Float[Array, "2"], v: State, v_score: State) -> State:
        """The sum of both outputs of each coordinate, in volts."""
        total = jnp.zeros_like(v)
        for n, signal in enumerate((v, v_score)):
            slope = (1 + self.gain[n]) * factors[n] + self.signal[n]
            still = self.factor[n] * factors[n] + self.offset[n]
            total = total + broadcast_columns(slope, v) * signal
            total = total + broadcast_columns(still, v)
        return total


class MultiplierSpread(eqx.Module):
    """Spreads of a chip's `MultiplierErrors`: normal, each multiplier its own.

    Args:
        gain: Relative.
        signal: In V/V.
        factor: In volts for a factor of 1.
        offset: In volts.
    """

    gain: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    signal: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    factor: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    offset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("multiplier.gain_std", self.gain, "V/V")
        non_negative("multiplier.signal_std", self.signal, "V/V")
        non_negative("multiplier.factor_std", self.factor, "V")
        non_negative("multiplier.offset_std", self.offset, "V")

    def fabricate(self, dim: int, *, key: Key) -> MultiplierErrors:
        """Those of one chip."""
        draws = normal(key, (4, 2, dim))
        stds = self.gain, self.signal, self.factor, self.offset
        return MultiplierErrors(*(s * x for s, x in zip(stds, draws, strict=True)))


class MultiplierPole(eqx.Module):
    r"""$\dot v = 2 \pi B (v_\text{in} - v)$ at the output of each multiplier.

    Those of a coordinate have the same pole, so that their sum has it too: one state
    for each coordinate. Errors are in front of it, the offset at the output among them.

    Args:
        bandwidth: $B$, in hertz.
    """

    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("multiplier.bandwidth", self.bandwidth, "Hz")

    @property
    def decay(self) -> Scalar:
        r"""$2 \pi B$, in radians a second."""
        return 2 * jnp.pi * self.bandwidth

    def rate(self, v_in: State, v: State) -> State:
        """dv/dtau in volts a second, for input and output `(dim, *samples)`."""
        return self.decay * (v_in - v)

    def propagator(self, dt: Scalar) -> Propagator:
        """The exact response over a step of `dt` seconds; as `AbstractStage`'s."""
        rate = self.decay
        if rate.dtype == jnp.float32:
            rate = jnp.minimum(rate, FASTEST / dt)
        one = jnp.reshape(rate, (1, 1))
        return propagate(-one[..., None], one, jnp.zeros_like(one), dt)

    def advance(
        self, propagator: Propagator, v: State, mean: State, end: State
    ) -> tuple[State, State]:
        """The output after a step, and its mean; the input is a line, in volts."""
        after, average = propagator(v[None], mean, end)
        return after[0], average[0]
