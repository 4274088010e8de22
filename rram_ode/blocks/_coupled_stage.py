"""Op-amps of finite speed behind an array whose wires couple them."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import ColumnVoltages, Currents, Scalar
from ._op_amp import OpAmp
from ._propagator import CoupledPropagator, propagate_coupled
from ._stage_base import AbstractStage, Modes


class CoupledStage(AbstractStage):
    r"""An `AbstractStage` with $G = Y_\text{in} + \mathrm{diag}(g_f)$, a full matrix.

    A summing node that moves sends currents through the resistance of the rows into
    the summing nodes of other columns: $-Y_{ij}$ for one volt at j. With a diagonal
    $Y_\text{in}$ this is a `Stage`.

    Args:
        op_amp: The op-amp of every column.
        y_in: $Y_\text{in}$ of the array's outputs, in siemens, symmetric, with other
            conductances to ground on its diagonal.
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
    y_in: Float[Array, "cols cols"]
    g_f: Float[Array, " cols"]
    c_f: Float[Array, " cols"]
    c_in: Float[Array, " cols"]
    offset: Float[Array, " cols"]
    v_rail: Float[Array, "*cols"]
    has_capacitors: bool = eqx.field(static=True)
    v_low: Float[Array, "*cols"] | None = None

    @property
    def modes(self) -> Modes:
        """Modes of the whole row of amplifiers."""
        values, vectors = np.linalg.eig(np.asarray(self._linear()[0], complex))
        strongest = np.abs(vectors[: self.g_f.shape[0]]).argmax(axis=0)
        return Modes(-np.real(values), np.abs(np.imag(values)), strongest)

    def ground_currents(self, v_m: ColumnVoltages) -> Currents:
        """$G v_m$, in amperes, through the array too."""
        return self._total @ v_m

    def ground_voltages(self, i: Currents) -> ColumnVoltages:
        """$G^{-1} i$, in volts, through the array too.

        By the inverse: a solve with many right sides starts threads of LAPACK, which
        wait for one another.
        """
        flat = i.reshape(i.shape[0], -1)
        return (jnp.linalg.inv(self._total) @ flat).reshape(i.shape)

    def settled_output(self, i: Currents) -> ColumnVoltages:
        r"""The output $v_o$ of $(G / A_0 + g_f)\,v_o = G V_\text{os} - i$, in volts."""
        g = self._total
        pull = broadcast_columns(g @ self.offset, i) - i
        return _solve(g / self.op_amp.gain + jnp.diag(self.g_f), pull)

    @property
    def transfer(self) -> tuple[Float[Array, "cols cols"], Float[Array, " cols"]]:
        r"""$(G / A_0 + g_f)^{-1}$, and its product with $G V_\text{os} - I_b$."""
        g = self._total
        ohms = jnp.linalg.inv(g / self.op_amp.gain + jnp.diag(self.g_f))
        return ohms, ohms @ (g @ self.offset - self.op_amp.bias_current)

    def response(self, dt: Scalar) -> CoupledPropagator:
        """The response of all columns as one system."""
        return propagate_coupled(*self._linear(), dt)

    @property
    def _total(self) -> Float[Array, "cols cols"]:
        return self.y_in + jnp.diag(self.g_f)

    def _linear(self) -> tuple[Array, Array, Array]:
        r"""A, B and c of $du/d\tau = A u + B i + c$: `(n, n)`, `(n, cols)`, `(n,)`."""
        op_amp, g, eye = self.op_amp, self._total, jnp.eye(self.g_f.shape[0])
        unity, pole, bias = op_amp.unity, op_amp.pole, op_amp.bias_current
        if unity.ndim:
            unity, pole = unity[:, None], pole[:, None]  # a row of each op-amp
        drift = op_amp.unity * self.offset
        if not self.has_capacitors:
            b = -unity * _solve(g, eye)
            a = b @ jnp.diag(self.g_f) - pole * eye
            return a, b, drift + b @ (bias * jnp.ones_like(drift))
        c = self.c_f + self.c_in
        a = jnp.block(
            [
                [-pole * eye, -unity * eye],
                [
                    jnp.diag((self.g_f - self.c_f * op_amp.pole) / c),
                    -(g + unity * jnp.diag(self.c_f)) / c[:, None],
                ],
            ]
        )
        b = jnp.concatenate([0 * eye, jnp.diag(1 / c)])
        return a, b, jnp.concatenate([drift, (bias + self.c_f * drift) / c])


def _solve(g: Float[Array, "cols cols"], i: Currents) -> ColumnVoltages:
    flat = i.reshape(i.shape[0], -1)
    return jnp.linalg.solve(g, flat).reshape(i.shape)
