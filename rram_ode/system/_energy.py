"""Energy of a sample of the circuit that a system simulates."""

from collections.abc import Callable

from ..chip import Chip
from ..energy import (
    adc_energy,
    analog_energy,
    ArrayPower,
    Board,
    CONSTANTS,
    count_parts,
    EnergyEstimate,
    Integrated,
    nominals,
    Values,
)
from ._run import AnalogRun
from ._system import System


def energy_of(system: System, chip: Chip, run: AnalogRun) -> EnergyEstimate:
    """Energy of one sample of `run` by part, at the constants' nominal values."""
    model = energy_model(system, chip, run.array_power, system.config.power.row)
    return model(nominals(CONSTANTS))


def energy_model(
    system: System, chip: Chip, seen: ArrayPower, row: str
) -> Callable[[Values], EnergyEstimate]:
    """Energy of one sample by part, as a function of the constants' values.

    Args:
        system: The run.
        chip: The hardware.
        seen: Of its arrays.
        row: `board` or `integrated`.

    Raises:
        ValueError: If the hand-over's converter is outside its fit.
    """
    power = system.config.power
    scale = adc_energy(power.adc_bits, 180e-9) / adc_energy(8, 180e-9)
    rows = {"board": Board(), "integrated": Integrated(scale)}
    circuit = count_parts(chip, system.loop)
    samples = power.programming_samples
    return lambda values: analog_energy(
        rows[row], circuit, seen, values, num_samples=samples
    )
