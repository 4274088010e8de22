"""Decoders of a system's pictures on its own dies, and what a decode takes."""

import dataclasses
from typing import Any

from ..config import RunConfig
from ..datasets import AbstractDataset
from ..decoder import AnalogDecoder, Decoded, DecoderBlueprint
from ..energy import (
    ArrayPower,
    CONSTANTS,
    CONVERTER_BITS,
    decode_energy,
    decoder_area,
    decoder_parts,
    DecoderParts,
    DigitalSide,
    effective_bits,
    EnergyEstimate,
    nominals,
    OpAmpTerms,
    Values,
)
from ._keys import chip_key
from ._trimming import trimming_of
from .build import (
    ANALOG,
    build_auto_zero,
    build_decoder,
    build_digital_side,
    build_programming,
    design_op_amp,
    pair_area,
    pair_capacitance,
)


def program_decoder(
    config: RunConfig, dataset: AbstractDataset, seed: int
) -> AnalogDecoder:
    """The decoder on the die with this seed.

    Args:
        config: All settings.
        dataset: The data, in a latent space.
        seed: Seed of the chip.

    Raises:
        ValueError: If `decoder.circuit` is digital, or its op-amps cannot be built.
    """
    blueprint = _blueprint_of(config, dataset)
    decoder = blueprint.program(chip_key(seed))
    _require_op_amps(config, decoder)
    return decoder


def _blueprint_of(config: RunConfig, dataset: AbstractDataset) -> DecoderBlueprint:
    found = build_decoder(config, dataset)
    if found is None:
        raise ValueError(
            "this system decodes digitally, by `dataset.to_images`: set "
            f"`decoder.circuit` to {ANALOG}."
        )
    return found


@dataclasses.dataclass(frozen=True)
class Decoding:
    """What the decode of a run's pictures takes, beside the pictures.

    Args:
        energy: Energy of one decode, by part, in joules.
        area: Area of the decoder by part, in m^2.
        report: The same for a report, with times, counts and clipping.
    """

    energy: EnergyEstimate
    area: dict[str, float]
    report: dict[str, Any]


def decoding_of(
    config: RunConfig, decoder: AnalogDecoder, decoded: Decoded
) -> Decoding:
    """Joules, seconds and area of a decode at the nominal constants.

    Args:
        config: All settings of the run.
        decoder: The hardware.
        decoded: What a run saw of it.
    """
    parts, values = parts_of(config, decoder), nominals(CONSTANTS)
    seen = tuple(
        ArrayPower(float(s.cells), float(s.rows), float(s.columns))
        for s in decoded.stages
    )
    energy = decode_energy(
        parts,
        seen,
        values,
        num_samples=config.power.programming_samples,
        programming=build_programming(config.cell),
    )
    area = {name: float(x) for name, x in decoder_area(parts, values).items()}
    breakdown = {name: float(x) for name, x in energy.breakdown.items()}
    report = {
        "circuit": config.decoder.circuit,
        "time_s": parts.duration,
        "energy_j": sum(breakdown.values()),
        "breakdown_j": breakdown,
        "area_m2": sum(area.values()),
        "breakdown_m2": area,
        "reads": round(parts.duration / parts.read_time),
        "cells": parts.cells,
        "arrays": [list(a) for s in decoder.stages for a in s.network.arrays],
        "op_amps": parts.amplifiers,
        "fastest_op_amp_hz": parts.fastest(values),
        "clipped": [float(s.clipped) for s in decoded.stages],
        "trims": [
            None
            if s.chip.trims is None
            else {k: float(v) for k, v in s.chip.trims.residues.items()}
            for s in decoder.stages
        ],
        "age_s": config.cell.age or 0.0,
        "notes": list(energy.notes),
    }
    return Decoding(energy, area, report)


def parts_of(config: RunConfig, decoder: AnalogDecoder) -> DecoderParts:
    """The parts of `decoder`, with the converters and op-amps of a configuration.

    Op-amps are those of the chip's class, as fast as a read needs.
    """
    op_amp = dataclasses.replace(config.op_amp, kind="on-chip")
    design, zero = design_op_amp(op_amp), build_auto_zero(op_amp)
    assert design is not None  # of the on-chip class
    # R C and multipliers are none of a decoder's.
    trim = dataclasses.replace(config.trim, rc="off", multipliers=False)
    own = dataclasses.replace(config, trim=trim)
    return decoder_parts(
        decoder,
        OpAmpTerms(design, None, pair_capacitance(op_amp)),
        _digital_side(config, float(decoder.read_time)),
        tuple(trimming_of(own, stage.chip) for stage in decoder.stages),
        hold_capacitance=config.decoder.hold_capacitance,
        pair=pair_area(op_amp) or 0.0,
        auto_zero=0.0 if zero is None else float(zero.capacitance),
    )


def _digital_side(config: RunConfig, read_time: float) -> DigitalSide:
    """The chip's own, but for the converters of pixels: each converts in a read."""
    bits = config.decoder.adc_bits
    noise = 0.0 if bits is None else config.adc.noise
    bits = CONVERTER_BITS["adc"][1] if bits is None else bits
    return dataclasses.replace(
        build_digital_side(config),
        adc_bits=effective_bits(bits, noise),
        conversion_rate=1 / read_time,
        adc_volts=config.amplifier.v_rail or 1.0,
    )


def _require_op_amps(config: RunConfig, decoder: AnalogDecoder) -> None:
    """Refuse op-amps that are too fast for the process at the least speed."""
    parts = parts_of(config, decoder)
    least: Values = {"switch.residue": CONSTANTS["switch.residue"].high}
    fastest, most = parts.fastest(least), parts.op_amps.design.fastest
    if fastest > most * (1 + 1e-9):
        raise ValueError(
            f"a read of `decoder.read_time` = {parts.read_time:.4g} s needs op-amps of "
            f"{fastest:.4g} Hz or more, above the {most:.4g} Hz of the process: take "
            f"{parts.read_time * fastest / most:.4g} s or more."
        )
