"""What all rows of op-amps with feedback fraction: states, slew, rails, noise."""

import abc
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import ColumnVoltages, Currents, Scalar
from ._op_amp import OpAmp


# Faster op-amps round off the integrators' slow state in single precision: with 6e6
# radians a step the end of `ring` in 100 us was off by 0.04, held at 3e4 by 3e-4.
FASTEST = 3e4


StageState = Float[Array, "_ _ ..."]  # volts, (states, cols, *samples): v_o, v_m


Response = Callable[[StageState, Currents, Currents], tuple[StageState, StageState]]


class StageNoise(eqx.Module):
    """Fluctuations that hold over a step.

    Args:
        volts: At the + inputs, in volts.
        amperes: Into the summing nodes, in amperes.
    """

    volts: ColumnVoltages
    amperes: Currents


class Modes(NamedTuple):
    """Of the linear response, on the host.

    Args:
        decay: Rate of each mode, in 1/s.
        ring: Its angular frequency, in 1/s; 0 for a real one.
        column: Where it is strongest.
    """

    decay: np.ndarray
    ring: np.ndarray
    column: np.ndarray


class AbstractStage(eqx.Module):
    r"""A row of inverting amplifiers or integrators, one for each column.

    A current $i$ flows into the summing nodes while they are at 0 V, and
    $G v_m$ out of them as they move, with $g_f$ and $C_f$ from the output among it:

    $$(C_f + C_\text{in}) \dot v_m = i + I_b + g_f v_o - G v_m + C_f \dot v_o, \qquad
      \dot v_o = \omega_0 (A_0 (V_\text{os} - v_m) - v_o)$$

    Without capacitors the first is algebraic, and $v_o$ the only state. A state has
    the shape `(states, cols, *samples)`: $v_o$, and $v_m$ where there are capacitors.
    """

    op_amp: eqx.AbstractVar[OpAmp]
    g_f: eqx.AbstractVar[Float[Array, " cols"]]
    c_f: eqx.AbstractVar[Float[Array, " cols"]]
    c_in: eqx.AbstractVar[Float[Array, " cols"]]
    offset: eqx.AbstractVar[Float[Array, " cols"]]
    v_rail: eqx.AbstractVar[Scalar]
    has_capacitors: eqx.AbstractVar[bool]

    @abc.abstractmethod
    def ground_currents(self, v_m: ColumnVoltages) -> Currents:
        """$G v_m$: the currents out of summing nodes at `v_m`, outputs at 0 V."""

    @abc.abstractmethod
    def ground_voltages(self, i: Currents) -> ColumnVoltages:
        """$G^{-1} i$: the summing nodes' voltages that carry `i` away."""

    @abc.abstractmethod
    def settled_output(self, i: Currents) -> ColumnVoltages:
        """Outputs at rest for a constant input, before the rails."""

    @property
    @abc.abstractmethod
    def modes(self) -> Modes:
        """All modes of the linear response (not under `jit`)."""

    @abc.abstractmethod
    def response(self, dt: Scalar) -> Response:
        """The exact linear response over `dt` seconds: a module, for op-amps as is."""

    def output(self, u: StageState) -> ColumnVoltages:
        """Output voltage of a state."""
        return jnp.clip(u[0], -self.v_rail, self.v_rail)

    def ground(self, u: StageState, i: Currents) -> ColumnVoltages:
        """Voltage of the summing nodes, in volts."""
        if self.has_capacitors:
            return u[1]
        back = broadcast_columns(self.g_f, i) * self.output(u)
        return self.ground_voltages(i + self.op_amp.bias_current + back)

    def settled(self, i: Currents) -> StageState:
        """The state at rest for a constant input, in volts.

        Where a rail stops one output, what its summing node then does to the outputs
        of others is left out.
        """
        i = i + self.op_amp.bias_current
        v_o = jnp.clip(self.settled_output(i), -self.v_rail, self.v_rail)
        if not self.has_capacitors:
            return v_o[None]
        return jnp.stack(
            [v_o, self.ground_voltages(i + broadcast_columns(self.g_f, i) * v_o)]
        )

    def charged(self, v_o: ColumnVoltages) -> StageState:
        """The state of an integrator held at `v_o`, its virtual ground settled."""
        v_m = broadcast_columns(self.offset, v_o) - v_o / self.op_amp.gain
        return jnp.stack([v_o, v_m])

    def rate(
        self, i: Currents, u: StageState, noise: StageNoise | None = None
    ) -> StageState:
        """Slopes of a state in volts a second, with slew and rails."""
        offset = broadcast_columns(self.offset, i)
        if noise is not None:
            i, offset = i + noise.amperes, offset + noise.volts
        op_amp, v_o, v_m = self.op_amp, u[0], self.ground(u, i)
        slope = op_amp.unity * (offset - v_m) - op_amp.pole * v_o
        slope = jnp.clip(slope, -op_amp.slew, op_amp.slew)
        slope = slope - op_amp.unity * (v_o - self.output(u))
        if not self.has_capacitors:
            return slope[None]
        c_f, c_in = broadcast_columns(self.c_f, i), broadcast_columns(self.c_in, i)
        back = broadcast_columns(self.g_f, i) * self.output(u)
        i = i + op_amp.bias_current + back - self.ground_currents(v_m)
        return jnp.stack([slope, (i + c_f * slope) / (c_f + c_in)])

    def propagator(self, dt: Scalar) -> Response:
        """The exact linear response over a step of `dt` seconds.

        In single precision an op-amp of more than `FASTEST` radians a step is one of
        so many: with a noise gain of 400 it settles to 1e-32 within the step.
        """
        stage, gbw = self, self.op_amp.gbw
        if gbw.dtype == jnp.float32:
            gbw = jnp.minimum(gbw, FASTEST / (2 * jnp.pi * dt))
            stage = eqx.tree_at(lambda s: s.op_amp.gbw, self, gbw)
        return stage.response(dt)

    def advance(
        self,
        propagator: Response,
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
            pull = noise.amperes - self.ground_currents(noise.volts)
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
        fraction = broadcast_columns(self.c_f / (self.c_f + self.c_in), v_o)
        v_m = after[1] - fraction * cut
        return jnp.stack([v_o, v_m if noise is None else v_m + noise.volts]), average
