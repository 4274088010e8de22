"""A programmed chip as a circuit: one stage a layer, and the integrators."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from ..._core._arrays import scalar
from ..._core._random import normal
from ..._core._streams import LabStream
from ..._core._types import Voltages
from ...blocks import (
    AbstractStage,
    AutoZero,
    CoupledStage,
    MultiplierPole,
    OpAmp,
    Stage,
)
from ...chip import AnalogNetwork, Chip
from ._circuit import Circuit


class Parasitics(eqx.Module):
    """Capacitors around each transimpedance amplifier.

    Args:
        c_in: Bit line and op-amp input to ground, in farads.
        c_f: Across the feedback resistor, in farads.
    """

    c_in: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    c_f: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    has_capacitors: bool = eqx.field(static=True, default=False)


def wire_up(
    chip: Chip,
    op_amp: OpAmp,
    parasitics: Parasitics,
    auto_zero: AutoZero | None = None,
    pole: MultiplierPole | None = None,
) -> Circuit:
    """The circuit of `chip` with op-amps that take time.

    Offsets of the transimpedance amplifiers are drawn from the chip's key; those of the
    integrators are the chip's own. With `auto_zero`, all leave their residuals.
    `pole` is that of the multipliers.
    """
    score, integrator = chip.score, chip.integrator
    if not isinstance(score, AnalogNetwork):
        raise ValueError(
            "`fidelity` dynamic needs a network on crossbars; got "
            f"{type(score).__name__}."
        )
    layers: list[AbstractStage] = []
    for number, layer in enumerate(score.layers):
        crossbar = layer.crossbar
        if not crossbar.is_linear:
            raise ValueError(
                "`fidelity` dynamic takes linear cells: summing nodes move, and a "
                "cell's current is no product of conductance and row voltage. Take "
                "`cell.iv.law` linear, or `fidelity` quasi-static."
            )
        if layer.correction is not None:
            raise ValueError(
                "`fidelity` dynamic takes no low-rank correction, whose amplifiers it "
                "does not know: take the chip before it, or `fidelity` quasi-static."
            )
        g_f = 1 / layer.amplifier.feedback_resistance
        # The embedding's resistor is one more at the summing node.
        extra = g_f if number + 1 < len(score.layers) else jnp.zeros_like(g_f)
        key = jr.fold_in(jr.fold_in(chip.key, LabStream.OP_AMP_OFFSETS), number)
        offset = op_amp.offset_std * normal(key, g_f.shape)
        around: dict[str, Any] = {
            "g_f": g_f,
            "c_f": jnp.broadcast_to(parasitics.c_f, g_f.shape),
            "c_in": jnp.broadcast_to(parasitics.c_in, g_f.shape),
            "offset": _zeroed(offset, op_amp, auto_zero, chip, number),
            "v_rail": jnp.minimum(op_amp.v_rail, layer.amplifier.v_rail),
            "has_capacitors": parasitics.has_capacitors,
        }
        if crossbar.wiring is None:
            g_in = jnp.sum(crossbar.g_pos + crossbar.g_neg, axis=0) + extra
            layers.append(Stage(op_amp=op_amp, g_in=g_in, **around))
        else:
            y_in = crossbar.wiring.output + jnp.diag(extra)
            layers.append(CoupledStage(op_amp=op_amp, y_in=y_in, **around))
    each = lambda x: jnp.broadcast_to(x, (score.dim,))
    integrators = Stage(
        op_amp=op_amp,
        g_in=each(1 / integrator.resistance),
        g_f=each(integrator.leak),
        c_f=each(integrator.capacitance * (1 + integrator.mismatch)),
        c_in=each(jnp.zeros_like(integrator.capacitance)),
        offset=_zeroed(each(integrator.offset), op_amp, auto_zero, chip, len(layers)),
        v_rail=jnp.minimum(op_amp.v_rail, integrator.v_rail),
        has_capacitors=True,
    )
    return Circuit(chip, tuple(layers), integrators, pole)


def _zeroed(
    offset: Voltages, op_amp: OpAmp, auto_zero: AutoZero | None, chip: Chip, number: int
) -> Voltages:
    """Offsets of one stage after auto-zeroing."""
    if auto_zero is None:
        return offset
    key = jr.fold_in(jr.fold_in(chip.key, LabStream.AUTO_ZERO_RESIDUALS), number)
    return auto_zero.residual(offset, op_amp, normal(key, offset.shape))
