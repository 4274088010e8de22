"""Op-amps of finite speed with feedback, each column on its own."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import ColumnVoltages, Currents, Scalar
from ._op_amp import OpAmp
from ._propagator import propagate, Propagator
from ._stage_base import AbstractStage, along, Modes


class Stage(AbstractStage):
    r"""An `AbstractStage` with $G = g_\text{in} + g_f$ of each column.

    Args:
        op_amp: The op-amp of every column.
        g_in: Sum of the conductances into the summing node of each column, in siemens.
        g_f: $g_f$ of each column, in siemens.
        c_f: $C_f$ of each column, in farads.
        c_in: $C_\text{in}$ of each column, in farads.
        offset: $V_\text{os}$ of each column, in volts.
        v_rail: Largest output of all columns or of each, in volts; infinite for no
            limit.
        has_capacitors: Whether `c_f + c_in` is positive.
        v_low: Lowest output of all columns or of each, in volts; `None` for `-v_rail`.
    """

    op_amp: OpAmp
    g_in: Float[Array, " cols"]
    g_f: Float[Array, " cols"]
    c_f: Float[Array, " cols"]
    c_in: Float[Array, " cols"]
    offset: Float[Array, " cols"]
    v_rail: Float[Array, "*cols"]
    has_capacitors: bool = eqx.field(static=True)
    v_low: Float[Array, "*cols"] | None = None

    @property
    def noise_gain(self) -> Float[Array, " cols"]:
        """1 + g_in / g_f, which multiplies the offset and divides the bandwidth."""
        return 1 + self.g_in / self.g_f

    @property
    def modes(self) -> Modes:
        """Modes of each column: the slower one or a pair, then the faster ones."""
        a = np.asarray(self._linear()[0], float)
        column = np.arange(a.shape[0])
        if not self.has_capacitors:
            return Modes(-a[:, 0, 0], np.zeros_like(a[:, 0, 0]), column)
        half = -(a[:, 0, 0] + a[:, 1, 1]) / 2
        det = a[:, 0, 0] * a[:, 1, 1] - a[:, 0, 1] * a[:, 1, 0]
        inner = half**2 - det
        fast = half + np.sqrt(np.maximum(inner, 0.0))
        # The slow one of two real poles is their product over the fast one.
        slow = np.where(inner >= 0, det / fast, half)
        ring = np.sqrt(np.maximum(-inner, 0.0))
        return Modes(np.concatenate([slow, fast]), np.tile(ring, 2), np.tile(column, 2))

    def ground_currents(self, v_m: ColumnVoltages) -> Currents:
        """$G v_m$ of each column, in amperes."""
        return broadcast_columns(self.g_in + self.g_f, v_m) * v_m

    def ground_voltages(self, i: Currents) -> ColumnVoltages:
        """$i / G$ of each column, in volts."""
        return i / broadcast_columns(self.g_in + self.g_f, i)

    def settled_output(self, i: Currents) -> ColumnVoltages:
        """The output of each column at rest, in volts."""
        g_f = broadcast_columns(self.g_f, i)
        g_total = broadcast_columns(self.g_in + self.g_f, i)
        gain, offset = along(self.op_amp.gain, i), broadcast_columns(self.offset, i)
        return gain * (offset - i / g_total) / (1 + gain * g_f / g_total)

    @property
    def transfer(self) -> tuple[Float[Array, " cols"], Float[Array, " cols"]]:
        """Transresistance and constant of each column at rest."""
        g_total = self.g_in + self.g_f
        ohms = 1 / (self.g_f + g_total / self.op_amp.gain)
        return ohms, ohms * (g_total * self.offset - self.op_amp.bias_current)

    def settled_rate(self, i: Currents, v_o: ColumnVoltages) -> ColumnVoltages:
        r"""The limit of `rate` for an infinitely fast op-amp, in V/s.

        $$\dot v_o = -\frac{i + I_b + g_f v_o - G (V_\text{os} - v_o / A_0)}{C_f +
          (C_f + C_\text{in}) / A_0}$$
        """
        op_amp, wide = self.op_amp, lambda x: broadcast_columns(x, v_o)
        g_total = self.g_in + self.g_f
        constant = op_amp.bias_current - g_total * self.offset
        slope = self.g_f + g_total / op_amp.gain
        farads = self.c_f + (self.c_f + self.c_in) / op_amp.gain
        return -(i + wide(constant) + wide(slope) * v_o) / wide(farads)

    def response(self, dt: Scalar) -> Propagator:
        """The response of one small system per column."""
        return propagate(*self._linear(), dt)

    def _linear(self) -> tuple[Array, Array, Array]:
        r"""A, b, c of $du/d\tau = A u + b i + c$: `(cols, k, k)` and `(cols, k)`."""
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
