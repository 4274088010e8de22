"""A programmed chip as a circuit: one stage a layer, and the integrators."""

import dataclasses
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float

from ..._core._arrays import as_float, scalar
from ..._core._random import normal
from ..._core._streams import LabStream
from ..._core._types import Scalar, Voltages
from ...blocks import (
    AbstractStage,
    AutoZero,
    CoupledStage,
    MultiplierPole,
    OpAmp,
    OpAmpDesign,
    Stage,
)
from ...chip import AnalogNetwork, Chip
from ._circuit import Circuit


class Parasitics(eqx.Module):
    """Capacitors around each transimpedance amplifier.

    Args:
        c_in: Bit line and op-amp input to ground, in farads.
        c_f: Across the feedback resistor, in farads.
        has_capacitors: Whether `c_in + c_f` is positive.
        c_pair: Input of an integrator's op-amp to ground, in farads.
    """

    c_in: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    c_f: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    has_capacitors: bool = eqx.field(static=True, default=False)
    c_pair: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)


def wire_up(
    chip: Chip,
    op_amp: OpAmp,
    parasitics: Parasitics,
    auto_zero: AutoZero | None = None,
    pole: MultiplierPole | None = None,
    design: OpAmpDesign | None = None,
) -> Circuit:
    """The circuit of `chip` with op-amps that take time.

    Offsets of the transimpedance amplifiers are drawn from the chip's key; those of the
    integrators are the chip's own. With `auto_zero`, all leave their residuals.
    `pole` is that of the multipliers. With a `design`, the conductance at its outputs
    takes gain and speed from an op-amp: a row of op-amps is as its most loaded one.
    The current `op_amp.i_out` limits each output to what it drives into its load.
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
            "v_rail": _rails(layer.amplifier.v_rail, op_amp, g_f),
            "has_capacitors": parasitics.has_capacitors,
            "op_amp": _loaded(op_amp, design, g_f),
        }
        if crossbar.wiring is None:
            g_in = jnp.sum(crossbar.g_pos + crossbar.g_neg, axis=0) + extra
            layers.append(Stage(g_in=g_in, **around))
        else:
            y_in = crossbar.wiring.output + jnp.diag(extra)
            layers.append(CoupledStage(y_in=y_in, **around))
    each = lambda x: jnp.broadcast_to(x, (score.dim,))
    rows = jnp.sum(score.layers[0].crossbar.g_pos, axis=1)[:-1]
    # A row is driven up to its clamp alone.
    v_driven = jnp.minimum(score.v_clamp, integrator.v_rail)
    enough = op_amp.i_out >= v_driven * rows
    limits = _rails(integrator.v_rail, op_amp, rows)
    integrators = Stage(
        op_amp=_loaded(op_amp, design, rows),
        g_in=each(1 / integrator.resistance),
        g_f=each(integrator.leak),
        c_f=each(integrator.capacitance * (1 + integrator.mismatch)),
        c_in=each(parasitics.c_pair),
        offset=_zeroed(each(integrator.offset), op_amp, auto_zero, chip, len(layers)),
        v_rail=jnp.where(enough, jnp.minimum(op_amp.v_rail, integrator.v_rail), limits),
        has_capacitors=True,
    )
    return Circuit(chip, tuple(layers), integrators, pole)


def as_arrays(design: OpAmpDesign) -> OpAmpDesign:
    """`design` with arrays for numbers: a number would be part of the program."""
    return jax.tree_util.tree_map(as_float, design)


def require_drive(chip: Chip, i_out: float) -> None:
    """Refuse a chip with a row that draws more than `i_out` amperes at its clamp.

    The row drivers of hidden layers, and the inverters, are ideal: what they cannot
    drive is refused here.
    """
    network = chip.crossbars
    if network is None or math.isinf(i_out):
        return
    clamp = float(network.realised.v_clamp)
    for number, layer in enumerate(network.realised.layers, start=1):
        both = (layer.crossbar.g_pos, layer.crossbar.g_neg)
        g_rows = np.stack([np.asarray(g).sum(axis=1) for g in both])
        volts = np.full(g_rows.shape[1], clamp)
        volts[-1] = min(clamp, abs(float(layer.crossbar.v_bias)))
        drawn = volts * g_rows.max(axis=0)
        if np.max(drawn) > i_out:
            row = int(np.argmax(drawn))
            raise ValueError(
                f"row {row} of layer {number} draws {drawn[row]:.3g} A at its clamp, "
                f"more than `op_amp.i_out` = {i_out:g} A: take `op_amp.i_out` = "
                f"{drawn[row]:.3g} or more, or a smaller `crossbar.v_max`."
            )


def _loaded(
    op_amp: OpAmp, design: OpAmpDesign | None, g_load: Float[Array, " cols"]
) -> OpAmp:
    """`op_amp` with the gain and the speed that the largest of `g_load` leaves it."""
    if design is None:
        return op_amp
    left = dataclasses.replace(design, g_load=jnp.max(g_load))
    gain, gbw = op_amp.gain * left.gain_left, op_amp.gbw * left.gbw_left
    return dataclasses.replace(op_amp, gain=gain, gbw=gbw)


def _rails(v_rail: Scalar, op_amp: OpAmp, g_load: Float[Array, " cols"]) -> Voltages:
    """Largest output of each column: a rail, or the current limit times the load."""
    return jnp.minimum(jnp.minimum(op_amp.v_rail, v_rail), op_amp.i_out / g_load)


def _zeroed(
    offset: Voltages, op_amp: OpAmp, auto_zero: AutoZero | None, chip: Chip, number: int
) -> Voltages:
    """Offsets of one stage after auto-zeroing."""
    if auto_zero is None:
        return offset
    key = jr.fold_in(jr.fold_in(chip.key, LabStream.AUTO_ZERO_RESIDUALS), number)
    return auto_zero.residual(offset, op_amp, normal(key, offset.shape))
