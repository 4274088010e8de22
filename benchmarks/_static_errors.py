"""Every static error of a case for ngspice, one at a time: stronger, and left out.

For the mutants of `ngspice_check`: an error is scaled until the dynamic model moves by
`TIMES` the limit of a class of nodes, and then left out of the deck alone.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import numpy as np
from rram_ode.chip import AnalogNetwork, Chip
from rram_ode.loop import DynamicLoop
from rram_ode.spice import (
    check_netlist,
    compare,
    node_voltages,
    trace_nodes,
    write_netlist,
)
from rram_ode.system import NetlistCase


TIMES = 3.0
WITHIN = 0.1  # relative, of `TIMES`
MOST_TRIES = 40

# Every static error, larger than a chip's own so that each shows.
STATIC = (
    "driver.offset_std=1mV",
    "driver.gain_std=1e-3",
    "inverter.offset_std=1mV",
    "inverter.gain_std=2e-3",
    "rectifier.offset_std=1mV",
    "rectifier.gain_std=2e-3",
    "multiplier.gain_std=2.5e-3",
    "multiplier.signal_std=1e-3",
    "multiplier.factor_std=3mV",
    "multiplier.offset_std=1mV",
    "multiplier.signal_bend_std=1e-3",
    "multiplier.factor_bend_std=4e-3",
    "supply.reference_std=2e-3",
    "supply.std=0.01",
    "op_amp.static_errors=True",
)

Where = Callable[[Any], list[Any]]


def _layers(of: Callable[[Any], Any], *, hidden: bool = False) -> Where:
    """An array of every layer, or of those with rectifiers behind them."""
    return lambda chip: [
        of(layer) for layer in chip.score.layers[: -1 if hidden else None]
    ]


ON_CHIP: dict[str, Where] = {
    "offset of row drivers": _layers(lambda x: x.drivers.offset),
    "gain of row drivers": _layers(lambda x: x.drivers.gain),
    "offset of inverters": _layers(lambda x: x.crossbar.inverters.offset),
    "gain of inverters": _layers(lambda x: x.crossbar.inverters.gain),
    "offset of rectifiers": _layers(lambda x: x.rectifiers.offset, hidden=True),
    "gain of rectifiers": _layers(lambda x: x.rectifiers.gain, hidden=True),
    "gain of multipliers": lambda chip: [chip.multipliers.gain],
    "signal of multipliers": lambda chip: [chip.multipliers.signal],
    "factor of multipliers": lambda chip: [chip.multipliers.factor],
    "offset of multipliers": lambda chip: [chip.multipliers.offset],
    "bend of the signal": lambda chip: [chip.multipliers.bend.signal],
    "bend of the factor": lambda chip: [chip.multipliers.bend.factor],
    "mismatch of integrators": lambda chip: [chip.integrator.mismatch],
    "leak of integrators": lambda chip: [chip.integrator.leak],
}
IN_LOOP = ("offset of op-amps", "bias current of op-amps", "gain of op-amps")
SHARED = ("reference", "rails")


def names(case: NetlistCase) -> list[str]:
    """The static errors that a case has."""
    idle = []
    if float(case.loop.op_amp.bias_current) == 0:
        idle.append("bias current of op-amps")
    return [name for name in (*ON_CHIP, *IN_LOOP, *SHARED) if name not in idle]


def times_error(case: NetlistCase, name: str, factor: float) -> NetlistCase:
    """The case with one error `factor` times as large; without it at 0.

    Args:
        case: One with all errors of `STATIC`.
        name: One of `names`.
        factor: The factor.
    """
    loop, chip, x1 = case
    if name in ON_CHIP:
        where = ON_CHIP[name]
        chip = eqx.tree_at(where, chip, [factor * x for x in where(chip)])
    elif name in SHARED:
        chip = _shared(chip, name, factor)
    else:
        loop, chip = _op_amps(loop, chip, name, factor)
    return NetlistCase(loop, chip, x1)


def _op_amps(
    loop: DynamicLoop, chip: Chip, name: str, factor: float
) -> tuple[DynamicLoop, Chip]:
    op_amp, zero = loop.op_amp, loop.auto_zero
    if name == "gain of op-amps":
        # A pole of its own is what a gain is without.
        op_amp = dataclasses.replace(op_amp, gain=op_amp.gain / max(factor, 1e-9))
    elif name == "bias current of op-amps":
        bias = factor * op_amp.bias_current
        op_amp = dataclasses.replace(op_amp, bias_current=bias)
    else:
        std = factor * op_amp.offset_std
        op_amp = dataclasses.replace(op_amp, offset_std=std)
        if zero is not None:
            zero = dataclasses.replace(zero, injection=factor * zero.injection)
        own = lambda c: c.integrator.offset
        chip = eqx.tree_at(own, chip, factor * own(chip))
    return dataclasses.replace(loop, op_amp=op_amp, auto_zero=zero), chip


def _shared(chip: Chip, name: str, factor: float) -> Chip:
    """With another reference, or other rails; those of a stronger error are lower."""
    score = chip.score
    assert isinstance(score, AnalogNetwork)
    if name == "rails":
        where = lambda c: [
            *(layer.amplifier.v_rail for layer in c.score.layers),
            c.integrator.v_rail,
        ]
        lower = [v * (1 - 0.01 * factor) for v in where(chip)]
        return eqx.tree_at(where, chip, lower)
    assert score.reference is not None  # by `STATIC`
    reference = 1 + factor * (score.reference - 1)
    by = reference / score.reference
    where = lambda c: [
        c.score.reference,
        *(layer.crossbar.v_bias for layer in c.score.layers),
    ]
    return eqx.tree_at(where, chip, [x * by for x in where(chip)])


def moved(one: NetlistCase, other: NetlistCase) -> float:
    """Largest difference of two cases in the dynamic model, over its class's limit."""
    taus = np.asarray(one.loop.times, float)
    ours, theirs = (
        node_voltages(trace_nodes(*each), 0, each[1]) for each in (one, other)
    )
    found = [compare(key, taus, theirs[key], taus, ours[key]) for key in ours]
    share = max(each.largest / each.limit for each in found)
    return share if math.isfinite(share) else math.inf


def to_times_the_limit(case: NetlistCase, name: str) -> float:
    """The factor on an error at which leaving it out moves a node `TIMES` its limit.

    Raises:
        ValueError: If no factor does.
    """
    without = times_error(case, name, 0.0)
    low, high, factor = 0.0, math.inf, 1.0
    for _ in range(MOST_TRIES):
        share = moved(times_error(case, name, factor), without)
        if abs(share / TIMES - 1) < WITHIN:
            return factor
        if share > TIMES:
            high = factor
        else:
            low = factor
        # Most errors are linear; what jumps or saturates is halved.
        guess = factor * TIMES / share if share > 0 else 10 * factor
        inside = low < guess < high and guess < 30 * factor
        factor = guess if inside else (low + high) / 2 if high < math.inf else 3 * low
    raise ValueError(f"no strength of the error `{name}` moves a node so far.")


def left_out(case: NetlistCase, name: str) -> tuple[float, float]:
    """Share of the limit that the check finds, of a deck without an error; its factor.

    The model has the error at `TIMES` the limit.
    """
    factor = to_times_the_limit(case, name)
    deck = write_netlist(*times_error(case, name, 0.0))
    found = check_netlist(*times_error(case, name, factor), netlist=deck)
    return max(each.largest / each.limit for each in found), factor
