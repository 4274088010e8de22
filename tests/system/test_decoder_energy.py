"""Joules, seconds and area of a decoder on crossbars, counted by hand."""

import dataclasses

import jax.random as jr
import numpy as np
import pytest
from rram_ode.config import idealise, override_all
from rram_ode.energy import (
    ArrayPower,
    CONSTANTS,
    decode_energy,
    decoder_area,
    nominals,
)
from rram_ode.presets import find_preset
from rram_ode.system._decoding import parts_of
from rram_ode.system.build import build_decoder, find_dataset


VALUES = nominals(CONSTANTS)


SILENT = ArrayPower(0.0, 0.0, 0.0)


CONFIG = dataclasses.replace(
    idealise(find_preset("letters-analog-decoder")), fidelity="quasi-static"
)


def parts(**settings):
    given = {f"decoder.{name}": value for name, value in settings.items()}
    config = override_all(CONFIG, given)
    made = build_decoder(config, find_dataset(config))
    assert made is not None
    return parts_of(config, made.program(jr.key(0)))


@pytest.fixture(scope="module")
def found():
    return parts()


def energy(parts, *powers):
    powers = powers or (SILENT,) * 3
    return decode_energy(parts, powers, VALUES, num_samples=1e6).breakdown


def test_parts_are_those_of_the_layers(found):
    """Arrays of 3 x 16, 17 x 144, 65 x 32 and 33 x 4, the constant rows included."""
    columns, rows, seen = 16 + 144 + 32 + 4, 3 + 17 + 65 + 33, 64 + 32
    rectified, held = 16 + 144 + 32, 144 + 32 * 9
    assert found.amplifiers == columns + rows + rectified + seen
    assert sum(stage.held for stage in found.stages) == held
    assert [stage.reads for stage in found.stages] == [1 + 2, 1 + 9, 1 + 36]
    assert [stage.windows for stage in found.stages] == [0, 9, 36]
    assert [stage.inputs for stage in found.stages] == [0, 64 * 9, 32 * 36]
    assert found.pixels == 144
    assert found.converters == 4
    assert found.duration == pytest.approx(47 * 0.5e-6)
    assert found.duration + found.rest == pytest.approx(32e-6)


def test_arrays_take_what_was_seen_while_they_are_on(found):
    one = ArrayPower(1e-3, 2e-3, 3e-3)
    base, with_first = energy(found), energy(found, one, SILENT, SILENT)
    on, supply = 3 * 0.5e-6, VALUES["supply"]
    gained = {part: with_first[part] - base[part] for part in base}
    assert gained["cells"] == pytest.approx(1e-3 * on)
    assert gained["column currents"] == pytest.approx(0.5 * supply * 3e-3 * on)
    assert gained["row drivers"] == pytest.approx((0.5 * supply * 2e-3 - 1e-3) * on)
    with_last = energy(found, SILENT, SILENT, one)
    assert with_last["cells"] - base["cells"] == pytest.approx(1e-3 * 37 * 0.5e-6)


def test_a_longer_read_takes_slower_op_amps(found):
    """Joules stay where speed sets the current, and follow time where a load does."""
    slow = parts(read_time=0.65e-6)
    assert slow.fastest(VALUES) == pytest.approx(found.fastest(VALUES) / 1.3)
    part, ours, theirs = "transimpedance amplifiers", energy(found), energy(slow)
    assert 1 <= theirs[part] / ours[part] <= 1.3
    assert theirs["controller"] == pytest.approx(1.3 * ours["controller"])


def test_what_is_finer_or_larger_costs(found):
    coarse, fine, large = (
        parts(adc_bits=8),
        parts(adc_bits=10),
        parts(hold_capacitance=100e-12),
    )
    for part in ("adc", "logistic table"):
        # A table of 1 KB is read from the smallest memory that is priced.
        assert energy(fine)[part] >= energy(coarse)[part]
        assert decoder_area(fine, VALUES)[part] > decoder_area(coarse, VALUES)[part]
    assert energy(fine)["adc"] > energy(coarse)["adc"]
    assert energy(large)["hold rectifiers"] >= energy(found)["hold rectifiers"]
    holds = 432 * 10e-12 / VALUES["area.capacitor"]
    assert decoder_area(found, VALUES)["holds"] == pytest.approx(holds)
    assert decoder_area(large, VALUES)["holds"] == pytest.approx(10 * holds)


def test_constants_may_be_arrays_of_samples(found):
    many = {name: np.full(3, value) for name, value in VALUES.items()}
    spread = decode_energy(found, (SILENT,) * 3, many, num_samples=1e6).breakdown
    for part, joules in energy(found).items():
        np.testing.assert_allclose(spread[part], joules, rtol=1e-9)
    for part, area in decoder_area(found, many).items():
        np.testing.assert_allclose(area, decoder_area(found, VALUES)[part], rtol=1e-9)
