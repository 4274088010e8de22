"""Energy of a sample, and area, of the circuit that a system simulates."""

import dataclasses
import math
from collections.abc import Callable

from ..blocks import OpAmpDesign
from ..chip import Chip
from ..config import OpAmpConfig, RunConfig
from ..energy import (
    AbstractAnalogRow,
    analog_energy,
    ArrayPower,
    Board,
    chip_area,
    CONSTANTS,
    count_parts,
    EnergyEstimate,
    fastest_needed,
    Integrated,
    measure_parts,
    OpAmpTerms,
    PartCounts,
    Shrunk,
    Value,
    Values,
)
from ..loop import AbstractLoop, DynamicLoop
from ._neglected import require_quiet
from ._rewriting import (
    find_rewriting,
    policy_notes,
    shared_samples,
    trimmed_samples,
)
from ._trimming import trimming_of
from .build import (
    build_auto_zero,
    build_dac,
    build_digital_side,
    build_programming,
    design_op_amp,
    pair_area,
    pair_capacitance,
)


def energy_model(
    config: RunConfig,
    loop: AbstractLoop,
    chip: Chip,
    seen: ArrayPower,
    row: str | None = None,
) -> Callable[[Values], EnergyEstimate]:
    """Energy of one sample by part, as a function of the constants' values.

    Args:
        config: All settings of the run.
        loop: The circuit around the chip.
        chip: The hardware.
        seen: What a run saw of the chip's arrays.
        row: `board`, `integrated`, or `integrated-45nm` for the same circuit at the
            node of the digital engines; `None` takes the row of `config`.

    Raises:
        ValueError: If the row needs op-amps that do not exist.
    """
    machine, circuit = _row(config, row), circuit_parts(config, loop, chip)
    if not isinstance(machine, Board):
        _require_process(circuit)
    programming = build_programming(config.cell)
    rewriting = find_rewriting(config, chip)
    shared = shared_samples(config, rewriting)
    settle = None if rewriting is None else rewriting.settle
    notes = policy_notes(config, rewriting)
    trimming = trimming_of(config, chip)

    def model(values: Values) -> EnergyEstimate:
        found = analog_energy(
            machine,
            circuit,
            seen,
            values,
            num_samples=shared,
            programming=programming,
            settle=settle,
            trimming=trimming,
            num_trimmed=trimmed_samples(config, rewriting),
        )
        return dataclasses.replace(found, notes=(*found.notes, *notes))

    return model


def area_model(
    config: RunConfig, loop: AbstractLoop, chip: Chip, row: str | None = None
) -> Callable[[Values], dict[str, Value]]:
    """Area by part in m^2, as a function of the constants' values.

    Args:
        config: All settings of the run.
        loop: The circuit around the chip.
        chip: The hardware.
        row: `board` or `integrated`; `None` takes that of `config`.

    Raises:
        ValueError: If the row is at another node than the areas.
    """
    machine, circuit = _row(config, row), circuit_parts(config, loop, chip)
    if isinstance(machine, Shrunk):
        raise ValueError(
            f"areas are those of 180 nm; got the row `{machine.name}`: take "
            "`integrated` or `board`."
        )
    op_amp = _paid(config, loop)
    made, zero = config.rectifier.kind != "ideal", build_auto_zero(op_amp)
    sizes = measure_parts(
        chip,
        loop,
        circuit,
        build_digital_side(config),
        pair=pair_area(op_amp) or 0.0,
        auto_zero=0.0 if zero is None else float(zero.capacitance),
        rectifier=config.rectifier.resistance if made else 0.0,
        tile=(config.crossbar.tile_rows, config.crossbar.tile_cols),
        in_turn=(
            config.crossbar.wires.driving == "interleaved",
            config.crossbar.wires.sensing == "interleaved",
        ),
    )
    sizes = dataclasses.replace(sizes, trimming=trimming_of(config, chip))
    return lambda values: chip_area(machine, circuit, sizes, values)


