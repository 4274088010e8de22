"""One layer of a network in hardware: an array and its amplifiers."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import (
    ColumnVoltages,
    Currents,
    DrivenVoltages,
    Scalar,
    SupplyCurrents,
    Voltages,
)
from ..blocks import (
    AbstractStage,
    BlockErrors,
    CoupledStage,
    Stage,
    StaticOpAmps,
    TransimpedanceAmplifier,
)
from ..crossbar import CellNoise, Crossbar, LowRank


ROUNDS = 3  # of the voltages of summing nodes, which move non-linear cells


class AnalogLayer(eqx.Module):
    r"""Crossbar and transimpedance amplifiers: row voltages in, column voltages out.

    A row driver puts $(1 + \epsilon) v + V_\text{os}$ on its row, behind the clamp.
    The driver of the constant row has done so to the array's `v_bias`. Amplifiers with
    `op_amps` settle as the `stage` of fidelity `dynamic` does. `rectifiers` are errors
    of the rectifiers behind the amplifiers.

    Args:
        crossbar: The layer's cells.
        amplifier: The amplifiers of its columns.
        correction: Cells that join their currents to the columns'; `None` for none.
        drivers: Errors of the row drivers, the constant row's aside; `None` for none.
        op_amps: The amplifiers' op-amps; `None` for ideal ones.
        rectifiers: Errors of the rectifiers, with offsets at their inputs; `None` for
            none, or where no rectifiers follow.
        trim: What a current DAC adds at each amplifier's output, in volts; `None` for
            no DAC. Its current follows the feedback resistors.
    """

    crossbar: Crossbar
    amplifier: TransimpedanceAmplifier
    correction: LowRank | None = None
    drivers: BlockErrors | None = None
    op_amps: StaticOpAmps | None = None
    rectifiers: BlockErrors | None = None
    trim: Voltages | None = None

    def __call__(
        self,
        v: Voltages,
        noise: CellNoise = CellNoise(),
        wave: Float[Array, "cols ..."] | None = None,
    ) -> ColumnVoltages:
        """Outputs before the rails, in volts; `wave` is what the DAC adds to them."""
        driven = self.driven(v)
        i = self._joined(self.crossbar(driven, noise), driven)
        ground = None
        if noise.ground is not None:
            ground = self.pulled(noise.ground, has_wave=wave is not None)
        if noise.wave is not None:
            ohms = broadcast_columns(self.amplifier.feedback_resistance, noise.wave)
            late = noise.wave / ohms
            ground = late if ground is None else ground + late
        if ground is not None:
            i = i + ground
        if self.op_amps is None:
            out = self.amplifier(i)
            if wave is None:
                return out
            return out + broadcast_columns(wave, out, wave.ndim)
        stage = self.stage(self.op_amps, has_wave=wave is not None)
        ohms, constant = stage.transfer

        def settle(i: Currents) -> ColumnVoltages:
            out = ohms @ i if ohms.ndim == 2 else broadcast_columns(ohms, i) * i
            return out + broadcast_columns(constant, out)

        i = self._with_wave(i, wave)
        out = settle(i)
        if self.crossbar.is_linear:
            return out
        for _ in range(ROUNDS):
            back = broadcast_columns(stage.g_f, out) * out
            v_m = stage.ground_voltages(back + stage.op_amp.bias_current - i)
            i = self._joined(self.crossbar(driven, noise, v_m), driven)
            i = self._with_wave(i if ground is None else i + ground, wave)
            out = settle(i)
        return out

    def _with_wave(
        self, i: Currents, wave: Float[Array, "cols ..."] | None
    ) -> Currents:
        """`i` and what the DAC drives through resistors of its own, in amperes."""
        if wave is None:
            return i
        driven = wave / broadcast_columns(self.amplifier.feedback_resistance, wave)
        return i + broadcast_columns(driven, i, driven.ndim)

    def trimmed(self, i: Currents) -> Currents:
        """`i` with the currents of the trims, in amperes."""
        if self.trim is None:
            return i
        return i + broadcast_columns(self.trim / self.amplifier.feedback_resistance, i)

    def currents(
        self,
        v: Voltages,
        noise: CellNoise = CellNoise(),
        v_m: ColumnVoltages | None = None,
    ) -> Currents:
        """Net currents of the columns for `v` at the row drivers, in amperes.

        Non-linear cells notice summing nodes at `v_m` volts, as `Crossbar` says.
        """
        driven = self.driven(v)
        seen = None if self.crossbar.is_linear else v_m
        return self._joined(self.crossbar(driven, noise, seen), driven)

    def _joined(self, i: Currents, driven: DrivenVoltages) -> Currents:
        """`i` of the cells with the currents of correction and trims, in amperes."""
        i = i if self.correction is None else i + self.correction(driven)
        return self.trimmed(i)

    def pulled(self, ground: ColumnVoltages, *, has_wave: bool) -> Currents:
        """Currents that act as summing nodes do that are moved by `ground` volts.

        Through the feedback resistor they make the noise gain times `ground`.
        """
        g_f = 1 / self.amplifier.feedback_resistance
        own = 2 * g_f if has_wave else g_f
        if self.correction is not None:
            own = own + self.correction.load
        if self.crossbar.wiring is not None:
            array = self.crossbar.wiring.output @ ground
            return array + broadcast_columns(own, ground) * ground
        own = own + jnp.sum(self.crossbar.g_pos + self.crossbar.g_neg, axis=0)
        return broadcast_columns(own, ground) * ground

    def driven(self, v: Voltages) -> DrivenVoltages:
        """Voltages that the row drivers make of `v`, in volts."""
        return v if self.drivers is None else self.drivers.at_output(v)

    def stage(
        self,
        op_amps: StaticOpAmps,
        *,
        has_wave: bool,
        c_in: Scalar | float = 0.0,
        c_f: Scalar | float = 0.0,
        has_capacitors: bool = False,
        rails: tuple[Voltages, Voltages | None] | None = None,
    ) -> AbstractStage:
        """The amplifiers as a row of op-amps with feedback.

        Args:
            op_amps: The op-amps.
            has_wave: Whether the DAC's resistors, equal to the feedback's, are at the
                summing nodes.
            c_in: Capacitance of each summing node to ground, in farads.
            c_f: Capacitance across each feedback resistor, in farads.
            has_capacitors: Whether `c_in + c_f` is positive.
            rails: Highest and lowest output of each column in volts, in place of the
                amplifier's; see `OpAmps.amplifier_rails`.
        """
        own = self.amplifier.v_rail, self.amplifier.v_low
        v_rail, v_low = own if rails is None else rails
        crossbar, g_f = self.crossbar, 1 / self.amplifier.feedback_resistance
        extra = g_f if has_wave else jnp.zeros_like(g_f)
        around = {
            "op_amp": op_amps.op_amp,
            "g_f": g_f,
            "c_f": jnp.broadcast_to(c_f, g_f.shape),
            "c_in": jnp.broadcast_to(c_in, g_f.shape),
            "offset": op_amps.offset,
            "v_rail": v_rail,
            "v_low": v_low,
            "has_capacitors": has_capacitors,
        }
        if crossbar.wiring is None:
            g_in = jnp.sum(crossbar.g_pos + crossbar.g_neg, axis=0) + extra
            return Stage(g_in=g_in, **around)
        return CoupledStage(y_in=crossbar.wiring.output + jnp.diag(extra), **around)

    def power(self, v: Voltages) -> Float[Array, "*samples"]:
        """Dissipated in the cells, in watts."""
        v = self.driven(v)
        own = self.crossbar.power(v)
        return own if self.correction is None else own + self.correction.power(v)

    def supplied(self, v: Voltages) -> SupplyCurrents:
        """Currents of the row drivers, and of the amplifiers, in amperes."""
        v = self.driven(v)
        own = self.crossbar.supplied(v)
        return own if self.correction is None else own + self.correction.supplied(v)

    def noise_gains(self, embedding: float = 0.0) -> Float[Array, " _"]:
        """Of the amplifiers of the columns, then of those of the correction.

        Args:
            embedding: Conductance of the embedding's resistor at each column's summing
                node over that of the feedback resistor.
        """
        g = jnp.sum(self.crossbar.g_pos + self.crossbar.g_neg, axis=0)
        alone = 1 + embedding
        if self.correction is None:
            return alone + self.amplifier.feedback_resistance * g
        own = alone + self.amplifier.feedback_resistance * (g + self.correction.load)
        return jnp.concatenate([own, self.correction.noise_gains])

    @property
    def num_rows(self) -> int:
        """Driven rows, the constant one and those of the correction included."""
        own = self.crossbar.g_pos.shape[0]
        return own if self.correction is None else own + self.correction.rank
