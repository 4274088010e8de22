"""Glitch, skew and jitter of a DAC's updates, and the jitter of a solve's end."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.blocks import (
    DAC,
    MultiplierBend,
    MultiplierErrors,
    OpAmp,
    StaticOpAmps,
)
from rram_ode.config import override_all, RunConfig
from rram_ode.crossbar import CellNoise
from rram_ode.loop import ClosedLoop, make_dynamic, UpdateErrors
from rram_ode.noise import HeldPath, ReadNoise
from rram_ode.sdes import VPSDE
from rram_ode.system import build_loop
from test_dynamic import chip_of, quasi_static, solve, starts


def played(errors, values, bits: int | None = 4, scale=1.0):
    values = jnp.asarray(values)
    scales = jnp.full(values.shape[1], scale)
    return np.asarray(errors(values, scales, jnp.asarray(1e-7), bits, key=jr.key(0)))


def test_a_glitch_has_the_area_of_its_carry():
    """Codes of 4 bits: 7 to 8 toggles all; 8 to 9 the lowest; 9 to 9 none."""
    codes = np.array([7, 8, 9, 9, 7]) - 8
    values = codes[:, None] / 8.0
    found = played(UpdateErrors(glitch=1e-9), values) - values
    # 9 is 1001 and 7 is 0111: the highest bit toggles, downwards.
    wanted = 1e-9 / 1e-7 * np.array([0.0, 1.0, 0.125, 0.0, -1.0])
    assert np.allclose(found[:, 0], wanted, rtol=1e-9, atol=1e-15)


def test_a_late_channel_plays_its_last_value():
    """Each channel has a delay of its own, with the spread of the skew."""
    values = np.stack([np.zeros(4000), np.ones(4000)])
    found = played(UpdateErrors(skew=1e-9), values, None)
    assert np.array_equal(found[0], values[0])
    late = (1 - found[1]) * 1e-7
    lower = st.chi2.cdf(np.sum((late / 1e-9) ** 2), late.size)
    assert 1e-3 < lower < 1 - 1e-3
    assert st.chi2.cdf(np.sum((late / 1.1e-9) ** 2), late.size) < 1e-3


@pytest.mark.long
@pytest.mark.parametrize(
    "on",
    [{"updates": UpdateErrors(1e-11, 0.0)}, {"updates": UpdateErrors(0.0, 1e-9)}],
)
def test_updates_act_in_a_solve(on):
    chip, dac = chip_of(), DAC(8, 10e6)
    plain = solve(quasi_static(dac=dac), chip, starts())
    zero = solve(quasi_static(dac=dac, updates=UpdateErrors()), chip, starts())
    assert np.allclose(zero, plain, rtol=1e-12)
    found = solve(quasi_static(dac=dac, **on), chip, starts())
    assert np.abs(found - plain).max() > 1e-6


def late_of(errors, num=3000, first=0):
    path = errors.late(
        4,
        jnp.asarray(1e-7),
        first=jnp.uint32(first),
        num_samples=num,
        key=jr.key(0),
    )
    return None if path is None else np.asarray(path.values)


def test_each_update_of_each_solve_has_its_own_moment():
    """With the spread of the jitter, as a share of the hold; a mutant of 1.1 fails."""
    assert late_of(UpdateErrors(1e-12, 1e-10)) is None
    late = late_of(UpdateErrors(jitter=1e-9))
    assert late is not None
    assert late.shape == (4, 3000)
    total = np.sum((late / 1e-2) ** 2)
    lower = st.chi2.cdf(total, late.size)
    assert 1e-3 < lower < 1 - 1e-3
    assert st.chi2.cdf(total / 1.1**2, late.size) < 1e-3
    between = np.corrcoef(late)[np.triu_indices(4, 1)]
    assert np.all(np.abs(between) < 4 / np.sqrt(3000))
    part = late_of(UpdateErrors(jitter=1e-9), 10, 7)
    assert part is not None
    assert np.array_equal(part, late[:, 7:17])


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 40, 120])
def test_a_late_update_leaves_the_charge_of_a_step_of_slope(number):
    r"""$-\delta_n (F(w_n) - F(w_{n - 1}))$ over its hold, of embedding and factors.

    F is that of loops on time; the difference is of the second order in the step, as
    here no rectifier turns over between both.
    """
    chip, x1 = chip_of(), starts()
    loop = quasi_static(dac=DAC(8, 10e6), updates=UpdateErrors(jitter=1e-11))
    term = loop.term(chip, x1)
    assert term.held is not None
    assert term.paths.late is not None
    v, hold = chip.score.volts_in * x1, 1e-7
    late = np.asarray(term.paths.late.values[number]) * hold
    span = [jnp.asarray(x * hold) for x in (number, number + 1)]

    def slope(values, tau):
        still = quasi_static(dac=DAC(8, 10e6)).term(chip, x1)
        held = HeldPath(jnp.stack([values]), jnp.asarray(1.0))
        on_time = eqx.tree_at(lambda t: t.held, still, held)
        control = on_time.contr(*span)
        return on_time.vf_prod(tau, v, None, control) / control.dt

    control = term.contr(*span)
    charge = term.vf_prod(span[0], v, None, control)
    new, old = (slope(term.held.values[n], span[0]) for n in (number, number - 1))
    wanted = -late * np.asarray(new - old)
    found = np.asarray(charge - hold * new)
    assert np.abs(wanted).max() > 0
    assert np.allclose(found, wanted, rtol=0.02, atol=0.02 * np.abs(wanted).max())


@pytest.mark.slow
def test_jitter_of_updates_acts_in_a_solve():
    """Off is exact, no spread is no jitter; it is a function of chip and lab time."""
    chip, dac, x1 = chip_of(), DAC(8, 10e6), starts()
    plain = solve(quasi_static(dac=dac), chip, x1)
    none = UpdateErrors(jitter=None)
    assert np.allclose(solve(quasi_static(dac=dac, updates=none), chip, x1), plain)
    zero = solve(quasi_static(dac=dac, updates=UpdateErrors(jitter=0.0)), chip, x1)
    assert np.allclose(zero, plain, rtol=1e-12)
    loud = quasi_static(dac=dac, updates=UpdateErrors(jitter=1e-9))
    found = solve(loud, chip, x1)
    assert np.abs(found - plain).max() > 1e-6
    part = solve(loud, chip, jnp.roll(x1, -3, axis=1), jnp.uint32(3))
    assert np.allclose(part[:, :-3], found[:, 3:], rtol=1e-12)
    twice = solve(quasi_static(dac=dac, updates=UpdateErrors(jitter=2e-9)), chip, x1)
    assert np.allclose(twice - plain, 2 * (found - plain), rtol=0.02, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [None, 1e-7])
def test_op_amps_that_take_time_meet_the_same_jitter(tolerance):
    """Fast ones give what infinitely fast ones do, less what both do on time."""
    chip, x1, amp = chip_of(), starts(4), OpAmp(1e12, 1e14)
    errors = {"dac": DAC(8, 10e6), "updates": UpdateErrors(jitter=3e-9)}
    solver = {} if tolerance is None else {"tolerance": tolerance}
    loops = [quasi_static(400, dac=errors["dac"]), quasi_static(400, **errors)]
    still, moved = (solve(loop, chip, x1) for loop in loops)
    fast = [
        make_dynamic(quasi_static(400, **each, **solver), amp)
        for each in ({"dac": errors["dac"]}, errors)
    ]
    calm, shaken = (solve(loop, chip, x1) for loop in fast)
    effect = np.asarray(moved - still)
    assert np.abs(effect).max() > 1e-5
    assert np.allclose(shaken - calm, effect, atol=0.03 * np.abs(effect).max())


def test_multipliers_take_the_factors_of_each_sample():
    """All errors and bends: as one sample after the other."""
    draw = lambda n, shape=(2, 3): 0.05 * jr.normal(jr.key(n), shape)
    bend = MultiplierBend(draw(5), draw(6), 1.2, 1.0)
    for one in (None, bend):
        errors = MultiplierErrors(draw(1), draw(2), draw(3), draw(4), bend=one)
        factors, v, s = draw(7, (2, 5)), draw(8, (3, 5)), draw(9, (3, 5))
        each = jnp.stack(
            [errors(factors[:, n], v[:, n], s[:, n]) for n in range(5)], axis=1
        )
        assert np.allclose(errors(factors, v, s), each, rtol=1e-12)


@pytest.mark.slow
def test_jitter_is_a_slope_in_lab_time():
    """The change over the slope, of 600 samples; none without, whatever the chunk."""
    chip, x1 = chip_of(), jnp.tile(jnp.array([[0.3], [-0.7]]), (1, 600))
    plain = solve(quasi_static(), chip, x1)
    assert np.array_equal(solve(quasi_static(jitter=0.0), chip, x1), plain)
    found = solve(quasi_static(jitter=1e-9), chip, x1)
    moved = np.asarray(found - plain)
    term = quasi_static().term(chip, x1[:, :1])
    times, unit = quasi_static().times, chip.score.volts_in
    control = term.contr(*times[-2:])
    slope = term.vf_prod(times[-1], unit * plain[:, :1], None, control)
    late = moved / np.asarray(slope / control.dt / unit)
    assert np.allclose(late[0], late[1], rtol=1e-6)
    lower = st.chi2.cdf(np.sum((late[0] / 1e-9) ** 2), 600)
    assert 1e-3 < lower < 1 - 1e-3
    part = solve(quasi_static(jitter=1e-9), chip, x1, jnp.uint32(7))
    assert np.allclose(part[:, :-7], found[:, 7:], rtol=1e-12)


def test_settings():
    make = lambda **s: build_loop(
        override_all(RunConfig(), s), VPSDE(0.1, 8.0), ReadNoise()
    )
    loop = make()
    assert isinstance(loop, ClosedLoop)
    assert loop.updates is None
    assert loop.jitter is None
    with pytest.raises(
        ValueError, match="`dac.glitch`, `dac.skew` and `dac.jitter` are"
    ):
        make(**{"dac.glitch": 1e-12, "dac.update_rate": None})
    with pytest.raises(ValueError, match="`dac.skew` must be 0 or more"):
        make(**{"dac.skew": -1e-9})
    with pytest.raises(ValueError, match=r"`dac.jitter` must be 0 or more and below"):
        make(**{"dac.jitter": 3e-8})
    shaken = make(**{"dac.jitter": 1e-11})
    assert isinstance(shaken, ClosedLoop)
    assert shaken.updates is not None
    assert shaken.updates.jitter is not None
    assert float(shaken.updates.jitter) == pytest.approx(1e-11)
    assert shaken.plan.late == shaken.plan.waves == 200
    with pytest.raises(ValueError, match="`solve.jitter` must be 0 or more"):
        make(**{"solve.jitter": -1e-9})


@pytest.mark.parametrize("has_op_amps", [False, True])
def test_a_layer_adds_what_late_updates_change(has_op_amps):
    """As a wave that is another: through the DAC's resistors, whatever the op-amps."""
    crossbars = chip_of().crossbars
    assert crossbars is not None
    layer = crossbars.all_layers[0]
    if has_op_amps:
        op_amps = StaticOpAmps(OpAmp(1e2, 1e16), jnp.full(4, 1e-4), 1e-9)
        layer = dataclasses.replace(layer, op_amps=op_amps)
    v, wave = jnp.array([[0.05], [-0.02]]), jnp.linspace(-0.1, 0.1, 4)
    change = jnp.array([1e-3, 0.0, -2e-3, 3e-3])
    late = layer(v, CellNoise(wave=change[:, None]), wave)
    assert np.allclose(late, layer(v, CellNoise(), wave + change), rtol=1e-9)
    assert not np.allclose(late, layer(v, CellNoise(), wave), rtol=1e-3)
