"""Guidance by two arrays: off is exact, analog equals digital, errors are amplified."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _guided import (
    blueprint,
    FLOW,
    guided,
    labels,
    loop_of,
    RANGE,
    SCHEDULE,
    score,
    starts,
    WEIGHT,
)
from rram_ode.blocks import BendSpread, GuidanceSpread, GuidanceStage, MultiplierSpread
from rram_ode.chip import chip_at, GuidedNetwork
from rram_ode.devices import Cell, ProgrammingNoise
from rram_ode.samplers import Heun
from rram_ode.scores import GuidedScore, LabelledScore


NOISY = Cell(RANGE, (ProgrammingNoise(1e-6),))


@eqx.filter_jit
def solve(loop, chip, x1):
    return loop.solve(chip, x1).x0


@eqx.filter_jit
def output(chip, x, label=3, t=0.5):
    """The network's output in its own units, of one class."""
    network = chip.of_class(label).score
    out, _ = network.nodes(network.volts_in * x, network.embedding(jnp.asarray(t)))
    return out / network.volts_out


@eqx.filter_jit
def digital(score, x1, ts):
    return Heun()(FLOW, score, x1, ts)


def distance(chip, weight):
    """Of the ends of a chip from those of digital guidance from the same starts."""
    loop, num = loop_of(), 21
    ts = SCHEDULE(loop.times, loop.clock.duration)
    guided = LabelledScore(GuidedScore(score(), weight), labels(num))
    wanted = digital(guided, starts(num), ts)
    found = solve(loop, chip.of_class(labels(num)), starts(num))
    return float(jnp.abs(found - wanted).max() / jnp.std(wanted))


@pytest.mark.long
def test_without_errors_the_loop_is_digital_guidance():
    chip = blueprint().program(jr.key(0))
    assert isinstance(chip.score, GuidedNetwork)
    assert distance(chip, WEIGHT) < 1e-4
    assert distance(chip, 1.1 * WEIGHT) > 1e-2  # mutant: another weight
    own = dataclasses.replace(chip, score=chip.score.network)
    assert distance(own, WEIGHT) > 1e-2  # mutant: the null array left out
    both = dataclasses.replace(
        chip.score, null=chip.score.network.of_class(jnp.asarray(0))
    )
    assert distance(dataclasses.replace(chip, score=both), WEIGHT) > 1e-2


@pytest.mark.slow
def test_one_class_of_all_samples_is_that_of_each():
    chip, loop = blueprint().program(jr.key(0)), loop_of()
    each = solve(loop, chip.of_class(jnp.full(21, 4)), starts())
    assert jnp.allclose(each, solve(loop, chip.of_class(4), starts()), atol=1e-12)


def test_without_a_weight_a_chip_has_one_array_bit_for_bit():
    plain = blueprint(0.0, NOISY).program(jr.key(0))
    two = blueprint(WEIGHT, NOISY).program(jr.key(0))
    assert not isinstance(plain.score, GuidedNetwork)
    own = dataclasses.replace(two, score=guided(two).network, num_cells=plain.num_cells)
    same = jax.tree.map(lambda a, b: bool(jnp.array_equal(a, b)), own, plain)
    assert jax.tree.all(same)


@pytest.mark.long
def test_a_weight_is_no_part_of_the_program():
    """One program serves a sweep of weights."""
    chip, traces = blueprint().program(jr.key(0)), []

    @eqx.filter_jit
    def run(chip):
        traces.append(None)
        return loop_of().solve(chip.of_class(2), starts()).x0

    where = lambda c: c.score.stage.weight
    ends = [run(eqx.tree_at(where, chip, jnp.asarray(w))) for w in (0.5, 1.0, 4.0)]
    assert len(traces) == 1
    assert jnp.abs(ends[0] - ends[2]).max() > 1e-2


