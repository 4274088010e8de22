"""Process corners and temperature: what moves, what tracks, and that off is exact."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import AutoZero, FeedbackIntegrator, OpAmp, OpAmpDesign
from rram_ode.chip import (
    Blueprint,
    CORNERS,
    Design,
    OpAmps,
    Process,
    Ranges,
    TemperatureLaw,
)
from rram_ode.config import idealise, override_all, RunConfig
from rram_ode.crossbar import CellNoise, DifferentialPair, ReferenceColumn, Wires
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.system import build_design
from rram_ode.training import TrainingChips


RANGE = ConductanceRange(8e-6, 90e-6)
SCORE = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
HOT = TemperatureLaw(100.0, -1e-3, 2e-5, 3e-5, (1e-3, -5e-4), 0.0, 3e-3, 2e-6, 0.1)


def program(process=None, seed=3, **kwargs) -> Any:
    mapping = kwargs.pop("mapping", DifferentialPair(RANGE))
    integrator = FeedbackIntegrator(5e4, 30e-12, 1e-8)
    design = Design(
        Cell(RANGE),
        mapping,
        integrator,
        mismatch_std=0.01,
        offset_std=1e-4,
        process=process,
        **kwargs,
    )
    return Blueprint(SCORE, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(seed))


PLAIN = program()


def same(a, b):
    """Bit for bit, whatever else one of the two chips has."""
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.array_equal(x, y) for x, y in pairs)


# Off is exact.


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cell.temperature": 398.0},
        {"process.resistor_tc": -1e-3, "process.cell_tc_lrs": 1e-3},
        {"process.resistor_tolerance": 0.5},
        {"fidelity": "ideal", "process.corner": "slow"},
    ],
)
def test_without_corner_and_without_a_change_of_temperature_there_is_no_process(
    settings,
):
    assert build_design(override_all(RunConfig(), settings)).process is None


@pytest.mark.parametrize(
    "settings",
    [
        {"process.corner": "slow"},
        {"process.corner": "monte-carlo"},
        {"cell.temperature": 398.0, "process.resistor_tc": -1e-3},
        {"cell.temperature": 398.0, "process.cell_tc_std": 1e-4},
        {"cell.temperature": 398.0, "process.leak_doubling": 10.0},
    ],
)
def test_with_one_of_them_there_is(settings):
    config = override_all(RunConfig(), settings)
    assert build_design(config).process is not None
    assert build_design(idealise(config)).process is None


@pytest.mark.parametrize("corner", ["slow", "monte-carlo"])
def test_a_process_without_deviations_is_none_bit_for_bit(corner):
    law = TemperatureLaw(100.0)
    chip = program(Process(0.0, 0.0, CORNERS[corner], law))
    bare = dataclasses.replace(chip.score, reference=None)
    assert same(bare, PLAIN.score)
    assert same(chip.integrator, PLAIN.integrator)
    assert chip.time_constant == PLAIN.time_constant
    strong = Process(0.2, 0.15, CORNERS[corner], HOT)
    assert same(
        dataclasses.replace(program(strong.scaled(0.0)).score, reference=None),
        PLAIN.score,
    )


# A corner.


@pytest.mark.parametrize(
    ("corner", "factors"),
    [
        ("slow", (1.2, 1.15)),
        ("fast", (0.8, 0.85)),
        ("slow-fast", (1.2, 0.85)),
        ("fast-slow", (0.8, 1.15)),
    ],
)
def test_a_corner_moves_all_resistors_and_all_capacitors(corner, factors):
    chip = program(Process(0.2, 0.15, CORNERS[corner]))
    for layer, plain in zip(chip.score.layers, PLAIN.score.layers, strict=True):
        ours, theirs = (x.amplifier.feedback_resistance for x in (layer, plain))
        assert np.allclose(ours / theirs, factors[0])
        assert same(layer.crossbar, plain.crossbar)
    ours, theirs = chip.integrator, PLAIN.integrator
    assert np.isclose(float(ours.resistance / theirs.resistance), factors[0])
    assert np.isclose(float(ours.capacitance / theirs.capacitance), factors[1])
    # The waveforms are made for the nominal R C, and the state moves with the real one.
    assert chip.time_constant == PLAIN.time_constant
    v = jnp.array([[0.1], [0.05]])
    zero = dataclasses.replace(ours, leak=jnp.zeros(()))
    other = dataclasses.replace(theirs, leak=jnp.zeros(()))
    slower = other.rate(v, v) / zero.rate(v, v)
    assert np.allclose(slower, factors[0] * factors[1])


def test_the_wave_has_a_resistor_equal_to_the_feedback_and_stays():
    chip = program(Process(0.2, 0.0, (1, 1)))
    layer, plain = chip.score.layers[0], PLAIN.score.layers[0]
    v, wave = jnp.array([[0.1], [0.05]]), jnp.array([0.3, -0.2, 0.1, 0.0])
    cells = plain(v, CellNoise(), None)
    assert np.allclose(layer(v, CellNoise(), wave), 1.2 * cells + wave[:, None])


def test_a_reference_of_resistors_follows_the_die():
    mapping = ReferenceColumn(RANGE)
    plain = program(mapping=mapping)
    chip = program(Process(0.2, 0.0, (1, 1)), mapping=mapping)
    ours, theirs = (c.score.layers[0].crossbar for c in (chip, plain))
    assert np.allclose(ours.g_neg, theirs.g_neg / 1.2)
    assert same(ours.g_pos, theirs.g_pos)


def test_monte_carlo_has_a_third_of_the_tolerance_as_its_spread():
    process, num = Process(0.2, 0.15, None), 2000
    dies = jax.vmap(lambda key: process.fabricate(key=key))(jr.split(jr.key(5), num))
    for found, std in ((dies.resistor, 0.2 / 3), (dies.capacitor, 0.05)):
        assert abs(float(jnp.mean(found)) - 1) < 4 * std / np.sqrt(num)
        assert abs(float(jnp.std(found)) / std - 1) < 4 / np.sqrt(2 * num)
    pair = np.corrcoef(np.asarray(dies.resistor), np.asarray(dies.capacitor))
    assert abs(pair[0, 1]) < 4 / np.sqrt(num)


def test_a_die_is_its_seed():
    process = Process(0.2, 0.15, None, HOT)
    one, again, other = (program(process, seed) for seed in (3, 3, 4))
    assert same(one.score, again.score)
    assert float(one.die.resistor) != float(other.die.resistor)


# Temperature.


def test_cells_move_with_temperature_between_the_ends_of_their_range():
    chip = program(Process(law=HOT))
    crossbar, plain = chip.score.layers[1].crossbar, PLAIN.score.layers[1].crossbar
    g = np.asarray(plain.g_pos)
    place = (g - 8e-6) / 82e-6
    assert np.allclose(crossbar.g_pos, g * (1 + 100 * (1e-3 - 1.5e-3 * place)))
    assert np.isclose(float(chip.score.reference), 1.003)
    assert np.isclose(float(crossbar.v_bias / plain.v_bias), 1.003)
    assert np.isclose(float(chip.integrator.leak), 1e-8 * 2**10)
    assert np.isclose(float(chip.integrator.resistance), 5e4 * 0.9)
    # The coefficients of cells are their own, and those of the die's seed.
    spread = dataclasses.replace(HOT, cells=(0.0, 0.0), cell_std=jnp.asarray(1e-4))
    found = program(Process(law=spread)).score.layers[1].crossbar.g_pos / g - 1
    assert 0.002 < float(jnp.std(found)) < 0.05
    assert len(np.unique(np.asarray(found))) == found.size


@pytest.mark.slow
def test_wires_get_longer_with_temperature():
    wires = Wires(3.0, 2.0, 50.0, 10.0)
    law = TemperatureLaw(100.0, wires=3e-3)
    chip = program(Process(law=law), wires=wires)
    found = chip.score.layers[0].crossbar.wiring.wires
    assert np.isclose(float(found.word_line), 3.9)
    assert np.isclose(float(found.bit_line), 2.6)
    assert float(found.driver) == 50.0


def test_op_amps_of_a_die_are_slower_with_larger_capacitors_and_drift():
    die = program(Process(0.2, 0.15, (1, 1), HOT)).die
    op_amp = OpAmp(1e4, 1e8, 1e8, offset_std=1e-3)
    zero = AutoZero(5e-12, 1e-16, 2e4, 300.0, 5e-9, is_noisy=True)
    factor = 1.15 * (1 + 100 * 2e-5)
    own: Any = OpAmps(op_amp, zero, OpAmpDesign(1e8, 1e8)).on(die)
    assert np.isclose(float(own.op_amp.gbw), 1e8 / factor)
    assert np.isclose(float(own.op_amp.slew), 1e8 / factor)
    assert np.isclose(float(own.auto_zero.capacitance), 5e-12 * factor)
    # Its switch is as noisy as on any die, and half as wrong at half the errors.
    for name in ("resistance", "temperature", "e_n", "is_noisy"):
        assert getattr(own.auto_zero, name) == getattr(zero, name), name
    half = own.scaled(0.5)
    assert np.isclose(float(half.drift), 0.5 * float(own.drift))
    assert np.isclose(float(half.auto_zero.injection), 0.5e-16)
    assert half.auto_zero.is_noisy
    # A board's part has its own capacitors.
    assert float(OpAmps(op_amp).on(die).op_amp.gbw) == 1e8
    num = 4000
    _, _, unit = own.draw(0, num, key=jr.key(0))
    moved = own.drifted(jnp.zeros(num), unit)
    assert abs(float(jnp.std(moved)) / 2e-4 - 1) < 4 / np.sqrt(2 * num)
    assert OpAmps(op_amp).on(None).drift is None


# In training and in a budget.


def test_training_chips_fade_their_process():
    """At strength 0 the network alone, at 1 the chip that the design makes."""
    process = Process(0.2, 0.15, (1, 1), HOT)
    whole = program(process)
    design = Design(
        Cell(RANGE), DifferentialPair(RANGE), FeedbackIntegrator(5e4, 30e-12, 1e-8)
    )
    chips = TrainingChips(dataclasses.replace(design, process=process))
    make = lambda s: chips.program(
        SCORE, Ranges(3.0, (4.0, 4.0), 6.0), jnp.asarray(s), key=jr.key(3)
    )
    for strength, wanted in ((0.0, PLAIN), (1.0, whole)):
        found = make(strength).layers[1]
        layer = wanted.score.layers[1]
        assert np.allclose(found.crossbar.g_pos, layer.crossbar.g_pos)
        ours, theirs = (x.amplifier.feedback_resistance for x in (found, layer))
        assert np.allclose(ours, theirs)


# Refusals.


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"process.corner": "slowest"}, "slow-fast"),
        ({"process.resistor_tolerance": -0.1}, "0 or more"),
        ({"process.resistor_tolerance": 1.5}, "a foundry has"),
        ({"process.trim_temperature": 0.0}, "positive"),
        (
            {"process.resistor_tc": -0.02, "cell.temperature": 400.0},
            "less than a tenth",
        ),
    ],
)
def test_a_die_that_cannot_be_is_refused_in_one_line(settings, words):
    with pytest.raises(ValueError, match="(?i)" + words):
        build_design(override_all(RunConfig(), settings))
