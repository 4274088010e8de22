"""Op-amps with feedback that take time: the state of a summing node and its output."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import columns
from .._types import ColumnVoltages, Currents, Scalar
from ._op_amp import OpAmp
from ._propagator import propagate, Propagator


# Faster op-amps round off the integrators' slow state in single precision: with 6e6
# radians a step the end of `ring` in 100 us was off by 0.04, held at 3e4 by 3e-4.
FASTEST = 3e4


StageState = Float[Array, "_ _ ..."]  # volts, (states, cols, *samples): v_o, v_m


class StageNoise(eqx.Module):
    """Fluctuations that hold over a step.

    Args:
        volts: At the + inputs, in volts.
        amperes: Into the summing nodes, in amperes.
    """

    volts: ColumnVoltages
    amperes: Currents


class Stage(eqx.Module):
    r"""A row of inverting amplifiers or integrators, one for each column.

    Conductances that sum to $g_\text{in}$ carry the current $i$ into the summing node
    at $v_m = 0$; $g_f$ and $C_f$ lead back from the output, $C_\text{in}$ to ground:

    $$(C_f + C_\text{in}) \dot v_m = i + I_b + g_f v_o - (g_\text{in} + g_f) v_m
      + C_f \dot v_o, \qquad
      \dot v_o = \omega_0 (A_0 (V_\text{os} - v_m) - v_o)$$

    Without capacitors the first is algebraic, and $v_o$ the only state. A state has
    the shape `(states, cols, *samples)`: $v_o$, and $v_m$ where there are capacitors.

    Args:
        op_amp: The same for all columns.
        g_in: $g_\text{in}$ of each column, in siemens.
        g_f: $g_f$ of each column, in siemens.
        c_f: $C_f$ of each column, in farads.
        c_in: $C_\text{in}$ of each column, in farads.
        offset: $V_\text{os}$ of each column, in volts.
        v_rail: In volts; infinite for no limit.
        has_capacitors: Whether `c_f + c_in` is positive.
    """

    op_amp: OpAmp
    g_in: Float[Array, " cols"]
    g_f: Float[Array, " cols"]
    c_f: Float[Array, " cols"]
    c_in: Float[Array, " cols"]
    offset: Float[Array, " cols"]
    v_rail: Scalar
    has_capacitors: bool = eqx.field(static=True)

    @property
    def noise_gain(self) -> Float[Array, " cols"]:
        """1 + g_in / g_f: what multiplies offset and divides the bandwidth."""
        return 1 + self.g_in / self.g_f

    @property
    def modes(self) -> tuple[Float[Array, " cols"], Float[Array, " cols"]]:
        """Decay rate of each column's slowest mode, and how fast it rings, in 1/s."""
        a, _, _ = self._linear()
        if not self.has_capacitors:
            return -a[:, 0, 0], jnp.zeros_like(self.g_in)
        half = -(a[:, 0, 0] + a[:, 1, 1]) / 2
        det = a[:, 0, 0] * a[:, 1, 1] - a[:, 0, 1] * a[:, 1, 0]
        inner = half**2 - det
        # Of two real poles the slow one is the product over the fast one.
        slow = det / (half + jnp.sqrt(jnp.maximum(inner, 0.0)))
        ring = jnp.sqrt(jnp.maximum(-inner, 0.0))
        return jnp.where(inner >= 0, slow, half), ring

    @property
    def fastest(self) -> Float[Array, " cols"]:
        """Decay rate of each column's fastest mode, or of its pair, in 1/s."""
        a, _, _ = self._linear()
        if not self.has_capacitors:
            return -a[:, 0, 0]
        slowest, ring = self.modes
        other = -(a[:, 0, 0] + a[:, 1, 1]) - slowest
        return jnp.where(ring > 0, jnp.hypot(slowest, ring), other)

    def output(self, u: StageState) -> ColumnVoltages:
        """Output voltage of a state."""
        return jnp.clip(u[0], -self.v_rail, self.v_rail)

    def ground(self, u: StageState, i: Currents) -> ColumnVoltages:
        """Voltage of the summing nodes, in volts."""
        if self.has_capacitors:
            return u[1]
        g_f, g_total = columns(self.g_f, i), columns(self.g_in + self.g_f, i)
        return (i + self.op_amp.bias_current + g_f * self.output(u)) / g_total

    def settled(self, i: Currents) -> StageState:
        """The state at rest for a constant input, in volts."""
        g_f, g_total = columns(self.g_f, i), columns(self.g_in + self.g_f, i)
        i = i + self.op_amp.bias_current
        gain, offset = self.op_amp.gain, columns(self.offset, i)
        v_o = gain * (offset - i / g_total) / (1 + gain * g_f / g_total)
        v_o = jnp.clip(v_o, -self.v_rail, self.v_rail)
        if not self.has_capacitors:
            return v_o[None]
        return jnp.stack([v_o, (i + g_f * v_o) / g_total])

    def charged(self, v_o: ColumnVoltages) -> StageState:
        """The state of an integrator held at `v_o`, its virtual ground settled."""
        v_m = columns(self.offset, v_o) - v_o / self.op_amp.gain
        return jnp.stack([v_o, v_m])

    def rate(
        self, i: Currents, u: StageState, noise: StageNoise | None = None
    ) -> StageState:
        """Slopes of a state in volts a second, with slew and rails."""
        offset = columns(self.offset, i)
        if noise is not None:
            i, offset = i + noise.amperes, offset + noise.volts
        op_amp, v_o, v_m = self.op_amp, u[0], self.ground(u, i)
        slope = op_amp.unity * (offset - v_m) - op_amp.pole * v_o
        slope = jnp.clip(slope, -op_amp.slew, op_amp.slew)
        slope = slope - op_amp.unity * (v_o - self.output(u))
        if not self.has_capacitors:
            return slope[None]
        c_f, c_in = columns(self.c_f, i), columns(self.c_in, i)
        g_f, g_total = columns(self.g_f, i), columns(self.g_in + self.g_f, i)
        i = i + op_amp.bias_current + g_f * self.output(u) - g_total * v_m
        return jnp.stack([slope, (i + c_f * slope) / (c_f + c_in)])

    def propagator(self, dt: Scalar) -> Propagator:
        """The exact linear response over a step of `dt` seconds.

        In single precision an op-amp of more than `FASTEST` radians a step is one of
        so many: with a noise gain of 400 it settles to 1e-32 within the step.
        """
        stage, gbw = self, self.op_amp.gbw
        if gbw.dtype == jnp.float32:
            gbw = jnp.minimum(gbw, FASTEST / (2 * jnp.pi * dt))
            stage = eqx.tree_at(lambda s: s.op_amp.gbw, self, gbw)
        a, b, c = stage._linear()
        return propagate(a, b, c, dt)

    def advance(
        self,
        propagator: Propagator,
        dt: Scalar,
        u: StageState,
        mean: Currents,
        end: Currents,
        noise: StageNoise | None = None,
    ) -> tuple[StageState, ColumnVoltages]:
        """The state after a step, and the output's mean over it.

        The input is the line with this `mean` and `end`. Slew and rails cut the linear
        response; what the output does not do, the feedback capacitor does not carry.
        Noise at the + input is a move of all other voltages: where it is constant, a
        current and a change of the summing node's zero.
        """
        if noise is not None:
            pull = noise.amperes - columns(self.g_in + self.g_f, mean) * noise.volts
            mean, end = mean + pull, end + pull
            if self.has_capacitors:
                u = u.at[1].add(-noise.volts)
        after, average = propagator(u, mean, end)
        largest = self.op_amp.slew * dt
        v_o = u[0] + jnp.clip(after[0] - u[0], -largest, largest)
        v_o = jnp.clip(v_o, -self.v_rail, self.v_rail)
        cut = after[0] - v_o
        average = jnp.clip(average[0] - cut / 2, -self.v_rail, self.v_rail)
        if not self.has_capacitors:
            return v_o[None], average
        share = columns(self.c_f / (self.c_f + self.c_in), v_o)
        v_m = after[1] - share * cut
        return jnp.stack([v_o, v_m if noise is None else v_m + noise.volts]), average

    def _linear(self) -> tuple[Array, Array, Array]:
        r"""$du/d\tau = A u + b i + c$: `(cols, k, k)`, `(cols, k)`, `(cols, k)`."""
        op_amp, ones = self.op_amp, jnp.ones_like(self.g_in)
        unity, pole = op_amp.unity * ones, op_amp.pole * ones
        bias = op_amp.bias_current
        g_total, drift = self.g_in + self.g_f, unity * self.offset
        if not self.has_capacitors:
            a = -(pole + unity * self.g_f / g_total)
            b = -unity / g_total
            return a[:, None, None], b[:, None], (drift + b * bias)[:, None]
        c = self.c_f + self.c_in
        a = jnp.stack(
            [
                jnp.stack([-pole, -unity], axis=-1),
                jnp.stack(
                    [
                        (self.g_f - self.c_f * pole) / c,
                        -(g_total + self.c_f * unity) / c,
                    ],
                    axis=-1,
                ),
            ],
            axis=-2,
        )
        b = jnp.stack([0 * ones, 1 / c], axis=-1)
        return a, b, jnp.stack([drift, (bias + self.c_f * drift) / c], axis=-1)
