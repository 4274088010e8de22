"""An array in turns whose op-amps take time: limits, holds by closed forms, mutants."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from _guided import blueprint, CLOCK, loop_of, starts, WEIGHT
from _switched import chip_of, network_of, solve, switched_loop
from jax import random as jr
from rram_ode.blocks import HoldSpread, MultiplierPole, OpAmp
from rram_ode.loop import make_dynamic, SILENT
from rram_ode.loop.dynamic import _turn
from rram_ode.noise import LabClock
from scipy.constants import Boltzmann


HOLDS = HoldSpread(1e-12, 1e4, 1e-15, 1e-16, 1e-12, 300.0)  # of a whole chip
PERIODS = 10


def dynamic(gbw, num_steps=1600, periods=PERIODS, pole=None, **how):
    """Its op-amps' gain adds no static error."""
    loop = switched_loop(periods, num_steps=num_steps, **how)
    return make_dynamic(loop, OpAmp(1e9, gbw, jnp.inf), pole=pole)


def distance(a, b):
    return float(jnp.abs(a - b).max() / jnp.abs(b).max())


def without_settling(loop):
    """The mutant whose hold is closed all over its half."""
    always = jnp.ones_like(loop.turns.closed)
    return eqx.tree_at(lambda loop: loop.turns.closed, loop, always)


@pytest.mark.slow
def test_it_tends_to_infinitely_fast_turns_at_first_order(monkeypatch):
    """Op-amps and multipliers; mutants tend to something else."""
    chip, x1 = chip_of(HOLDS, label=2), starts(8)
    still = solve(switched_loop(PERIODS, num_steps=1600), chip, x1)
    speeds = np.array([0.5e9, 1e9, 2e9])
    fast = lambda gbw: dynamic(gbw, pole=MultiplierPole(gbw / 10))
    lags = [distance(solve(fast(gbw), chip, x1), still) for gbw in speeds]
    orders = np.diff(np.log(lags)) / np.diff(np.log(speeds))
    assert np.all(np.abs(orders + 1) < 0.15)
    assert lags[-1] < 2e-3
    # Holds that are swapped give v_n + w (v_n - v_c): the weight is -(1 + w).
    weight = lambda c: c.score.stage.weight
    swapped = eqx.tree_at(weight, chip, jnp.asarray(-(1 + WEIGHT)))
    loop = fast(speeds[-1])
    far = {
        "swapped": solve(loop, swapped, x1),
        "no settling": solve(without_settling(loop), chip, x1),
    }
    follow = lambda self, held, mean, end, dt: ([mean, mean], [end, end])
    monkeypatch.setattr(_turn.Turn, "over", follow)
    far["never opened"] = eqx.filter_jit(lambda: loop.solve(chip, x1).x0)()
    for name, end in far.items():
        assert distance(end, still) > 10 * lags[-1], name


@pytest.mark.slow
def test_off_is_exact_in_the_limit():
    """Another method on the same grid: both have order 2, but for kinks of ReLUs."""
    chip, x1, errors = chip_of(label=2), starts(8), []
    for num_steps in (200, 800):
        fast = solve(dynamic(1e14, num_steps), chip, x1)
        slow = solve(switched_loop(PERIODS, num_steps=num_steps), chip, x1)
        errors.append(distance(fast, slow))
    assert errors[-1] < 2e-5
    assert errors[0] / errors[-1] > 5


@pytest.mark.slow
def test_an_array_that_does_not_settle_errs():
    """Poles of 0.9 MHz in halves of 0.2 us: far from two arrays of such op-amps."""
    two = blueprint().program(jr.key(0)).of_class(2)
    chip, x1 = chip_of(label=2), starts(8)
    off = []
    for gbw in (1e7, 1e9):
        both = make_dynamic(loop_of(num_steps=800), OpAmp(1e9, gbw, jnp.inf))
        turns = solve(dynamic(gbw, 800, periods=50), chip, x1)
        off.append(distance(turns, solve(both, two, x1)))
    assert off[1] < 0.04  # the age of the held outputs
    assert off[0] > 2 * off[1]
    # A multiplier that only delays, with the array as fast, is not it.
    slow = solve(dynamic(1e9, 800, 50, MultiplierPole(1e7)), chip, x1)
    assert distance(slow, solve(dynamic(1e9, 800, 50), chip, x1)) < 0.5 * off[0]


@pytest.mark.slow
@pytest.mark.parametrize("gbw", [2e7, 1e9])
def test_the_end_does_not_depend_on_the_step(gbw):
    """Where op-amps settle within a step, and where they do not settle in a half."""
    chip, x1 = chip_of(HOLDS, label=2), starts(8)
    ends = [solve(dynamic(gbw, n, periods=50), chip, x1) for n in (200, 800, 3200)]
    off = [distance(x, ends[-1]) for x in ends[:-1]]
    assert off[0] < 5e-3
    assert off[0] / off[1] > 9
    assert off[1] < 2e-4
    mutant = solve(without_settling(dynamic(gbw, 800, periods=50)), chip, x1)
    assert distance(mutant, ends[-1]) > 20 * off[1]


# An array that puts out nothing: holds have their errors alone.


def quiet(holds):
    chip = chip_of(holds, label=2)
    last = lambda c: network_of(c).network.layers[-1].crossbar
    return eqx.tree_at(lambda c: last(c).g_neg, chip, last(chip).g_pos)


