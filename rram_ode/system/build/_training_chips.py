"""The chips that a network is trained on."""

from ...blocks import DAC
from ...config import RunConfig
from ...training import TrainingChips, without_idle
from ._design import build_design


def build_training_chips(config: RunConfig) -> TrainingChips | None:
    """Chips of the run's own cell, crossbar, amplifier and DAC, fresh in each step.

    `None` where the configuration trains without chips (`train.chips` False).
    """
    plan = config.train
    if not plan.chips:
        return None
    design, dac = without_idle(build_design(config)), DAC(config.dac.bits)
    return TrainingChips(design, plan.strength, plan.ramp, dac)
