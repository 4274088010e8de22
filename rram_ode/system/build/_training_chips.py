"""The chips that a network is trained on."""

import math
from typing import Any

import equinox as eqx
import numpy as np

from ...config import replace_all, RunConfig
from ...noise import with_own_pole
from ...training import TrainingChips, without_idle
from ._amplifiers import needed_pole
from ._converters import build_dac
from ._design import build_design


# What a bench takes off column by column.
OFFSETS: dict[str, Any] = {
    "op_amp.static_errors": False,
    "driver.offset_std": 0.0,
    "inverter.offset_std": 0.0,
    "rectifier.offset_std": 0.0,
}
GAINS: dict[str, Any] = {
    "driver.gain_std": 0.0,
    "inverter.gain_std": 0.0,
    "rectifier.gain_std": 0.0,
    "supply.reference_std": 0.0,
    "supply.std": 0.0,
}
# Most of what a column's gain takes off. To solve the wires of fresh chips in each step
# would take a training of 40,000 steps from minutes to hours.
WIRES: dict[str, Any] = {
    "crossbar.wires.word_line": 0.0,
    "crossbar.wires.bit_line": 0.0,
}
STUCK: dict[str, Any] = {"cell.stuck.lrs": 0.0, "cell.stuck.hrs": 0.0}


def build_training_chips(config: RunConfig) -> TrainingChips | None:
    """Chips of the run's own cell, crossbar, amplifier and DAC, drawn in each step.

    They are as old as `cell.age` says. What the trims of `trim.*` take off is left out;
    what they leave, such as rows that reach their clamp sooner on a die of large
    resistors, is learnt. `None` where the configuration trains without chips
    (`train.chips` False). White read noise of the amplifiers' own poles is that behind
    the op-amps that a solve needs.
    """
    plan = config.train
    if not plan.chips:
        return None
    parallel = config.cell.devices_per_weight
    own = {
        "cell.devices_per_weight": 1,
        "crossbar.headroom": plan.headroom * config.crossbar.headroom,
        "guidance.weight": 0.0,  # both arrays hold the one network
    }
    config = replace_all(config, left_by_trims(config) | own)
    design, dac = without_idle(build_design(config)), build_dac(config.dac)
    white = with_own_pole(design.cell.read.white)
    if white is not None:
        band = math.pi / 2 * needed_pole(config.solve.duration)
        where = lambda design: design.cell.read.white
        design = eqx.tree_at(where, design, white.within(band))
    return TrainingChips(
        design,
        plan.strength,
        plan.ramp,
        dac,
        averaging=1 / np.sqrt(parallel),
        rescaled=config.trim.scale,
    )


def left_by_trims(config: RunConfig) -> dict[str, Any]:
    """Settings of `config` without the errors that its trims take off."""
    c, found = config.trim, {}
    if c.columns != "off":
        found |= OFFSETS
    if c.columns == "gains":
        found |= GAINS | WIRES
    if c.repair:
        found |= STUCK
    return found
