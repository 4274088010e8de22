"""Chips of conditional networks: each sample's class is played by the DAC."""

import dataclasses
import functools

import diffrax as dfx
import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import DAC, FeedbackIntegrator, OpAmp, Schedule
from rram_ode.chip import Blueprint, Design, no_trims, Ranges, TrimmedNetwork
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange, ProgrammingNoise
from rram_ode.loop import (
    close_loop,
    draw,
    LoopHeun,
    make_dynamic,
    NetworkDrift,
    UpdateErrors,
)
from rram_ode.noise import FlickerReadNoise, LabClock, ReadNoise, WhiteReadNoise
from rram_ode.samplers import Heun
from rram_ode.scores import fourier_mlp, LabelledScore, NetworkScore
from rram_ode.sdes import MixedClasses, Prior, ProbabilityFlow, VPSDE


SDE = VPSDE(0.1, 8.0)
FLOW = ProbabilityFlow(SDE)
RANGE = ConductanceRange(8e-6, 90e-6)
CLOCK, SCHEDULE = LabClock(20e-6, 12e-6), Schedule(1e-3, 1.0)
LOUD = ReadNoise(WhiteReadNoise(1e-6, 1e6), FlickerReadNoise(5e-7, 1e2, 1e5))
LABELS = jnp.asarray([0, 1, -1, 1, 0, -1, -1, 1])
SCORE = NetworkScore(fourier_mlp(2, (6, 8), num_classes=2, key=jr.key(0)))


@functools.cache
def chip_of(is_written=False, is_loud=False):
    errors = (ProgrammingNoise(1e-6),) if is_written else ()
    design = Design(
        Cell(RANGE, errors, LOUD if is_loud else ReadNoise()),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12),
    )
    return Blueprint(SCORE, design, Ranges(5.0, (5.0, 5.0), 6.0)).program(jr.key(3))


def loop_of(num_steps=100, **kwargs):
    kwargs = {"read": ReadNoise(), "solver": LoopHeun(), **kwargs}
    drift = NetworkDrift(FLOW, SCORE.readout)
    return close_loop(drift, SCHEDULE, CLOCK, num_steps=num_steps, **kwargs)


@eqx.filter_jit
def solve(loop, chip, labels, num_observed=0):
    x1 = jr.normal(jr.key(1), (2, 8))
    first = jnp.asarray(0, jnp.uint32)
    own = chip if labels is None else chip.of_class(labels)
    return loop.solve(own, x1, first=first, num_observed=num_observed)


def ends(*args):
    return np.asarray(solve(*args).x0)


def trimmed(chip):
    times = jnp.linspace(0.0, 1.0, 5)
    trims = no_trims(chip.score, times)
    offsets = tuple(0.1 * (n + 1) + x for n, x in enumerate(trims.offsets))
    trims = dataclasses.replace(trims, offsets=offsets)
    return dataclasses.replace(chip, score=TrimmedNetwork(chip.score, trims))


@pytest.mark.long
def test_ideal_chip_is_the_digital_sampler_of_each_samples_class():
    loop = loop_of()
    ts = SCHEDULE(loop.times, loop.clock.duration)
    x1 = jr.normal(jr.key(1), (2, 8))
    digital = eqx.filter_jit(Heun())
    wanted = digital(FLOW, LabelledScore(SCORE, LABELS), x1, ts)
    assert np.abs(ends(loop, chip_of(), LABELS) - wanted).max() < 1e-8
    # The mutants: one class for all, and labels of other samples.
    for labels in (jnp.asarray(1), jnp.roll(LABELS, 1)):
        assert np.abs(ends(loop, chip_of(), labels) - wanted).max() > 1e-2


CASES = {
    "continuous DAC": (loop_of, lambda: chip_of(True)),
    "held, with glitches and skew": (
        lambda: loop_of(dac=DAC(8, 5e6), updates=UpdateErrors(1e-11, 1e-9)),
        lambda: chip_of(True),
    ),
    "late updates": (
        lambda: loop_of(dac=DAC(8, 5e6), updates=UpdateErrors(jitter=3e-9)),
        lambda: chip_of(True),
    ),
    "read noise": (
        lambda: loop_of(read=LOUD),
        lambda: chip_of(True, True),
    ),
    "trims": (lambda: loop_of(dac=DAC(10, 5e6)), lambda: trimmed(chip_of(True))),
    "op-amps that take time": (
        lambda: make_dynamic(loop_of(200), OpAmp(1e6, 50e6)),
        lambda: chip_of(True),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.slow if "op-amps" in name or "read" in name else (),
        )
        for name in CASES
    ],
)
def test_a_batch_of_classes_is_its_samples(name):
    """Each sample ends where a batch of its class alone ends."""
    loop, chip = (make() for make in CASES[name])
    got = ends(loop, chip, LABELS)
    for label in (-1, 0, 1):
        mine = np.asarray(LABELS) == label
        alone = ends(loop, chip, jnp.asarray(label))
        np.testing.assert_allclose(got[:, mine], alone[:, mine], rtol=1e-9)
        assert np.abs(got[:, ~mine] - alone[:, ~mine]).min() > 1e-6


@pytest.mark.slow
def test_nodes_and_power_are_those_of_each_samples_class():
    loop, chip = loop_of(), chip_of(True)
    seen = solve(loop, chip, LABELS, 5).observation
    alone = solve(loop, chip, jnp.asarray(1), 5).observation
    mine = np.asarray(LABELS) == 1
    np.testing.assert_allclose(seen.power[:, mine], alone.power[:, mine], rtol=1e-9)
    assert np.abs(seen.power[:, ~mine] / alone.power[:, ~mine] - 1).max() > 1e-6


@pytest.mark.long
def test_without_labels_it_is_the_null_label_bit_for_bit():
    loop, chip = loop_of(), chip_of(True)
    null = ends(loop, chip, jnp.asarray(-1))
    assert np.array_equal(ends(loop, chip, None), null)


@pytest.mark.slow
def test_classes_do_not_depend_on_chunks():
    """A run of 30 samples, and its last ones alone; and the memory of starts."""
    loop, chip = loop_of(), chip_of(True)
    prior = Prior(1.0, MixedClasses(jnp.asarray([0.5, 0.5])))
    run = lambda num, first: np.concatenate(
        [
            np.asarray(each.x0)
            for each in draw(loop, chip, num, key=jr.key(0), prior=prior, first=first)
        ],
        axis=1,
    )
    whole = run(30, 0)
    np.testing.assert_allclose(run(11, 19), whole[:, 19:], rtol=1e-9)
    other = Prior(1.0, MixedClasses(jnp.asarray([1.0, 0.0])))
    first = next(iter(draw(loop, chip, 30, key=jr.key(0), prior=other)))
    assert np.abs(np.asarray(first.x0) - whole).max() > 1e-3


@pytest.mark.slow
def test_adaptive_steps_take_one_class():
    loop = loop_of(solver=dfx.Heun(), tolerance=1e-4)
    with pytest.raises(ValueError, match="adaptive steps solve one class at a time"):
        solve(loop, chip_of(), LABELS)
    coarse = ends(loop, chip_of(), jnp.asarray(1))
    fine = ends(loop_of(400), chip_of(), jnp.asarray(1))
    np.testing.assert_allclose(coarse, fine, atol=1e-2)