@eqx.filter_jit
def held(loop, chip, x1):
    """Holds at the boundaries of all steps, `(times, 2, dim, samples)`."""
    return loop.trace(chip, x1).held


@pytest.mark.long
def test_holds_gain_charge_droop_and_forget():
    """By the recursion of charges: RC is 400 ns, a hold is closed for 500."""
    chip = quiet(HoldSpread(1e-12, 4e5, 1e-15, 3e-16, 1e-10))
    found = np.asarray(held(dynamic(1e9, 800), chip, jnp.zeros((2, 1))))[..., 0]
    holds, half = network_of(chip).holds, float(CLOCK.duration) / 2 / PERIODS
    charge = np.asarray(holds.charge) / 1e-12
    left, rate = np.exp(-half / 2 / 4e-7), 1e-10 / 1e-12
    steps = 800 // (2 * PERIODS)
    v = charge[0] - rate * half  # of the class: it opened half a period ago
    assert np.allclose(found[0, 0], v, rtol=1e-6)
    assert np.allclose(found[0, 1], 0, atol=1e-12)
    for period in range(3):
        v = left * (v - rate * half / 2)  # open for half of its half
        before = found[(2 * period + 1) * steps, 0]  # ahead of the edge
        assert np.allclose(before, v, rtol=1e-6)
        v = v + charge[0]
        wrong = left * before + charge[1]  # mutant: the charge of the other label
        after = found[(2 * period + 1) * steps + 1, 0] + rate * half / steps
        assert np.allclose(after, v, rtol=1e-6)
        assert not np.allclose(after, wrong, rtol=1e-2)
        v = v - rate * half
        assert np.allclose(found[(2 * period + 2) * steps, 0], v, rtol=1e-6)


@pytest.mark.slow
def test_a_hold_samples_thermal_noise():
    """Each hold and sample apart; mutant: half of its power. Silence is exact."""
    chip, num = quiet(HoldSpread(1e-12, temperature=300.0)), 400
    x1 = jnp.zeros((2, num))
    found = np.asarray(held(dynamic(1e9, 40), chip, x1))
    stored = np.stack([found[2::4, 1], found[4::4, 0]])  # at the ends of halves
    stored = stored[:, 1:].reshape(-1, 2 * num)
    wanted = Boltzmann * 300 / 1e-12
    error = wanted * np.sqrt(2 / stored.size)
    assert abs(stored.var() - wanted) < 4 * error
    assert abs(stored.var() - 0.5 * wanted) > 4 * error
    assert abs(np.corrcoef(stored)[0, 1:]).max() < 4 / np.sqrt(2 * num)
    silent = dynamic(1e9, 40, read=SILENT)
    assert (np.asarray(held(silent, chip, x1[:, :4])) == 0).all()


@pytest.mark.slow
def test_noise_of_holds_is_that_of_infinitely_fast_turns():
    """The same samples are drawn for both; those of later ones are others."""
    chip, x1 = chip_of(HoldSpread(1e-14, temperature=300.0), label=2), starts(4)
    run = eqx.filter_jit(lambda loop, chip, n: loop.solve(chip, x1, first=n).x0)
    fast, slow = dynamic(1e10), switched_loop(PERIODS, num_steps=1600)
    both = [run(loop, chip, 0) for loop in (fast, slow)]
    assert distance(run(fast, chip_of(label=2), 0), both[1]) > 20 * distance(*both)
    assert distance(run(fast, chip, 4), both[1]) > 20 * distance(*both)


@pytest.mark.slow
def test_each_label_is_observed_in_turn():
    """Ends of halves, of each label as often, though more are asked for than are."""
    chip, x1 = chip_of(label=2), starts(4)
    loop = dynamic(1e9, 400)
    num, half = 50, float(CLOCK.duration) / (2 * PERIODS)
    seen = eqx.filter_jit(loop.solve)(chip, x1, num_observed=num).observation
    assert seen is not None
    names = "input", "hidden 1", "hidden 2", "output", "guided", "state"
    assert seen.names == names
    numbers = np.floor(np.asarray(seen.taus) / half).astype(int)
    assert (numbers % 2 == np.arange(num) % 2).all()
    assert (np.asarray(seen.taus) / half % 1 > 0.9).all()
    assert (seen.power > 0).all()
    assert jnp.abs(seen.v).min() > 0


def test_a_reset_fills_the_holds():
    loop, chip = dynamic(1e9, 400), chip_of(label=2)
    assert loop.check(chip) > 0
    where = lambda loop: loop.loop.clock
    short = eqx.tree_at(where, loop, LabClock(20e-6, 1.9e-6))
    with pytest.raises(ValueError, match="`solve.reset` must be one period of"):
        short.check(chip)


@pytest.mark.slow
def test_a_gradient_of_the_weight_is_that_of_differences():
    loop, chip = dynamic(1e8, 400), chip_of(HOLDS, label=2)
    where = lambda c: c.score.stage.weight
    of = lambda w: eqx.tree_at(where, chip, w)
    loss = lambda w: jnp.sum(loop.solve(of(w), starts(4)).x0)
    slope = eqx.filter_jit(eqx.filter_grad(loss))(jnp.asarray(1.0))
    run, step = eqx.filter_jit(loss), 1e-4
    wanted = (run(jnp.asarray(1 + step)) - run(jnp.asarray(1 - step))) / (2 * step)
    assert float(slope) == pytest.approx(float(wanted), rel=1e-5)
