"""Rows of op-amps with feedback: states, slew, rails and noise."""

import abc
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, limited
from .._core._types import ColumnVoltages, Currents, Scalar
from ._op_amp import OpAmp
from ._rails import Limits, limits


# Faster op-amps round off the integrators' slow state in single precision: with 6e6
# radians per step the end of `ring` in 100 us was off by 0.04, with 3e4 by 3e-4.
FASTEST = 3e4


StageState = Float[Array, "_ _ ..."]  # volts, (states, cols, *samples): v_o, v_m


Transresistance = Float[Array, "cols *cols"]  # ohms


Response = Callable[[StageState, Currents, Currents], tuple[StageState, StageState]]


def along(x: Float[Array, "*cols"], like: ColumnVoltages) -> Array:
    """One value for all columns, or one of each along the axes of `like`."""
    return broadcast_columns(x, like) if x.ndim else x


class StageNoise(eqx.Module):
    """Noise of the op-amps that is constant over a step.

    Args:
        volts: Voltages at the + inputs, in volts.
        amperes: Currents into the summing nodes, in amperes.
    """

    volts: ColumnVoltages
    amperes: Currents


class Modes(NamedTuple):
    """The modes of a linear response, as NumPy arrays.

    Args:
        decay: Decay rate of each mode, in 1/s.
        ring: Angular frequency of each mode, in 1/s; 0 for a real one.
        column: Column in which each mode is strongest.
    """

    decay: np.ndarray
    ring: np.ndarray
    column: np.ndarray


