"""What is done to a chip after it was programmed: low-rank correction, calibration."""

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import OpAmp
from rram_ode.chip import (
    AnalogNetwork,
    Blueprint,
    compensate,
    no_trims,
    Ranges,
    TrimmedNetwork,
)
from rram_ode.config import idealise, NetworkConfig, replace
from rram_ode.energy import count_parts
from rram_ode.loop import Parasitics, wire_up
from rram_ode.presets import PRESETS
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.system import build_design, build_loop
from rram_ode.training import calibrate, twin_points, untrained


SDE = VPSDE(0.1, 8.0)
RANGES = Ranges(4.0, (8.0, 8.0), 4.0)
KEY = jr.key(4)


@functools.cache
def score():
    config = NetworkConfig((8, 8), "noise", output_factor=1.0)
    return untrained(2, config, SDE, key=jr.key(1), frequency_key=jr.key(2))


@functools.cache
def points():
    flow = ProbabilityFlow(SDE)
    return twin_points(
        score(), flow, 1e-2, 1.0, num_samples=64, num_steps=16, key=jr.key(3)
    )


def configuration(std, mapping="reference"):
    config = dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )
    config = replace(config, "crossbar.mapping", mapping)
    return replace(config, "cell.write.std", std)


@functools.cache
def design(std, mapping="reference"):
    return build_design(configuration(std, mapping))


def chip_of(std, mapping="reference"):
    return Blueprint(score(), design(std, mapping), RANGES).program(KEY)


def network_of(chip):
    assert isinstance(chip.score, AnalogNetwork)
    return chip.score


@eqx.filter_jit
def outputs(analog, at):
    """The score at points, in its own units."""
    run = lambda t, v: analog.nodes(v, analog.embedding(t))[0]
    t, x = at
    return jax.vmap(run, (0, 1), 1)(t, analog.volts_in * x) / analog.volts_out


def distance(chip, at=None):
    """Root mean square difference to the network's output."""
    t, x = points() if at is None else at
    want = jax.vmap(score().network, (0, 1), 1)(t, x)
    return float(jnp.sqrt(jnp.mean((outputs(chip.score, (t, x)) - want) ** 2)))


@pytest.mark.slow
@pytest.mark.parametrize("mapping", ["reference", "differential-pair"])
def test_a_full_correction_without_error_of_its_own_is_exact(mapping):
    """Of all ranks and written perfectly, it takes the whole error away."""
    chip = chip_of(2e-6, mapping)
    fix = lambda rank, std: compensate(
        chip, Blueprint(score(), design(std, mapping), RANGES), rank, points()
    )
    before = distance(chip)
    assert before > 0.02
    assert distance(fix(9, 0.0)) < 1e-9
    # The mutants: fewer ranks, and cells that miss their targets too.
    few, missed = distance(fix(1, 0.0)), distance(fix(9, 2e-6))
    assert 1e-3 < few < 0.8 * before
    assert 1e-4 < missed < 0.4 * before


@pytest.mark.slow
def test_a_correction_of_nothing_changes_nothing():
    chip = chip_of(0.0)
    fixed = compensate(chip, Blueprint(score(), design(1e-6), RANGES), 2, points())
    np.testing.assert_allclose(
        outputs(fixed.score, points()), outputs(chip.score, points()), atol=1e-12
    )
    none = compensate(chip, Blueprint(score(), design(1e-6), RANGES), 0, points())
    assert eqx.tree_equal(none, chip)


@pytest.mark.slow
def test_the_cost_of_a_correction_is_counted():
    """r (rows + cols) cells a layer, an amplifier a column and an inverter a row."""
    chip = chip_of(1e-6)
    fixed = compensate(chip, Blueprint(score(), design(1e-6), RANGES), 2, points())
    assert fixed.num_cells - chip.num_cells == 2 * ((3 + 8) + (9 + 8) + (9 + 2))
    loop = build_loop(configuration(1e-6), SDE, design(1e-6).cell.read)
    was, now = (count_parts(each, loop) for each in (chip, fixed))
    assert now.amplifiers - was.amplifiers == 3 * 2 + 3 * 2
    assert now.channels == was.channels == 8 + 2
    _, nodes = fixed.score.nodes(
        jnp.full((2,), 0.1), fixed.score.embedding(jnp.ones(()))
    )
    power = lambda c: float(c.score.power(jnp.full((2,), 0.1), nodes))
    assert power(fixed) > power(chip)


@pytest.mark.long
def test_trims_of_nothing_are_exact():
    network = network_of(chip_of(1e-6))
    trimmed = TrimmedNetwork(network, no_trims(network, jnp.linspace(0.0, 1.0, 5)))
    np.testing.assert_allclose(
        outputs(trimmed, points()), outputs(network, points()), rtol=1e-12, atol=1e-14
    )
    assert trimmed.num_channels == 8 + 8 + 2


@pytest.mark.slow
def test_calibration_finds_what_a_gain_and_a_waveform_can_undo():
    """Amplifiers off by known factors, a bias off by a known current: undone.

    Judged at points of its own. A chip with errors of single cells gains, too.
    """
    clean = chip_of(0.0)
    where = lambda c: c.score.layers[1].amplifier.feedback_resistance
    factors = 1 + 0.2 * jr.uniform(jr.key(5), (8,), minval=-1.0)
    bent = eqx.tree_at(where, clean, where(clean) * factors)
    bias = lambda c: c.score.layers[0].crossbar.g_pos
    bent = eqx.tree_at(bias, bent, bias(bent).at[-1].add(2e-6))
    flow = ProbabilityFlow(SDE)
    fresh = twin_points(
        score(), flow, 1e-2, 1.0, num_samples=32, num_steps=9, key=jr.key(9)
    )
    kwargs = {"steps": 400, "batch": 256, "num_times": 5, "learning_rate": 0.02}
    found = calibrate(bent, score(), SDE, points(), **kwargs)
    assert distance(found.chip, fresh) < 0.05 * distance(bent, fresh)
    written = chip_of(1e-6)
    better = calibrate(written, score(), SDE, points(), **kwargs)
    assert distance(better.chip, fresh) < 0.7 * distance(written, fresh)
    assert better.num_reads == written.num_cells == better.chip.num_cells
    assert better.num_channels == 10


@pytest.mark.slow
def test_what_cannot_be_is_refused():
    chip = chip_of(1e-6)
    blueprint = Blueprint(score(), design(1e-6), RANGES)
    with pytest.raises(ValueError, match="`rank` must be 0 or more; got -1"):
        compensate(chip, blueprint, -1, points())
    fixed = compensate(chip, blueprint, 2, points())
    with pytest.raises(ValueError, match="the chip has a correction already"):
        compensate(fixed, blueprint, 1, points())
    with pytest.raises(ValueError, match="takes no low-rank correction"):
        wire_up(fixed, OpAmp(1e5, 50e6), Parasitics())
    network = network_of(chip)
    trims = no_trims(network, jnp.linspace(0.0, 1.0, 3))
    trimmed = dataclasses.replace(chip, score=TrimmedNetwork(network, trims))
    with pytest.raises(ValueError, match="correct first, calibrate then"):
        compensate(trimmed, blueprint, 1, points())
    with pytest.raises(ValueError, match="got TrimmedNetwork"):
        calibrate(trimmed, score(), SDE, points())
    with pytest.raises(ValueError, match="needs a network on crossbars"):
        wire_up(trimmed, OpAmp(1e5, 50e6), Parasitics())
    with pytest.raises(ValueError, match="between 1 and the 1088 points; got"):
        calibrate(chip, score(), SDE, points(), batch=2000)
