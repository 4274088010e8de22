"""Energy of a sample of the circuit that a system simulates."""

from collections.abc import Callable

from ..chip import Chip
from ..config import PowerConfig
from ..energy import (
    adc_energy,
    analog_energy,
    ArrayPower,
    Board,
    count_parts,
    EnergyEstimate,
    Integrated,
    Values,
)
from ..loop import AbstractLoop


def energy_model(
    config: PowerConfig,
    loop: AbstractLoop,
    chip: Chip,
    seen: ArrayPower,
    row: str | None = None,
) -> Callable[[Values], EnergyEstimate]:
    """Energy of one sample by part, as a function of the constants' values.

    Args:
        config: How power is counted.
        loop: The circuit around the chip.
        chip: The hardware.
        seen: What a run saw of the chip's arrays.
        row: `board` or `integrated`; `None` takes that of `config`.

    Raises:
        ValueError: If the hand-over's converter is outside its fit.
    """
    scale = adc_energy(config.adc_bits, 180e-9) / adc_energy(8, 180e-9)
    rows = {"board": Board(), "integrated": Integrated(scale)}
    circuit = count_parts(chip, loop)
    return lambda values: analog_energy(
        rows[row or config.row],
        circuit,
        seen,
        values,
        num_samples=config.programming_samples,
    )
