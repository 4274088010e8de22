"""Noise of the blocks around the arrays; `None` for what has none."""

from ...blocks import (
    CircuitNoise,
    CommonNoise,
    InputFlicker,
    MultiplierFlicker,
    MultiplierNoise,
)
from ...config import require, RunConfig
from ...noise import FEWEST_HOLDS
from ._op_amp import build_auto_zero


def build_circuit_noise(config: RunConfig) -> CircuitNoise:
    """1/f noise of op-amps, noise of supply and ground, noise of multipliers.

    Op-amps with auto-zero store what they have as a solve starts, in every fidelity.

    Raises:
        ValueError: If a value is out of range.
    """
    c, supply, solve = config.op_amp, config.supply, config.solve
    require("op_amp.flicker", c.flicker, zero=True)
    require("supply.noise", supply.noise, zero=True)
    require("supply.ground_noise", supply.ground_noise, zero=True)
    require("multiplier.noise", config.multiplier.noise, zero=True)
    require("multiplier.flicker", config.multiplier.flicker, zero=True)
    is_zeroed = False
    if c.flicker or supply.noise or supply.ground_noise:
        is_zeroed = build_auto_zero(c, config.cell.temperature) is not None
    flicker = common = multiplier = products = None
    if c.flicker:
        flicker = InputFlicker(c.flicker, c.flicker_min, c.flicker_max, is_zeroed)
    if supply.noise or supply.ground_noise:
        common = CommonNoise(
            supply.noise,
            supply.ground_noise,
            supply.rejection,
            supply.bandwidth,
            is_zeroed,
        )
    if config.multiplier.noise:
        # It enters linearly: one value a step has the law of any higher band.
        if solve.num_steps < FEWEST_HOLDS:
            raise ValueError(
                "`multiplier.noise` takes one value a step, of which it needs "
                f"{FEWEST_HOLDS}; got `solve.num_steps` = {solve.num_steps}: take "
                f"{FEWEST_HOLDS} or more, or 0 for `multiplier.noise`."
            )
        band = solve.num_steps / (2 * solve.duration)
        multiplier = MultiplierNoise(config.multiplier.noise, band)
    if config.multiplier.flicker:
        products = MultiplierFlicker(
            config.multiplier.flicker, c.flicker_min, c.flicker_max
        )
    return CircuitNoise(flicker, common, multiplier, products)
