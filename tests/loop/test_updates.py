"""Glitch and skew of a DAC's updates, and the jitter of a solve's end."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.blocks import DAC
from rram_ode.config import override_all, RunConfig
from rram_ode.loop import ClosedLoop, UpdateErrors
from rram_ode.noise import ReadNoise
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
    part = solve(quasi_static(jitter=1e-9), chip, x1[:, 7:], jnp.uint32(7))
    assert np.allclose(part, found[:, 7:], rtol=1e-12)


def test_settings():
    make = lambda **s: build_loop(
        override_all(RunConfig(), s), VPSDE(0.1, 8.0), ReadNoise()
    )
    loop = make()
    assert isinstance(loop, ClosedLoop)
    assert loop.updates is None
    assert loop.jitter is None
    with pytest.raises(ValueError, match="`dac.glitch` and `dac.skew` are errors of"):
        make(**{"dac.glitch": 1e-12, "dac.update_rate": None})
    with pytest.raises(ValueError, match="`dac.skew` must be 0 or more"):
        make(**{"dac.skew": -1e-9})
    with pytest.raises(ValueError, match="`solve.jitter` must be 0 or more"):
        make(**{"solve.jitter": -1e-9})
