"""The whole chip: errors of cells, circuits, process and supply, then the trims.

Each value has its source, or the word assumption, in the help of its setting. What is
off stands in `--describe` with its size: access transistors, above all.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..config import override_all, RunConfig, TrainConfig
from ._ring import fresh_ring
from ._ring_64 import fresh_ring_64


DAY = 86_400.0  # s


STATIC: dict[str, Any] = {
    "op_amp.static_errors": True,
    "driver.offset_std": 20e-6,
    "driver.gain_std": 1e-4,
    "inverter.offset_std": 40e-6,
    "inverter.gain_std": 1e-3,
    "rectifier.offset_std": 20e-6,
    "rectifier.gain_std": 1e-3,
    "multiplier.gain_std": 2.5e-3,
    "multiplier.signal_std": 3e-3,
    "multiplier.factor_std": 1e-3,
    "multiplier.offset_std": 1e-3,
    "multiplier.signal_bend_std": 4e-3,
    "multiplier.factor_bend_std": 1e-3,
    "guidance.gain_std": 2.5e-3,
    "guidance.signal_std": 3e-3,
    "guidance.factor_std": 1e-3,
    "guidance.offset_std": 1e-3,
    "guidance.signal_bend_std": 4e-3,
    "guidance.factor_bend_std": 1e-3,
    "guidance.switch_resistance": 10e3,
    "guidance.injection": 1e-15,
    "guidance.injection_std": 0.1e-15,
    "guidance.leakage": 1e-12,
    "integrator.leak": 100e9,
    "supply.reference_std": 1e-3,
    "supply.std": 0.01,
}


PROCESS: dict[str, Any] = {
    "process.corner": "monte-carlo",
    "process.resistor_tolerance": 0.2,
    "process.capacitor_tolerance": 0.15,
    "process.resistor_tc": -1e-3,
    "process.capacitor_tc": 13e-6,
    "process.reference_tc": 30e-6,
    "process.cell_tc_lrs": -0.5e-3,
    "process.cell_tc_std": 0.1e-3,
    "process.wire_tc": 3.3e-3,
    "process.offset_drift": 2e-6,
    "process.multiplier_drift": 3e-6,
    "process.leak_doubling": 10.0,
}


TRIMS: dict[str, Any] = {
    "trim.rc": "beta",
    "trim.scale": True,
    "trim.columns": "gains",
    "trim.multipliers": True,
    "trim.repair": True,
    "trim.refit": True,
    "trim.spare_columns": 1,
    "trim.tracking": True,
}


AGE: dict[str, Any] = {
    "cell.age": DAY,
    "cell.ageing": 0.01e-6,
    "cell.drift.disturb": 1e-3,
}


NOISE: dict[str, Any] = {
    "op_amp.flicker": 3e-6,
    "supply.noise": 100e-6,
    "supply.ground_noise": 1e-6,
    "multiplier.noise": 50e-9,
    "guidance.noise": 50e-9,
    "start.memory": 1e-3,
    "dac.glitch": 1e-12,
    "dac.skew": 100e-12,
    "solve.jitter": 10e-12,
}


# What the design of the chip does about it: biases meet a small voltage, small weights
# large cells.
DESIGN: dict[str, Any] = {
    "crossbar.bias": "fitted",
    "crossbar.rescale": True,
}


# Ageing is an error of each cell on its own: eight of them in parallel leave a third.
# A cold die with large resistors has signals that are larger by a third.
WIDE: dict[str, Any] = {"cell.devices_per_weight": 8, "crossbar.headroom": 1.8}


# `python -m benchmarks score_factor` compares it with others.
DRIFT: dict[str, Any] = {"solve.score_factor": 1.01}


# Lines of 1 um, assumed. On the small arrays of `ring` the drop is not seen.
LINES: dict[str, Any] = {
    "crossbar.wires.word_line": 0.18,
    "crossbar.wires.bit_line": 0.18,
}


def whole_chip(base: RunConfig) -> RunConfig:
    """`base` with the errors of this file on, aged one day, and trimmed."""
    groups: tuple[Mapping[str, Any], ...]
    groups = STATIC, PROCESS, TRIMS, AGE, NOISE, DESIGN
    for settings in groups:
        base = override_all(base, settings)
    return base


def ring() -> RunConfig:
    """The run of `ring`: the paper's network on the whole chip."""
    return whole_chip(fresh_ring())


def ring_64() -> RunConfig:
    """The run of `ring-64`: a network that was trained on such chips.

    What its age hides was off in training: `python -m rram_ode.train ring-64
    --set cell.write.factor=0 --set cell.read.flicker.slope=0`.
    """
    base = fresh_ring_64()
    train: TrainConfig = dataclasses.replace(
        base.train,
        steps=40_000,
        learning_rate=4e-3,
        column_noise=0.0,
        chips=True,
        strength=1.2,
        headroom=1.3,
        w_max=1.0,
        b_max=0.5,
    )
    base = dataclasses.replace(base, checkpoint="ring-64", train=train)
    return override_all(whole_chip(base), {**WIDE, **LINES, **DRIFT})
