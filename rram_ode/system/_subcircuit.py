"""The op-amp of a configuration, measured on a user's subcircuit."""

import dataclasses
import math
from collections.abc import Collection
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from ..chip import Chip, integrator_loads
from ..config import replace_all, RunConfig
from ..loop import DynamicLoop
from ..spice import check_netlist, Deviation, write_netlist
from ..spice.subcircuit import measure, Measurement, Part, read_part, with_part
from .build import largest_swing, supply_of


LIMIT = 0.01  # of full scale, of a part that is not of our form


SMALLEST = 1e-3  # ohms at an output that is none


UNLIMITED = 10.0  # times the fastest slope of a linear output: no slew rate


def part_of(config: RunConfig) -> Part:
    """The subcircuit that `op_amp.subcircuit` names."""
    c = config.op_amp
    assert c.subcircuit is not None  # by the caller
    config = replace_all(config, {"op_amp.kind": "board", "fidelity": "dynamic"})
    return read_part(c.subcircuit, c.pins, supply_of(config))


def fit_op_amp(
    config: RunConfig, keep: Collection[str] = ()
) -> tuple[RunConfig, Measurement]:
    """Measure `op_amp.subcircuit` in ngspice, and take what was measured.

    Noise is taken where `op_amp.resistor_noise` is on: it needs steps that resolve
    every pole.

    Args:
        config: Names the subcircuit, its pins and its supply.
        keep: Dotted names of settings that stay as they are.

    Returns:
        The configuration with the measured values, and all that was measured.
    """
    found = measure(part_of(config))
    values = {k: v for k, v in fitted(config, found).items() if k not in keep}
    return replace_all(config, values), found


def fitted(config: RunConfig, found: Measurement) -> dict[str, Any]:
    """Settings that stand for what was measured.

    They are those of `op_amp.*`, and the swing to which the outputs of amplifiers and
    the state are designed and held: `amplifier.v_rail` and `integrator.v_rail` are an
    assumption on the op-amp that the part replaces. Where they stayed, the model would
    stop outputs that the part does not stop, or aim at volts that it never reaches.
    """
    most = UNLIMITED * 2 * math.pi * found.gbw * (found.v_rail - found.v_low)
    i_out = min(found.i_source, found.i_sink)
    config = replace_all(config, {"op_amp.kind": "board"})
    swing = min(found.v_rail, -found.v_low, largest_swing(config))
    is_loaded = max(found.r_out, found.r_fast) > SMALLEST
    values = {
        "kind": "board",
        "gain": found.gain,
        "gbw": found.gbw,
        "slew": min(found.slew_up, found.slew_down, most),
        "v_low": found.v_low,
        "v_rail": found.v_rail,
        "offset": found.offset,
        "bias_current": found.bias_current,
        "i_out": i_out if math.isfinite(i_out) else None,
        "r_out": found.r_out if is_loaded else None,
        "r_fast": found.r_fast if is_loaded else 0.0,
        "supply_current": found.supply_current,
        "c_in": config.op_amp.c_in + found.c_in,
    }
    if config.op_amp.resistor_noise:
        values |= {"e_n": found.e_n, "i_n": found.i_n, "flicker": found.flicker}
    stages = {"amplifier.v_rail": swing, "integrator.v_rail": swing}
    return {f"op_amp.{name}": value for name, value in values.items()} | stages


def check_subcircuit(
    config: RunConfig, loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]
) -> tuple[list[Deviation], Measurement]:
    """Deviations of the model from the loop with the subcircuit itself.

    Args:
        config: Names the subcircuit.
        loop: The circuit around the chip.
        chip: The hardware.
        x1: The start, dimensionless.
    """
    part = part_of(config)
    found = measure(part)
    network = chip.crossbars
    assert network is not None  # a `DynamicLoop` takes no other
    loads = integrator_loads(*(chain.layers[0] for chain in network.chains))
    deck = write_netlist(loop, chip, x1)
    deck = with_part(deck, part, found, np.asarray(loads, float).tolist())
    deviations = [
        dataclasses.replace(each, limit=LIMIT)
        for each in check_netlist(loop, chip, x1, netlist=deck)
        if each.name in deck.nodes
    ]
    return deviations, found


@dataclasses.dataclass(frozen=True)
class Omission:
    """What the model leaves out of a part.

    Args:
        name: In a few words.
        text: In a sentence.
    """

    name: str
    text: str


RAIL = "v_rail of the stage"


def reasons(config: RunConfig, found: Measurement) -> tuple[Omission, ...]:
    """What the model leaves out of a part."""
    told, rail = [], config.amplifier.v_rail
    if rail is not None and rail < min(found.v_rail, -found.v_low):
        text = (
            f"outputs beyond `amplifier.v_rail` = {rail:g} V, where the model stops "
            f"them: the part goes from {found.v_low:.3g} to {found.v_rail:.3g} V."
        )
        told.append(Omission(RAIL, text))
    second = found.poles[1]
    if math.isfinite(second):
        text = (
            f"a second pole at {second:.3g} Hz, {second / found.gbw:.3g} times the "
            "gain-bandwidth: the model has one pole."
        )
        told.append(Omission("second pole", text))
    up, down = found.slew_up, found.slew_down
    if math.isfinite(min(up, down)) and abs(up - down) > 0.05 * min(up, down):
        text = (
            f"slew rates of {up:.3g} V/s up and {down:.3g} V/s down: the model takes "
            "the smaller one both ways."
        )
        told.append(Omission("slew rates", text))
    if found.i_source > 2 * found.i_sink or found.i_sink > 2 * found.i_source:
        text = (
            f"the output gives {found.i_source:.3g} A and takes {found.i_sink:.3g} A: "
            "the model takes the smaller one both ways."
        )
        told.append(Omission("output currents", text))
    return tuple(told)


def reason_of(each: Deviation, config: RunConfig, found: Measurement) -> str:
    """What explains that nodes deviate by more than their limit, in a few words.

    Args:
        each: The deviation of one class of nodes from the loop with the part itself.
        config: All settings.
        found: What was measured of the part.
    """
    if each.passed:
        return ""
    stage = "integrator" if each.name == "state" else "amplifier"
    rail = getattr(config, stage).v_rail
    if rail is not None and each.full_scale > rail:
        return f"reaches {each.full_scale:.4g} V, `{stage}.v_rail` is {rail:g} V"
    names = [told.name for told in reasons(config, found) if told.name != RAIL]
    return ", ".join(names) or "not known"
