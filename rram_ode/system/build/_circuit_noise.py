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
    band = solve.num_steps / (2 * solve.duration)
    if config.multiplier.noise:
        _require_steps("multiplier.noise", solve.num_steps)
        multiplier = MultiplierNoise(config.multiplier.noise, band)
    if config.multiplier.flicker:
        products = MultiplierFlicker(
            config.multiplier.flicker, c.flicker_min, c.flicker_max
        )
    guide, guidance, guided = config.guidance, None, None
    require("guidance.noise", guide.noise, zero=True)
    require("guidance.flicker", guide.flicker, zero=True)
    if guide.weight and guide.noise:
        _require_steps("guidance.noise", solve.num_steps)
        guidance = MultiplierNoise(guide.noise, band, num=1)
    if guide.weight and guide.flicker:
        guided = MultiplierFlicker(guide.flicker, c.flicker_min, c.flicker_max, num=1)
    return CircuitNoise(flicker, common, multiplier, products, guidance, guided)


def _require_steps(name: str, num_steps: int) -> None:
    """Refuse too few steps for noise that enters linearly.

    One value a step then has the law of any higher band.
    """
    if num_steps < FEWEST_HOLDS:
        raise ValueError(
            f"`{name}` takes one value a step, of which it needs {FEWEST_HOLDS}; got "
            f"`solve.num_steps` = {num_steps}: take {FEWEST_HOLDS} or more, or 0 for "
            f"`{name}`."
        )
