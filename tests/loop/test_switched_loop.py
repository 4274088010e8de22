"""The switched array in its loop: order, holds by closed forms, off, refusals."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _guided import (
    blueprint,
    CLOCK,
    FLOW,
    guided,
    labels,
    loop_of,
    RANGE,
    starts,
    WEIGHT,
)
from _switched import chip_of, HOLDS, network_of, solve, switched, switched_loop
from rram_ode.blocks import CircuitNoise, DAC, HoldSpread, MultiplierNoise, OpAmp
from rram_ode.devices import Cell, ProgrammingNoise
from rram_ode.loop import make_dynamic, row_stress, SILENT, switch_loop, UpdateErrors
from rram_ode.noise import FlickerReadNoise, LabClock, ReadNoise, WhiteReadNoise
from rram_ode.samplers import Heun
from rram_ode.scores import GuidedScore, LabelledScore
from rram_ode.sdes import Prior
from scipy.constants import Boltzmann


def with_weight(chip, weight):
    return eqx.tree_at(lambda c: c.score.stage.weight, chip, jnp.asarray(weight))


@pytest.mark.slow
def test_the_flow_is_that_of_digital_guidance_at_first_order():
    """With the holds swapped, or class 0 for the null label, it tends elsewhere."""
    chip, x1, periods = chip_of(), starts(), np.array([50, 100, 200])
    loops = [switched_loop(int(n), num_steps=400) for n in periods]
    ts = loops[0].schedule(loops[0].times, CLOCK.duration)
    score = switched().score
    run = lambda own: eqx.filter_jit(Heun())(FLOW, own, x1, ts)
    wanted = run(LabelledScore(GuidedScore(score, WEIGHT), labels()))
    far = lambda chip, to: [
        float(jnp.abs(solve(loop, chip, x1) - to).max() / jnp.std(to)) for loop in loops
    ]
    off = far(chip, wanted)
    order = -np.polyfit(np.log(periods), np.log(off), 1)[0]
    assert abs(order - 1) < 0.15
    assert off[-1] < 1e-2
    # Holds that are swapped give v_n + w (v_n - v_c): the weight is -(1 + w).
    swapped = far(with_weight(chip, -(1 + WEIGHT)), wanted)
    assert swapped[-1] > max(0.5 * swapped[0], 20 * off[-1])
    two = blueprint().program(jr.key(0))
    null = guided(two).network.of_class(jnp.asarray(0))
    zero = dataclasses.replace(guided(two), null=null)
    zero = dataclasses.replace(two, score=zero).of_class(labels())
    other = far(chip, solve(loop_of(num_steps=400), zero, x1))
    assert other[-1] > max(0.5 * other[0], 20 * off[-1])


@pytest.mark.slow
@pytest.mark.parametrize("ohms", [0.0, 5e5])
def test_steps_within_a_half_converge_at_second_order(ohms):
    """With a hold of 0 or 500 ns in halves of 1 us."""
    chip, x1 = chip_of(HoldSpread(1e-12, ohms)), starts()
    ends = [
        solve(switched_loop(10, num_steps=n), chip, x1) for n in (160, 320, 640, 1280)
    ]
    off = [float(jnp.abs(x - ends[-1]).max()) for x in ends[:-1]]
    assert off[0] / off[1] > 3
    assert off[1] / off[2] > 3


# A network of no output from a start at 0: the state is what the holds add.
PERIODS, FINE = 20, 50
HALF = float(CLOCK.duration) / (2 * PERIODS)


def quiet_chip(holds, seed=0):
    """The guided output is that of errors of holds alone."""
    chip = chip_of(holds, seed, label=2)
    last = lambda c: network_of(c).network.layers[-1].crossbar
    return eqx.tree_at(lambda c: last(c).g_neg, chip, last(chip).g_pos)


def response(loop, chip):
    """The end in units of x for a volt of the score, of each 50th of each half.

    By quadrature: the linear loop of the state and of what is added.
    """
    waves, dt = loop.loop.waveforms(chip), HALF / FINE
    taus = (np.arange(2 * PERIODS * FINE) + 0.5) * dt
    coarse = np.linspace(0, float(CLOCK.duration), 101)
    factors = np.asarray([waves.factors(jnp.asarray(tau)) for tau in coarse])
    k_x, k_s = (np.interp(taus, coarse, factors[:, n]) for n in range(2))
    rate = dt / float(chip.integrator.time_constant)
    left = np.cumsum((k_x * rate)[::-1])[::-1] - k_x * rate / 2
    each = k_s * rate * np.exp(left) / float(chip.score.volts_in)
    return each.reshape(2 * PERIODS, FINE)


def open_times(label):
    """Seconds for which the label's hold has been open, 0 where it is closed.

    It is closed in the second part of its own halves, of two equal ones.
    """
    taus = (np.arange(2 * PERIODS * FINE) + 0.5) * HALF / FINE
    since = (taus - (label + 1) * HALF) % (2 * HALF)
    closes = 2 * HALF * (1 - 0.25)
    return np.where(since < closes, since, 0.0).reshape(2 * PERIODS, FINE)


GAINS = np.array([1 + WEIGHT, -WEIGHT])  # of the class's hold, and of the other


@pytest.fixture(scope="module")
def loop():
    return switched_loop(PERIODS, num_steps=400)


@pytest.mark.long
def test_charges_act_while_their_hold_is_open(loop):
    chip = quiet_chip(HoldSpread(1e-12, injection=1e-15, injection_std=3e-16))
    charge = np.asarray(network_of(chip).holds.charge)[:, 0] / 1e-12
    x = float(solve(loop, chip, jnp.zeros((2, 1)))[0, 0])
    weights = response(loop, chip)
    wanted = lambda *labels: sum(
        GAINS[n] * charge[n] * np.sum(weights * (open_times(label) > 0))
        for n, label in enumerate(labels)
    )
    assert x == pytest.approx(wanted(0, 1), rel=2e-3)
    assert x != pytest.approx(wanted(1, 0), rel=2e-2)  # mutant: the labels' times


def test_the_common_charge_cancels_in_the_state(loop):
    """Three quarters of it are left, as each hold is open three quarters of the time.

    The class's charge alone would be (1 + w) times as much.
    """
    x = solve(loop, quiet_chip(HoldSpread(1e-12, injection=1e-15)), jnp.zeros((2, 1)))
    one = float(x[0, 0]) / (1e-3 * response(loop, quiet_chip(HOLDS)).sum())
    assert abs(one - 0.75) < 0.2  # halves of one period weigh a little differently
    assert one < 0.6 * (1 + WEIGHT) * 0.75


def test_an_open_hold_droops(loop):
    chip = quiet_chip(HoldSpread(1e-12, leakage=1e-10))
    x = float(solve(loop, chip, jnp.zeros((2, 1)))[0, 0])
    weights = response(loop, chip)
    fallen = [-100 * np.sum(weights * open_times(label)) for label in (0, 1)]
    assert x == pytest.approx(GAINS @ fallen, rel=5e-3)


@pytest.mark.slow
def test_thermal_noise_of_the_holds_has_its_variance(loop):
    """Every sample of every hold is drawn apart; mutant: half of its power."""
    num = 4000
    chip = quiet_chip(HoldSpread(1e-12, temperature=300.0))
    found = np.asarray(solve(loop, chip, jnp.zeros((2, num)))).ravel()
    weights, power = response(loop, chip), 0.0
    for label in (0, 1):
        # Of the sample that is held: one after each half of the label.
        acts = (weights * (open_times(label) > 0)).ravel()
        taus = (np.arange(acts.size) + 0.5) / FINE  # in halves
        sample = np.floor((taus - label + 1) / 2).astype(int)
        power += np.sum((GAINS[label] * np.bincount(sample, acts)) ** 2)
    wanted = Boltzmann * 300 / 1e-12 * power
    error = wanted * np.sqrt(2 / found.size)
    assert abs(found.var() - wanted) < 4 * error
    assert abs(found.var() - 0.5 * wanted) > 4 * error
    assert abs(found.mean()) < 4 * np.sqrt(wanted / found.size)
    quiet = solve(loop.silenced(), chip, jnp.zeros((2, 4)))
    assert (quiet == 0).all()


@pytest.mark.slow
def test_noise_of_holds_is_a_function_of_lab_time(loop):
    """Samples 2 and 3 are the same alone; another chip has other noise."""
    spread, x1 = HoldSpread(1e-12, temperature=300.0), starts(4)
    run = eqx.filter_jit(lambda c, x, n: loop.solve(c, x, first=n).x0)
    both = run(chip_of(spread, label=2), x1, 0)
    late = run(chip_of(spread, label=2), x1[:, 2:], 2)
    assert jnp.allclose(both[:, 2:], late, rtol=1e-12)
    other = run(chip_of(spread, seed=1, label=2), x1, 0)
    assert jnp.abs(other - both).min() > 0


@pytest.mark.long
@pytest.mark.parametrize(
    "holds",
    [
        HoldSpread(1e-12, 1e4),
        HoldSpread(1e-12, injection=1e-15),
        HoldSpread(1e-12, injection_std=1e-15),
        HoldSpread(1e-12, leakage=1e-9),
        HoldSpread(1e-12, temperature=300.0),
    ],
    ids=["resistance", "injection", "injection_std", "leakage", "temperature"],
)
def test_an_error_of_the_holds_acts_and_none_is_exact(loop, holds):
    x1 = starts(4)
    ideal = solve(loop, chip_of(label=2), x1)
    assert jnp.abs(solve(loop, chip_of(holds, label=2), x1) - ideal).max() > 1e-6
    still = solve(loop, chip_of(holds.scaled(0.0), label=2), x1)
    assert jnp.allclose(still, ideal, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_one_class_of_all_samples_is_that_of_each(loop):
    each = solve(loop, chip_of(label=jnp.full(21, 4)), starts())
    assert jnp.allclose(each, solve(loop, chip_of(label=4), starts()), atol=1e-12)


LOUD = ReadNoise(WhiteReadNoise(1e-6, 1e6), FlickerReadNoise(5e-7, 1e2, 1e5))


@pytest.mark.slow
def test_live_noise_of_the_loop_acts_and_silence_is_exact():
    """Read noise, noise of the stage, held waveforms and late updates together."""
    cell = Cell(RANGE, (ProgrammingNoise(1e-6),), LOUD)
    chip, x1 = chip_of(cell=cell, label=labels(4)), starts(4)
    how = {
        "num_steps": 200,
        "dac": DAC(None, 10e6),
        "updates": UpdateErrors(jitter=10e-9),
        "circuit_noise": CircuitNoise(guidance=MultiplierNoise(1e-6, 5e6, num=1)),
        "jitter": 10e-9,
    }
    loud = switched_loop(PERIODS, read=LOUD, **how)
    found = loud.solve(chip, x1, num_observed=4)
    seen = found.observation
    assert seen is not None
    assert seen.names[-2:] == ("guided", "state")
    assert (seen.power > 0).all()
    clean = chip_of(cell=Cell(RANGE, (ProgrammingNoise(1e-6),)), label=labels(4))
    how = {"num_steps": 200, "dac": DAC(None, 10e6)}
    wanted = switched_loop(PERIODS, **how).solve(clean, x1).x0
    assert jnp.abs(found.x0 - wanted).max() > 1e-4
    still = {**how, "updates": UpdateErrors(jitter=0.0)}
    quiet = switched_loop(PERIODS, read=SILENT, **still).solve(chip, x1).x0
    assert jnp.allclose(quiet, wanted, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_rows_are_stressed_in_both_turns(loop):
    chip = chip_of(label=2)
    stress = row_stress(loop, chip, Prior(), 8, key=jr.key(0))
    assert [each.shape for each in stress] == [(3,), (9,), (9,)]
    assert all(jnp.isfinite(each).all() for each in stress)


@pytest.mark.parametrize("rate", [1.23e6, 1e4])
def test_a_solve_has_whole_periods(rate):
    with pytest.raises(ValueError, match="must be a whole number of periods, 1 or"):
        switch_loop(loop_of(), rate)


def test_other_methods_are_refused():
    with pytest.raises(ValueError, match="`solve.solver` must be heun"):
        switch_loop(loop_of(tolerance=1e-5), 1e6)


def test_a_reset_fills_the_holds(loop):
    chip = chip_of(label=2)
    assert loop.check(chip) > 0
    where = lambda loop: loop.loop.clock
    short = eqx.tree_at(where, loop, LabClock(20e-6, 0.9e-6))
    with pytest.raises(ValueError, match="`solve.reset` must be one period of"):
        short.check(chip)


def test_a_loop_and_a_chip_of_other_circuits_are_refused(loop):
    turns, two = chip_of(label=2), blueprint().program(jr.key(0)).of_class(2)
    with pytest.raises(ValueError, match="this chip is made for one array in turns"):
        loop_of().solve(turns, starts(2))
    with pytest.raises(ValueError, match="this chip is made for two arrays"):
        loop.solve(two, starts(2))
    dynamic = make_dynamic(loop_of(), OpAmp(1e9, 1e9, jnp.inf))
    with pytest.raises(ValueError, match="this chip is made for one array in turns"):
        dynamic.solve(turns, starts(2))


@pytest.mark.slow
def test_a_gradient_of_the_weight_is_that_of_differences(loop):
    chip, x1 = chip_of(HoldSpread(1e-12, 1e3), label=2), starts(4)
    loss = lambda w: jnp.sum(loop.solve(with_weight(chip, w), x1).x0)
    slope = eqx.filter_jit(eqx.filter_grad(loss))(jnp.asarray(1.0))
    run = eqx.filter_jit(loss)
    step = 1e-4
    wanted = (run(jnp.asarray(1 + step)) - run(jnp.asarray(1 - step))) / (2 * step)
    assert float(slope) == pytest.approx(float(wanted), rel=1e-5)