def _row(config: RunConfig, row: str | None) -> AbstractAnalogRow:
    digital = build_digital_side(config)
    machines = (Board(digital), Integrated(digital), Shrunk(digital))
    return {machine.name: machine for machine in machines}[row or config.power.row]


def _require_process(circuit: PartCounts) -> None:
    """Refuse op-amps that are too fast for the process even at the least speed."""
    least = {
        "amplifier.speed": CONSTANTS["amplifier.speed"].low,
        "switch.residue": CONSTANTS["switch.residue"].high,
    }
    fastest = fastest_needed(circuit, least)
    most = circuit.op_amps.design.fastest
    still = dataclasses.replace(circuit, switching=0.0)
    if fastest > max(most * (1 + 1e-9), fastest_needed(still, least)):
        rate = circuit.switching * most / fastest
        periods = math.floor(rate * circuit.duration * (1 + 1e-9))
        remedy = f"`solve.duration` = {1 / rate:.4g} or more with one period in it"
        if periods:
            rate = periods / circuit.duration
            remedy = f"`guidance.switch_rate` = {rate:.7g} or less"
        raise ValueError(
            f"an array that settles in {circuit.settling:.4g} s of each turn needs "
            f"op-amps of {fastest:.4g} Hz or more, above the {most:.4g} Hz of the "
            f"process: take {remedy}, or a smaller `guidance.acquisition`."
        )
    if fastest > most * (1 + 1e-9):
        raise ValueError(
            f"a solve of {circuit.duration:.4g} s needs op-amps of {fastest:.4g} Hz or "
            f"more, above the {most:.4g} Hz of the process: take `solve.duration` = "
            f"{circuit.duration * fastest / most:.4g} or more."
        )


def require_op_amps(config: RunConfig, loop: AbstractLoop, chip: Chip) -> None:
    """Refuse a run whose op-amps cannot be built, or whose integrators are noisy.

    Raises:
        ValueError: With the value that would do.
    """
    require_quiet(config, chip)
    energy_model(config, loop, chip, ArrayPower(0.0, 0.0, 0.0))


def circuit_parts(config: RunConfig, loop: AbstractLoop, chip: Chip) -> PartCounts:
    """The parts of `chip` in `loop`, with the op-amps that a run of `config` pays for.

    The DAC is that of the configuration where the loop's is continuous.

    Args:
        config: All settings of the run.
        loop: The circuit around the chip.
        chip: The hardware.
    """
    dac = build_dac(config.dac)
    parts = count_parts(chip, loop, op_amp_terms(config, loop), dac)
    pole = None
    if isinstance(loop, DynamicLoop) and loop.pole is not None:
        pole = float(loop.pole.bandwidth)
    full_scale = config.multiplier.full_scale
    return dataclasses.replace(parts, full_scale=full_scale, multiplier_pole=pole)


def op_amp_terms(config: RunConfig, loop: AbstractLoop) -> OpAmpTerms:
    """The op-amps that a run pays for.

    Those that `loop` simulates, or without any the on-chip class as it is set.
    """
    op_amp = _paid(config, loop)
    if isinstance(loop, DynamicLoop):
        gbw, slew = float(loop.op_amp.gbw), float(loop.op_amp.slew)
        design = design_op_amp(op_amp) or OpAmpDesign(gbw, slew)
        c_in = pair_capacitance(op_amp)
        is_part, own = op_amp.kind == "board", op_amp.supply_current
        return OpAmpTerms(design, gbw, c_in, is_part, own, op_amp.supply)
    design = design_op_amp(op_amp)
    assert design is not None  # of the on-chip class
    return OpAmpTerms(design, None, pair_capacitance(op_amp))


def _paid(config: RunConfig, loop: AbstractLoop) -> OpAmpConfig:
    """The op-amps that joules and area are for.

    Where none is simulated, those that the solve needs are built on the chip.
    """
    if isinstance(loop, DynamicLoop):
        return config.op_amp
    return dataclasses.replace(config.op_amp, kind="on-chip")
