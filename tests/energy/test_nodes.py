"""What an analog chip takes beside its circuit, and the same chip at another node."""

import dataclasses

import numpy as np
import pytest
from rram_ode.energy import (
    AbstractAnalogRow,
    analog_energy,
    ANALOG_NODE,
    Board,
    CONSTANTS,
    Integrated,
    OpAmpDuty,
    OpAmpTerms,
    propagate,
    Shrunk,
)
from small_circuit import CIRCUIT as SMALL, POWER, VALUES


CIRCUIT = dataclasses.replace(
    SMALL,
    rectifier_loads=(1e-4, 2e-4),
    inverter_loads=(1e-4,) * 5,
    integrator_loads=(1e-4, 1e-4),
    constant_current=20e-6,
)
FACTOR = ANALOG_NODE.scaling.factor
ROWS = (Integrated(), Shrunk(), Board())


def estimate(row: AbstractAnalogRow = ROWS[0], values=VALUES, circuit=CIRCUIT):
    return analog_energy(row, circuit, POWER, values, num_samples=1e6)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_regulators_are_a_part_like_all_others(row):
    """The parts add up, and the supply delivers 80 % of what it draws."""
    got = estimate(row)
    assert sum(got.breakdown.values()) == pytest.approx(got.energy, rel=1e-12)
    assert min(got.breakdown.values()) >= 0
    rest = got.energy - got.breakdown["regulators"]
    assert rest == pytest.approx(0.8 * got.energy, rel=1e-12)
    ideal = estimate(row, VALUES | {"regulator.efficiency": 1.0})
    assert ideal.breakdown["regulators"] == 0.0
    assert ideal.energy == pytest.approx(rest, rel=1e-12)


def test_each_channel_has_a_memory_of_its_size():
    """1 MB for each of 4 channels costs as 1 MB, whatever the chip holds in all."""
    large = dataclasses.replace(CIRCUIT, waveform_bits=4 * 2**20 * 8)
    per_bit = [
        estimate(circuit=c).breakdown["waveform memory"] / c.waveform_bits
        for c in (CIRCUIT, large)
    ]
    assert per_bit[0] == pytest.approx(FACTOR * 10e-12 / 64)
    assert per_bit[1] == pytest.approx(FACTOR * 100e-12 / 64)
    held = estimate(circuit=large).breakdown["leakage"]
    assert held == pytest.approx(4 * 2**23 * 2e-12 * 32e-6)


def test_the_chip_at_the_digital_node():
    """Volts, cells, multipliers and DACs stay; wires, logic, memory and ADC shrink."""
    old, new = (estimate(row).breakdown for row in ROWS[:2])
    assert set(old) == set(new)
    for part in ("cells", "row drivers", "column currents", "multipliers", "dac"):
        assert new[part] == old[part], part
    for part in ("transimpedance amplifiers", "rectifiers", "inverters"):
        assert new[part] <= old[part], part
    for part in ("controller", "waveform memory"):
        assert new[part] == pytest.approx(old[part] / FACTOR), part
    assert new["adc"] < 0.1 * old["adc"]
    assert estimate(Shrunk()).energy < estimate(Integrated()).energy
    assert [row.name for row in ROWS] == ["integrated", "integrated-45nm", "board"]
    # Off is exact: loads that do not shrink leave the op-amps as they are.
    same = estimate(Shrunk(), VALUES | {"shrunk.amplifier_load": 1.0}).breakdown
    for part in ("transimpedance amplifiers", "rectifiers", "inverters", "integrators"):
        assert same[part] == old[part], part
    assert "the volts are those" in estimate(Shrunk()).notes[-1]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_samples_of_constants_are_each_their_own_chip(row):
    """An interval of a row, whose ends enclose the nominal energy."""
    got = propagate(lambda v: estimate(row, v).energy, CONSTANTS, num_draws=2**6)
    assert got.low < got.nominal < got.high
    draws = {name: np.full(3, value) for name, value in VALUES.items()}
    np.testing.assert_allclose(estimate(row, draws).energy, got.nominal, rtol=1e-12)


def test_op_amps_that_are_alike_cost_what_each_costs():
    """Three kinds in six op-amps, computed once each, against one at a time."""
    gains, loads = (2.0, 2.0, 3.0, 2.0, 3.0, 2.0), (1e-4, 2e-4, 1e-4, 1e-4, 1e-4, 2e-4)
    terms, draws = OpAmpTerms(), np.array([1e6, 2e6, 5e6])
    for bandwidth in (1e6, draws):
        whole = terms.current(OpAmpDuty(gains, loads, 0.2), bandwidth)
        single = [
            terms.current(OpAmpDuty((gain,), (load,), 0.2), bandwidth)
            for gain, load in zip(gains, loads, strict=True)
        ]
        np.testing.assert_allclose(whole, sum(single), rtol=1e-12)
    assert terms.current(OpAmpDuty((), (), 0.2), 1e6) == 0.0
