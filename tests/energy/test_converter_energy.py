"""Converters, the starts' buffers and the controller pay for their bits and rates."""

import dataclasses

import numpy as np
import pytest
import rram_ode as rr
from rram_ode.config import override_all, RunConfig
from rram_ode.energy import (
    adc_energy,
    analog_energy,
    Board,
    dac_power,
    DigitalSide,
    effective_bits,
    Integrated,
)
from rram_ode.system import build_digital_side
from small_circuit import CIRCUIT as SMALL, POWER, VALUES


CIRCUIT = dataclasses.replace(
    SMALL,
    feedbacks=(1e-6, 1e-6, 1e-6),
    rectifier_loads=(1e-4, 1e-4),
    inverter_loads=(1e-4,) * 5,
    integrator_loads=(1e-4, 1e-4),
)


def parts(row=Integrated, circuit=CIRCUIT, **digital):
    made = row(DigitalSide(**digital))
    return analog_energy(made, circuit, POWER, VALUES, num_samples=1e6).breakdown


@pytest.mark.parametrize("row", [Integrated, Board])
@pytest.mark.parametrize(
    ("part", "more"),
    [
        ("dac", {"dac_bits": 14}),
        ("dac", {"update_rate": 20e6}),
        ("dac", {"noise_rate": 1e6}),
        ("start drivers", {"start_resistance": 5e3}),
        ("controller", {"clock": 20e6}),
        ("controller", {"update_rate": 20e6}),
    ],
)
def test_more_costs_more(row, part, more):
    assert parts(row, **more)[part] > 1.001 * parts(row)[part]


def test_the_adc_and_the_starts_pay_for_bits():
    assert parts(adc_bits=10)["adc"] > 1.1 * parts(adc_bits=9)["adc"]
    assert parts(conversion_rate=5e9)["adc"] > parts()["adc"]
    assert parts(adc_volts=0.2)["adc"] == pytest.approx(25 * parts()["adc"], rel=1e-9)
    assert parts(adc_volts=3.0)["adc"] == parts()["adc"]
    assert parts(start_bits=16)["start drivers"] > parts()["start drivers"]


def test_power_of_a_channel_by_hand():
    """12 bits at 10 MHz: the constant, and 2^12 codes of the figure of merit."""
    want = 100e-6 + 4.6e-15 * 4096 * 10e6
    assert dac_power(12, 10e6, VALUES) == pytest.approx(want, rel=1e-12)
    slow = 100e-6 * (0.5 + 0.5 * 9 / 13 * 0.1) + 4.6e-15 * 256 * 1e6
    assert dac_power(8, 1e6, VALUES) == pytest.approx(slow, rel=1e-12)


def test_the_buffer_of_a_start_by_hand():
    """V_DD V_ov / 2R of 1 kOhm beyond that of 10 kOhm, for two channels."""
    more = parts(start_resistance=1e3)["start drivers"] - parts()["start drivers"]
    want = 2 * 3.3 * 0.2 / 2 * (1 / 1e3 - 1 / 10e3) * 20e-6
    assert more == pytest.approx(want, rel=1e-9)


def test_energy_of_a_conversion_rises_with_bits_and_with_less_noise():
    bits = np.linspace(4, 14, 101)
    energies = [adc_energy(float(b), 180e-9) for b in bits]
    assert (np.diff(energies) > 0).all()
    assert adc_energy(9.0, 180e-9) == adc_energy(9, 180e-9)
    assert effective_bits(10, 0.0) == 10
    assert effective_bits(10, 0.5) == 9  # 1 + 12 / 4 = 4 times the variance
    noisy = rr.System.from_preset("ring-fresh", {"adc.noise": 0.5})
    quiet = rr.System.from_preset("ring-fresh", {"adc.noise": 0.0})
    one, two = (build_digital_side(s.config).adc_bits for s in (noisy, quiet))
    assert two == one + 1


def test_what_is_continuous_is_priced_as_the_finest():
    """None was free: -19 % of the energy of `ring`."""
    side = lambda **settings: build_digital_side(
        override_all(
            RunConfig(), {k.replace("__", "."): v for k, v in settings.items()}
        )
    )
    assert side(dac__bits=None) == side(dac__bits=16)
    assert side(dac__update_rate=None) == side(dac__update_rate=1e9)
    assert side(start__bits=None) == side(start__bits=16)
    assert side(adc__bits=None) == side(adc__bits=14, adc__noise=0.0)
    assert side(controller__clock=None).clock == 10e6
    base = dataclasses.asdict(side())
    ideal = override_all(RunConfig(), {"fidelity": "ideal"})
    assert dataclasses.asdict(build_digital_side(ideal)) == base


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dac.bits", None),
        ("dac.update_rate", None),
        ("adc.bits", None),
        ("start.bits", None),
        ("controller.clock", 1e9),
        ("start.resistance", 100.0),
        ("adc.noise", 0.0),
        ("adc.full_scale", 0.3),
    ],
)
def test_no_setting_of_the_converters_is_free(name, value, machine):
    """The better end of each costs more joules than the default, at the same run."""
    system, chip, seen = machine
    better = system.replace({name: value})
    energy = lambda s: s.energy_model(chip, seen)(VALUES).energy
    assert energy(better) > energy(system)


@pytest.fixture(scope="module")
def machine():
    system = rr.System.from_preset("ring-fresh")
    return system, system.program(), POWER


def test_words_of_waveforms_are_counted_for_a_continuous_dac(machine):
    system, chip, seen = machine
    energy = lambda s: s.energy_model(chip, seen)(VALUES).breakdown["waveform memory"]
    fast = system.replace({"dac.update_rate": None, "dac.bits": None})
    # At least as many more as there are more bits: a larger memory costs more per bit.
    assert energy(fast) >= 100 * 16 / 12 * energy(system) * (1 - 1e-6)
    slow = system.replace({"dac.bits": 8})
    assert energy(slow) <= 8 / 12 * energy(system) * (1 + 1e-6)


def test_what_a_loop_is_sized_for_is_not_paid():
    """Injected noise of a solve is counted, not that of the longest of a sweep."""
    settings = {"solve.process": "reverse-sde", "solve.noise_hold": "200ns"}
    found = []
    for more in ({}, {"solve.longest": "80us", "dac.fastest": "20MHz"}):
        system = rr.System.from_preset("ring-fresh", {**settings, **more})
        parts = system.energy_model(system.program(1), POWER)(VALUES)
        found.append(parts.breakdown)
    assert found[0] == found[1]