def spread(weight, num=1000):
    """Standard deviation of the output's error over chips, and its standard error.

    The class is the null label, so that both arrays have errors of one law.
    """
    small, x = Cell(RANGE, (ProgrammingNoise(1e-8),)), starts(1)
    clean = output(blueprint(weight).program(jr.key(0)), x, -1)

    @eqx.filter_jit
    def errors(keys):
        chip = lambda key: blueprint(weight, small).program(key)
        return jax.lax.map(lambda key: (output(chip(key), x, -1) - clean)[:, 0], keys)

    found = np.asarray(errors(jr.split(jr.key(5), num))).T
    std = found.std(axis=1, ddof=1)
    return std, std / np.sqrt(2 * (num - 1))


@pytest.mark.long
def test_independent_errors_of_both_arrays_are_amplified():
    weight = 2.0
    (one, one_error), (both, both_error) = spread(0.0), spread(weight)
    within = lambda factor: (
        np.abs(both - factor * one) < 4 * np.hypot(factor * one_error, both_error)
    )
    assert within(np.hypot(1 + weight, weight)).all()
    # Mutants: the null array without errors, and the same errors in both.
    assert not within(1 + weight).any()
    assert not within(1.0).any()


def test_the_arrays_of_a_chip_err_on_their_own():
    made = blueprint(WEIGHT, NOISY)
    network = made.program(jr.key(0)).score
    assert isinstance(network, GuidedNetwork)
    ideal = made.targets.g[0][0]
    errors = [
        np.ravel(chain.layers[0].crossbar.g_pos - ideal) for chain in network.chains
    ]
    assert abs(np.corrcoef(np.stack(errors))[0, 1]) < 4 / np.sqrt(errors[0].size)
    assert all(error.std() > 0.5e-6 for error in errors)


SPREADS = {
    "gain": MultiplierSpread(gain=0.01),
    "signal": MultiplierSpread(signal=0.01),
    "factor": MultiplierSpread(factor=0.01),
    "offset": MultiplierSpread(offset=0.01),
    "bend": MultiplierSpread(bend=BendSpread(0.05, 0.05, 1.0, 2.0)),
}


@pytest.mark.long
@pytest.mark.parametrize("name", SPREADS)
def test_an_error_of_the_stage_is_in_its_output(name):
    """And one of no size changes nothing, bit for bit."""
    x, plain = starts(), blueprint().program(jr.key(0))
    clean = output(plain, x)
    chip = blueprint(spread=SPREADS[name]).program(jr.key(0))
    assert jnp.abs(output(chip, x) - clean).max() > 1e-4
    still = blueprint(spread=SPREADS[name].scaled(0.0)).program(jr.key(0))
    assert jnp.allclose(output(still, x), clean, rtol=0, atol=1e-12)


def test_the_stage_by_hand():
    """The static terms of a multiplier's data sheet, and the rails."""
    errors = MultiplierSpread(0.1, 0.01, 0.02, 0.03).fabricate(2, key=jr.key(0), num=1)
    stage = GuidanceStage(2.0, 1.0, errors)
    d = jnp.array([[0.1], [-0.2]])
    gain, leak, factor, offset = (
        x[0][:, None]
        for x in (errors.gain, errors.signal, errors.factor, errors.offset)
    )
    wanted = (1 + gain) * 2 * d + leak * d + factor * 2 + offset
    assert jnp.allclose(stage.product(d), wanted)
    assert stage.clip(jnp.array([[3.0], [-0.4]])).ravel().tolist() == [1.0, -0.4]


def test_a_weight_is_above_zero():
    with pytest.raises(ValueError, match="`guidance.weight` must be positive"):
        GuidanceSpread(0.0)


@pytest.mark.slow
def test_a_population_has_both_arrays():
    made, keys = blueprint(WEIGHT, NOISY), jr.split(jr.key(2), 2)
    chips = made.program_many(keys)
    one, alone = chip_at(chips, 1), made.program(keys[1])
    assert jnp.allclose(output(one, starts()), output(alone, starts()), rtol=1e-9)
    assert one.num_cells == 2 * 2 * sum(rows * cols for rows, cols in one.arrays[:3])


def test_written_cells_make_the_same_chip():
    made, key = blueprint(WEIGHT, NOISY), jr.key(4)
    cells = made.write(key)
    assert len(cells.positive) == 6
    again = made.program(key, cells=cells)
    assert jnp.allclose(
        output(again, starts()), output(made.program(key), starts()), rtol=1e-12
    )
