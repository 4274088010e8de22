"""Area by part: counted from the circuit, against hand sums and published figures."""

import dataclasses

import jax
import numpy as np
import pytest
from rram_ode.blocks import OpAmpProcess
from rram_ode.energy import (
    AbstractAnalogRow,
    AREA,
    Board,
    chip_area,
    CONSTANTS,
    converter_area,
    count_parts,
    DigitalSide,
    Integrated,
    measure_parts,
    nominals,
    PartSizes,
    propagate,
)
from rram_ode.presets import find_preset
from rram_ode.system import area_model, System
from small_circuit import CIRCUIT, VALUES


SIZES = PartSizes(resistances=1e6, resistors=12, capacitors=60e-12, rows=5)


def area(
    sizes=SIZES, circuit=CIRCUIT, row: AbstractAnalogRow = Integrated(), values=VALUES
):
    return chip_area(row, circuit, sizes, values)


def test_parts_by_hand():
    got = area()
    assert got["cells"] == pytest.approx(40 * 48 * (180e-9) ** 2)
    assert got["capacitors"] == pytest.approx(40e-9)  # 60 pF at 1.5 fF/um^2
    assert got["resistors"] == pytest.approx(2e-9)  # 1,000 squares of 2 um^2
    assert got["waveform memory"] == pytest.approx(9600 * 160 * (180e-9) ** 2)
    assert got["row drivers"] == pytest.approx(500e-12)
    assert min(got.values()) >= 0


@pytest.mark.parametrize(
    ("part", "sizes", "circuit"),
    [
        ("cells", {}, {"cells": 80}),
        ("row drivers", {"rows": 10}, {}),
        ("capacitors", {"capacitors": 120e-12}, {}),
        ("resistors", {"resistances": 2e6}, {}),
        ("auto-zero", {"storage": 1e-12}, {}),
        ("op-amps", {"pair": 49e-12}, {}),
        ("op-amps", {}, {"noise_gains": (40.0, 60.0, 20.0)}),
        ("multipliers", {}, {"full_scale": 2.0}),
        ("dac", {"digital": DigitalSide(dac_bits=13)}, {}),
        ("dac", {"digital": DigitalSide(update_rate=20e6)}, {}),
        ("dac", {"digital": DigitalSide(start_bits=13)}, {}),
        ("dac", {"digital": DigitalSide(noise_rate=1e6)}, {}),
        ("adc", {"digital": DigitalSide(adc_bits=9)}, {}),
        ("adc", {"digital": DigitalSide(conversion_rate=2e6)}, {}),
        ("waveform memory", {}, {"waveform_bits": 9601}),
    ],
)
def test_more_of_a_part_moves_that_part_alone(part, sizes, circuit):
    before = area()
    after = area(
        dataclasses.replace(SIZES, **sizes), dataclasses.replace(CIRCUIT, **circuit)
    )
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {part}
    assert after[part] > before[part]


def test_half_the_offset_takes_four_times_the_input_pair():
    """Pelgrom's law; 1 mV is 49 um^2 for each of two transistors."""
    plain = area()["op-amps"]
    pair = [
        area(dataclasses.replace(SIZES, pair=OpAmpProcess().area(volts)))["op-amps"]
        - plain
        for volts in (1e-3, 0.5e-3)
    ]
    assert pair[0] == pytest.approx(CIRCUIT.amplifiers * 2 * 49e-12)
    assert pair[1] == pytest.approx(4 * pair[0])


def test_converters_are_of_the_size_of_published_ones():
    """SAR ADCs of 8 to 10 bits at 180 nm take 0.01 to 0.1 mm^2."""
    for bits in (8, 10):
        assert 0.005e-6 < converter_area(bits, 1e6) < 0.2e-6
    areas = [converter_area(bits, 1e6) for bits in range(2, 18)]
    assert np.all(np.diff(areas) > 0)
    assert converter_area(16, 1e6) == pytest.approx(4 * converter_area(14, 1e6))
    assert converter_area(8, 1e8) > converter_area(8, 1e6)


def test_a_board_is_larger_than_a_chip():
    board = area(row=Board())
    assert board["packages"] == pytest.approx(21 * 30e-6)
    assert sum(board.values()) > 100 * sum(area().values())


def test_every_constant_moves_the_area_of_one_machine():
    for row, own in ((Integrated(), False), (Board(), True)):
        sizes = dataclasses.replace(SIZES, pair=1e-12)
        total = lambda values, row=row, s=sizes: sum(
            area(s, row=row, values=values).values()
        )
        spread = propagate(total, CONSTANTS)
        assert spread.low < spread.nominal < spread.high
        wanted = {
            name
            for name in AREA
            if name.startswith("board.") == own or name in ("area.cell", "area.driver")
        }
        assert wanted <= set(spread.used)


@pytest.fixture(scope="module")
def ring():
    system = System.from_config(find_preset("ring-fresh"))
    return system, system.program(0)


def test_the_parts_are_those_of_the_chip(ring):
    system, chip = ring
    counts = count_parts(chip, system.chip_loop)
    sizes = measure_parts(chip, system.chip_loop, counts, DigitalSide())
    layers = chip.crossbars.all_layers
    feedback = [float(jax.numpy.sum(x.amplifier.feedback_resistance)) for x in layers]
    largest = max(float(jax.numpy.max(x.amplifier.feedback_resistance)) for x in layers)
    ohms = sum(feedback) + 2 * largest * counts.inverters + 2 * 500e3
    assert sizes.resistances == pytest.approx(ohms, rel=1e-6)
    assert sizes.capacitors == pytest.approx(60e-12)
    assert sizes.rows == 3 + 15 + 15


def test_tiles_take_drivers_and_switches(ring):
    system, chip = ring
    tiled = measure_parts(
        chip,
        system.chip_loop,
        count_parts(chip, system.chip_loop),
        DigitalSide(),
        tile=(8, 8),
    )
    # Layers of 3 x 14, 15 x 14 and 15 x 2 cells: two tiles across, one or two down.
    assert tiled.rows == 33 + (3 + 15 + 0) + (0 + 14 + 2)


def test_cells_in_parallel_take_area(ring):
    system, chip = ring
    values = nominals(CONSTANTS)
    one = area_model(system.config, system.chip_loop, chip)(values)
    many = dataclasses.replace(chip, num_cells=64 * chip.num_cells)
    more = area_model(system.config, system.chip_loop, many)(values)
    assert more["cells"] == pytest.approx(64 * one["cells"])
    rise = sum(more.values()) - sum(one.values())
    assert rise == pytest.approx(63 * one["cells"], rel=1e-6)
    assert rise > 0.02 * sum(one.values())
