"""A programmed chip as a circuit: one stage a layer, and the integrators."""

import dataclasses
import math

import equinox as eqx
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float

from ..._core._arrays import as_float, of_layer, scalar
from ..._core._streams import LabStream
from ..._core._types import Key
from ...blocks import (
    AbstractStage,
    AutoZero,
    LinePoles,
    MultiplierPole,
    OpAmp,
    OpAmpDesign,
)
from ...chip import (
    AnalogNetwork,
    array_of,
    Chip,
    GuidedNetwork,
    integrator_loads,
    OpAmps,
    SwitchedNetwork,
)
from ...crossbar import Crossbar, line_delays
from ._circuit import Circuit


class Parasitics(eqx.Module):
    """Capacitors around each transimpedance amplifier.

    Args:
        c_in: Bit line and op-amp input to ground, in farads.
        c_f: Across the feedback resistor, in farads.
        has_capacitors: Whether `c_in + c_f` is positive.
        c_pair: Input of an integrator's op-amp to ground, in farads.
        c_line: Of each word and bit line from cell to cell to ground, in farads, of all
            layers or of each. Both arrays' bit lines join the summing node's `c_in`.
        has_delay: Whether word lines take time: `c_line` and a resistance are positive.
    """

    c_in: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    c_f: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    has_capacitors: bool = eqx.field(static=True, default=False)
    c_pair: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    c_line: Float[Array, ""] | Float[Array, " layers"] = eqx.field(
        converter=as_float, default=0.0
    )
    has_delay: bool = eqx.field(static=True, default=False)

    def of_layer(self, number: int) -> "Parasitics":
        """The capacitors of one layer."""
        return dataclasses.replace(self, c_line=of_layer(self.c_line, number))

    def at_node(self, rows: int) -> Float[Array, ""]:
        """Capacitance of a summing node to ground, in farads."""
        return self.c_in + 2 * rows * self.c_line

    def line_poles(self, crossbar: Crossbar) -> LinePoles | None:
        """The word lines of a layer as poles; `None` where they are fast.

        A row and its inverse share one: the mean of both lines' delays.
        """
        if not self.has_delay:
            return None
        wiring = crossbar.wiring
        if wiring is None:
            raise ValueError(
                "word lines that take time have a resistance: set "
                "`crossbar.wires.word_line` or `crossbar.wires.driver` for the chip, "
                "or `crossbar.wires.capacitance` to 0 for the loop."
            )
        delays = [
            line_delays(g, wiring.wires, self.c_line, wiring.tiling)
            for g in (wiring.g_pos, wiring.g_neg)
        ]
        return LinePoles((delays[0] + delays[1])[:-1] / 2)


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
    The current `op_amp.i_out` limits each output to what it drives into its load. The
    holds of a switched array load no op-amp.
    """
    switched = chip.score if isinstance(chip.score, SwitchedNetwork) else None
    if switched is not None:
        chip = array_of(chip)
    score, integrator = chip.score, chip.integrator
    if not isinstance(score, AnalogNetwork | GuidedNetwork):
        raise ValueError(
            "`fidelity` dynamic needs a network on crossbars; got "
            f"{type(score).__name__}."
        )
    op_amps = OpAmps(op_amp, auto_zero, design, parasitics.c_pair).on(chip.die)
    c_f = parasitics.c_f if chip.die is None else chip.die.capacitor * parasitics.c_f
    layers: list[AbstractStage] = []
    lines: list[LinePoles] = []
    for place, layer in zip(score.places, score.all_layers, strict=True):
        crossbar, around = layer.crossbar, parasitics.of_layer(place.number)
        if layer.correction is not None:
            raise ValueError(
                "`fidelity` dynamic takes no low-rank correction, whose amplifiers it "
                "does not know: take the chip before it, or `fidelity` quasi-static."
            )
        width = layer.amplifier.feedback_resistance.shape[0]
        draws = op_amps.draw(place.number, width, key=_key_of(chip, place.chain))
        stage = layer.stage(
            op_amps.of_layer(layer, draws),
            has_wave=not place.is_last,
            c_in=around.at_node(crossbar.g_pos.shape[0]),
            c_f=c_f,
            has_capacitors=parasitics.has_capacitors,
            rails=op_amps.amplifier_rails(layer),
        )
        layers.append(stage)
        poles = around.line_poles(crossbar)
        if poles is not None:
            lines.append(poles)
    first = score.chains[0]
    draws = op_amps.draw(len(first.layers), score.dim, key=chip.key)
    loads = integrator_loads(*(chain.layers[0] for chain in score.chains))
    own = op_amps.of_integrators(integrator, loads, draws)
    rails = op_amps.integrator_rails(integrator, loads, first.v_clamp)
    integrators = integrator.stage(own, score.dim, *rails)
    return Circuit(
        chip, tuple(layers), integrators, pole, tuple(lines) or None, switched
    )


def _key_of(chip: Chip, chain: int) -> Key:
    """The key of what is drawn in lab time of an array alone."""
    return jr.fold_in(chip.key, LabStream.NULL_ARRAY) if chain else chip.key


def require_drive(chip: Chip, i_out: float) -> None:
    """Refuse a chip with a row that draws more than `i_out` amperes at its clamp.

    The row drivers of hidden layers, and the inverters, are ideal: what they cannot
    drive is refused here.
    """
    network = chip.crossbars
    if network is None or math.isinf(i_out):
        return
    clamp = float(network.chains[0].v_clamp)
    for number, layer in enumerate(network.all_layers, start=1):
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