class AbstractStage(eqx.Module):
    r"""A row of inverting amplifiers or integrators, one for each column.

    A current $i$ flows into the summing nodes at 0 V, and $G v_m$ out of them as they
    move, which includes the current through $g_f$:

    $$(C_f + C_\text{in}) \dot v_m = i + I_b + g_f v_o - G v_m + C_f \dot v_o, \qquad
      \dot v_o = \omega_0 (A_0 (V_\text{os} - v_m) - v_o)$$

    Without capacitors the first equation is algebraic, and $v_o$ the only state. A
    state has the shape `(states, cols, *samples)`: $v_o$, and $v_m$ where there are
    capacitors.
    """

    op_amp: eqx.AbstractVar[OpAmp]
    g_f: eqx.AbstractVar[Float[Array, " cols"]]
    c_f: eqx.AbstractVar[Float[Array, " cols"]]
    c_in: eqx.AbstractVar[Float[Array, " cols"]]
    offset: eqx.AbstractVar[Float[Array, " cols"]]
    v_rail: eqx.AbstractVar[Float[Array, "*cols"]]
    has_capacitors: eqx.AbstractVar[bool]
    v_low: eqx.AbstractVar[Float[Array, "*cols"] | None]

    @abc.abstractmethod
    def ground_currents(self, v_m: ColumnVoltages) -> Currents:
        """$G v_m$, the currents out of summing nodes at `v_m` with outputs at 0 V."""

    @abc.abstractmethod
    def ground_voltages(self, i: Currents) -> ColumnVoltages:
        """$G^{-1} i$, the voltages of summing nodes whose currents out are `i`."""

    @abc.abstractmethod
    def settled_output(self, i: Currents) -> ColumnVoltages:
        """Outputs at rest for a constant input, without rails, in volts."""

    @property
    @abc.abstractmethod
    def transfer(self) -> tuple[Transresistance, Float[Array, " cols"]]:
        r"""What the row of amplifiers is at rest, $v_o = b - R i$, at any gain.

        Returns:
            $R$ in ohms, of each column or the matrix from all columns, and $b$ in
            volts, with the effect of offset and bias current.
        """

    @property
    @abc.abstractmethod
    def modes(self) -> Modes:
        """All modes of the linear response; not under `jit`."""

    @abc.abstractmethod
    def response(self, dt: Scalar) -> Response:
        """The exact linear response over `dt` seconds, with op-amps of any speed."""

    def output(self, u: StageState) -> ColumnVoltages:
        """Output voltages of a state, in volts."""
        return self.clip(u[0])

    def clip(self, v_o: ColumnVoltages) -> ColumnVoltages:
        """What the rails leave of outputs, in volts."""
        return limited(v_o, *self.rails(v_o))

    def rails(self, like: ColumnVoltages) -> Limits:
        """Lowest and highest output, broadcast along the axes of `like`, in volts."""
        return limits(self.v_low, self.v_rail, like)

    def ground(self, u: StageState, i: Currents) -> ColumnVoltages:
        """Voltages of the summing nodes, in volts."""
        if self.has_capacitors:
            return u[1]
        back = broadcast_columns(self.g_f, i) * self.output(u)
        return self.ground_voltages(i + self.op_amp.bias_current + back)

    def settled(self, i: Currents, noise: StageNoise | None = None) -> StageState:
        """The state at rest for a constant input and constant `noise`, in volts.

        Where a rail limits an output, the effect of its summing node on other outputs
        is left out.
        """
        i = pulled = i + self.op_amp.bias_current
        if noise is not None:
            i = i + noise.amperes
            pulled = i - self.ground_currents(noise.volts)
        v_o = self.clip(self.settled_output(pulled))
        if not self.has_capacitors:
            return v_o[None]
        return jnp.stack(
            [v_o, self.ground_voltages(i + broadcast_columns(self.g_f, i) * v_o)]
        )

    def charged(
        self, v_o: ColumnVoltages, noise: StageNoise | None = None
    ) -> StageState:
        """The state of an integrator held at `v_o`, its virtual ground settled."""
        gain = along(self.op_amp.gain, v_o)
        v_m = broadcast_columns(self.offset, v_o) - v_o / gain
        return jnp.stack([v_o, v_m if noise is None else v_m + noise.volts])

    def rate(
        self, i: Currents, u: StageState, noise: StageNoise | None = None
    ) -> StageState:
        """Slopes of a state in volts per second, with slew and rails."""
        offset = broadcast_columns(self.offset, i)
        if noise is not None:
            i, offset = i + noise.amperes, offset + noise.volts
        op_amp, v_o, v_m = self.op_amp, u[0], self.ground(u, i)
        unity, pole = along(op_amp.unity, v_o), along(op_amp.pole, v_o)
        slope = unity * (offset - v_m) - pole * v_o
        slope = limited(slope, -op_amp.slew, op_amp.slew)
        slope = slope - unity * (v_o - self.output(u))
        if not self.has_capacitors:
            return slope[None]
        c_f, c_in = broadcast_columns(self.c_f, i), broadcast_columns(self.c_in, i)
        back = broadcast_columns(self.g_f, i) * self.output(u)
        i = i + op_amp.bias_current + back - self.ground_currents(v_m)
        return jnp.stack([slope, (i + c_f * slope) / (c_f + c_in)])

    def propagator(self, dt: Scalar) -> Response:
        """The exact linear response over a step of `dt` seconds.

        In single precision the op-amp's speed is limited to `FASTEST` radians per step:
        with a noise gain of 400 it settles to 1e-32 within the step.
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

        The input is the straight line with this `mean` and `end`. Slew and rails cut
        the linear response, and the feedback capacitor does not couple what is cut.
        Constant noise at the + input acts as a current and as a shift of the summing
        node's zero.
        """
        if noise is not None:
            pull = noise.amperes - self.ground_currents(noise.volts)
            mean, end = mean + pull, end + pull
            if self.has_capacitors:
                u = u.at[1].add(-noise.volts)
        after, average = propagator(u, mean, end)
        largest = self.op_amp.slew * dt
        v_o = u[0] + limited(after[0] - u[0], -largest, largest)
        v_o = self.clip(v_o)
        cut = after[0] - v_o
        average = self.clip(average[0] - cut / 2)
        if not self.has_capacitors:
            return v_o[None], average
        fraction = broadcast_columns(self.c_f / (self.c_f + self.c_in), v_o)
        v_m = after[1] - fraction * cut
        return jnp.stack([v_o, v_m if noise is None else v_m + noise.volts]), average
