"""Energy of a sample, and area, of the circuit that a system simulates."""

from collections.abc import Callable

from ..chip import Chip
from ..config import RunConfig
from ..energy import (
    AbstractAnalogRow,
    adc_energy,
    analog_energy,
    ArrayPower,
    Board,
    chip_area,
    count_parts,
    EnergyEstimate,
    Integrated,
    measure_parts,
    Value,
    Values,
)
from ..loop import AbstractLoop
from .build import build_programming


def energy_model(
    config: RunConfig,
    loop: AbstractLoop,
    chip: Chip,
    seen: ArrayPower,
    row: str | None = None,
) -> Callable[[Values], EnergyEstimate]:
    """Energy of one sample by part, as a function of the constants' values.

    Args:
        config: All settings; those of the cell price their programming.
        loop: The circuit around the chip.
        chip: The hardware.
        seen: What a run saw of the chip's arrays.
        row: `board` or `integrated`; `None` takes that of `config`.

    Raises:
        ValueError: If the hand-over's converter is outside its fit.
    """
    circuit, machine = count_parts(chip, loop), _row(config, row)
    programming = build_programming(config.cell)
    return lambda values: analog_energy(
        machine,
        circuit,
        seen,
        values,
        num_samples=config.power.programming_samples,
        programming=programming,
    )


def area_model(
    config: RunConfig, loop: AbstractLoop, chip: Chip, row: str | None = None
) -> Callable[[Values], dict[str, Value]]:
    """Area by part in m^2, as a function of the constants' values.

    Args:
        config: All settings.
        loop: The circuit around the chip.
        chip: The hardware.
        row: `board` or `integrated`; `None` takes that of `config`.
    """
    circuit, machine = count_parts(chip, loop), _row(config, row)
    made = config.rectifier.kind != "ideal"
    sizes = measure_parts(
        chip,
        loop,
        adc_bits=config.power.adc_bits,
        rectifier=config.rectifier.resistance if made else 0.0,
        tile=(config.crossbar.tile_rows, config.crossbar.tile_cols),
    )
    return lambda values: chip_area(machine, circuit, sizes, values)


def _row(config: RunConfig, row: str | None) -> AbstractAnalogRow:
    scale = adc_energy(config.power.adc_bits, 180e-9) / adc_energy(8, 180e-9)
    rows = {"board": Board(), "integrated": Integrated(scale)}
    return rows[row or config.power.row]
