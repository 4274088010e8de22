"""A first estimate of energy: the cells along the solve, static power around them.

It counts op-amps, multipliers and DAC channels of the objects that are simulated and
multiplies by a static power each, which is an assumption. Converters at hand-over,
random numbers, programming and the controller are not in it.
"""

import dataclasses
from collections.abc import Mapping

from ..scores import Chip


@dataclasses.dataclass(frozen=True)
class EnergyEstimate:
    """Energy of one sample by part, in joules, over `duration` seconds."""

    duration: float
    breakdown: dict[str, float]

    @property
    def energy(self) -> float:
        """The sum of the parts, in joules."""
        return sum(self.breakdown.values())

    @property
    def power(self) -> float:
        """Mean over the solve, in watts."""
        return self.energy / self.duration


def count_blocks(chip: Chip) -> dict[str, int]:
    """Op-amps, multipliers and DAC channels of `chip`.

    A column has a transimpedance amplifier, a hidden one a rectifier too; a row (the
    constant one included) has an inverter, which the subtracted conductance needs; a
    coordinate has an integrator and two multipliers. The DAC plays one channel for each
    unit of the widest hidden layer and one for each of the two factors.
    """
    arrays = chip.score.arrays
    hidden = [cols for _, cols in arrays[:-1]]
    cols, rows = sum(c for _, c in arrays), sum(r for r, _ in arrays)
    return {
        "amplifiers": cols + sum(hidden) + rows + chip.score.dim,
        "multipliers": 2 * chip.score.dim,
        "dac": max(hidden, default=0) + 2,
    }


def estimate(
    chip: Chip, static: Mapping[str, float], cell_power: float, duration: float
) -> EnergyEstimate:
    """Energy of one solve.

    Args:
        chip: The hardware.
        static: Static power of one `amplifiers`, `multipliers`, `dac`, in watts.
        cell_power: Of all cells, mean over samples and the solve, in watts.
        duration: Of the solve, in seconds.
    """
    watts = {"cells": cell_power}
    for block, count in count_blocks(chip).items():
        watts[block] = count * static[block]
    return EnergyEstimate(duration, {k: w * duration for k, w in watts.items()})
