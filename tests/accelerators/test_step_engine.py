"""Joules and seconds of a machine that steps: counts, closed forms, limits."""

import dataclasses
import math

import pytest
import rram_ode as rr
from rram_ode.accelerators import (
    AbstractConversion,
    all_constants,
    buildable,
    DifferenceConversion,
    PlainConversion,
    StepEngine,
    StepTiming,
)
from rram_ode.energy import (
    ArrayPower,
    NEURRAM,
    neurram_energy,
    nominals,
    propagate,
    sampler_work,
    scale_energy,
)
from rram_ode.samplers import Euler
from rram_ode.system import circuit_parts


SYSTEM = rr.System.from_preset("ring-fresh")
CHIP = SYSTEM.program(3)
CIRCUIT = circuit_parts(SYSTEM.config, SYSTEM.chip_loop, CHIP)
VALUES = nominals(all_constants())
WORK = sampler_work(Euler(), 50, SYSTEM.checkpoint.score.network)
ON = ArrayPower(4e-6, 1.2e-4, 6e-5)
WHOLE = PlainConversion(8, 8)


def engine(
    conversion: AbstractConversion = WHOLE,
    steps=50,
    timing=StepTiming(),
    held=lambda values: {},
):
    return StepEngine(
        "steps", "", conversion, timing, steps, CHIP.arrays, ON, CIRCUIT, held
    )


def parts(machine, values=VALUES):
    found = machine.operations_energy(WORK, 1, values)
    assert found is not None
    return found


def test_counts_and_seconds_by_hand():
    """2-14-14-2: 30 rows and 30 columns; three arrays of 1.25 us, and 50 ns more."""
    machine = engine()
    assert machine.conversions == (1500, 1500)
    assert machine.seconds(WORK, 1, VALUES) == pytest.approx(50 * 3.8e-6)
    found = parts(machine)
    assert found["cells"] == pytest.approx(4e-6 * 50 * 1e-6)
    whole = 0.5 * VALUES["supply"] * 1.2e-4 * 50 * 1e-6
    assert found["cells"] + found["row drivers"] == pytest.approx(whole)
    assert found["references"] == pytest.approx(VALUES["reference.power"] * 190e-6)


def test_whole_values_and_differences_are_told_apart():
    kinds = engine(DifferenceConversion(4, 4, WHOLE, 10)).kinds
    assert [(k.num, k.adc_bits, k.is_difference) for k in kinds] == [
        (5, 8, False),
        (45, 4, True),
    ]
    once = engine(DifferenceConversion(4, 4, WHOLE, 0)).kinds
    assert [k.num for k in once] == [1, 49]
    own, plain = parts(engine(DifferenceConversion(4, 4, WHOLE, 10))), parts(engine())
    assert own["adcs"] < 0.7 * plain["adcs"]
    assert own["dacs"] < plain["dacs"]
    assert plain["state"] == 0 < own["state"]
    assert own["numbers"] > plain["numbers"]
    # Differences in every step but the first: the work of those alone.
    same = parts(engine(DifferenceConversion(8, 8, WHOLE, 10)))
    assert same["adcs"] == pytest.approx(plain["adcs"])


def test_joules_rise_with_bits_and_steps():
    total = lambda bits: float(sum(parts(engine(PlainConversion(bits, bits))).values()))
    assert total(4) < total(6) < total(8) < total(10)
    static = lambda steps: parts(engine(steps=steps))
    twice, once = static(100), static(50)
    for part in ("adcs", "dacs", "cells", "transimpedance amplifiers", "numbers"):
        assert twice[part] == pytest.approx(2 * once[part])


def test_amplifiers_take_more_power_the_faster_they_settle():
    """In half the time less energy, and more than half: they have a least current."""
    amplifiers = lambda settle: parts(
        engine(timing=StepTiming(settle=settle, read=settle))
    )["transimpedance amplifiers"]
    assert 0.5 * amplifiers(1e-6) < amplifiers(0.5e-6) < amplifiers(1e-6)


def test_a_conversion_is_near_neurrams():
    """A column's neuron at 8 bits out and 6 in, counted by its components.

    It is of 130 nm, and the constants' range of 180 nm.
    """
    neuron = 256 * neurram_energy(8, 6, nominals(NEURRAM))["neuron"]
    spread = propagate(lambda v: parts(engine(), v)["adcs"] / 1500, all_constants())
    shrunk = scale_energy(180e-9, 1.8, 130e-9, 1.8).factor
    assert shrunk * spread.low < neuron < shrunk * spread.high


def test_parts_that_the_loop_shares_are_added():
    shared = parts(engine(held=lambda values: {"programming": 1e-9}))
    plain = parts(engine())
    more = 1e-9 / VALUES["regulator.efficiency"]
    assert sum(shared.values()) - sum(plain.values()) == pytest.approx(more)


def test_op_amps_that_the_process_has():
    timing = StepTiming()
    assert buildable(timing, CIRCUIT, 8) == timing
    gains = tuple(10 * gain for gain in CIRCUIT.noise_gains)
    slow = buildable(timing, dataclasses.replace(CIRCUIT, noise_gains=gains), 8)
    if max(gains) * 9 * math.log(2) / (2 * math.pi * 0.5e-6) > (
        CIRCUIT.op_amps.design.fastest
    ):
        assert slow.settle > timing.settle
    assert slow.read == timing.read


def test_converters_without_bits_are_refused():
    with pytest.raises(ValueError, match="converters without bits have no cost"):
        engine(PlainConversion())
