"""The chips that a network is trained on."""

import math

import equinox as eqx

from ...blocks import DAC
from ...config import RunConfig
from ...noise import with_own_pole
from ...training import TrainingChips, without_idle
from ._amplifiers import needed_pole
from ._design import build_design


def build_training_chips(config: RunConfig) -> TrainingChips | None:
    """Chips of the run's own cell, crossbar, amplifier and DAC, fresh in each step.

    `None` where the configuration trains without chips (`train.chips` False). White
    read noise of the amplifiers' own poles is that behind the op-amps that a solve
    needs.
    """
    plan = config.train
    if not plan.chips:
        return None
    design, dac = without_idle(build_design(config)), DAC(config.dac.bits)
    white = with_own_pole(design.cell.read.white)
    if white is not None:
        band = math.pi / 2 * needed_pole(config.solve.duration)
        where = lambda design: design.cell.read.white
        design = eqx.tree_at(where, design, white.within(band))
    return TrainingChips(design, plan.strength, plan.ramp, dac)
