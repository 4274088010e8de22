"""Circuit blocks against their closed forms."""

import re

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import (
    DAC,
    FeedbackIntegrator,
    Multiplier,
    Schedule,
    TransimpedanceAmplifier,
)
from rram_ode.chip import Chip, ScoreBlock
from rram_ode.loop import close_loop, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import GaussianScore
from rram_ode.sdes import ReverseSDE, VPSDE


R, C = 5e4, 30e-12
DURATION = 20e-6


@pytest.mark.parametrize("warp", [1.0, 1.7, 3.0])
def test_schedule(warp):
    """Noise at 0, data at T, and a rate that is minus the slope."""
    schedule, duration = Schedule(1e-3, 1.0, warp), jnp.array(DURATION)
    assert np.isclose(schedule(jnp.array(0.0), duration), 1.0, rtol=1e-12)
    assert np.isclose(schedule(duration, duration), 1e-3, rtol=1e-12)
    for share in (0.01, 0.3, 0.77, 0.99):
        slope = jax.grad(schedule)(share * duration, duration)
        assert np.isclose(schedule.rate(share * duration, duration), -slope, rtol=1e-9)


def test_quantised_codes():
    """3 bits over [-1, 1]: 8 codes of 0.25, from -1 to 0.75, ties to even."""
    x = jnp.array([-2.0, -1.0, -0.9, -0.1, 0.0, 0.12, 0.13, 0.4, 0.9, 5.0])
    wanted = [-1.0, -1.0, -1.0, 0.0, 0.0, 0.0, 0.25, 0.5, 0.75, 0.75]
    assert jnp.array_equal(DAC(3).quantise(x, 1.0), jnp.array(wanted))
    assert jnp.array_equal(DAC(3).quantise(2 * x, 2.0), 2 * jnp.array(wanted))
    assert jnp.array_equal(DAC().quantise(x, 1.0), x)


@pytest.mark.parametrize("bits", [4, 8, 12])
def test_quantisation_error(bits):
    """Uniform within half a code: variance step^2 / 12."""
    x = jnp.linspace(-0.99, 0.87, 100_003)
    step = 2.0 ** (1 - bits)
    error = np.asarray(DAC(bits).quantise(x, 1.0) - x)
    assert np.abs(error).max() <= step / 2 * (1 + 1e-9)
    assert np.isclose(np.var(error), step**2 / 12, rtol=0.02)


@pytest.mark.parametrize("dnl", [0.0, 0.5])
def test_gradient_of_codes_is_that_without_rounding(dnl):
    """By closed form, between the last codes and beyond them, in x and full scale."""
    dac = DAC(6).fabricate(dnl, key=jr.key(1)) if dnl else DAC(6)
    step, full = 2.0 / 2**5, jnp.array(2.0)
    code = lambda x, full: dac.quantise(x, full)
    by_x, by_full = jax.grad(code, 0), jax.grad(code, 1)
    place = lambda x: round(x / step) + 32
    inl = lambda k: 0.0 if dac.inl is None else float(dac.inl[k])
    for x in (-1.9, -0.4, 0.01, 0.37, 1.5):
        x = jnp.array(x)
        assert by_x(x, full) == 1.0
        # The even code goes with x, the height of its error with the full scale.
        assert np.isclose(by_full(x, full), inl(place(float(x))) / 32, atol=1e-12)
    for x, last in ((-2.5, -32), (2.5, 31)):
        x = jnp.array(x)
        assert by_x(x, full) == 0.0
        assert np.isclose(by_full(x, full), (last + inl(last + 32)) / 32, atol=1e-12)


@pytest.mark.long
def test_dac_holds_the_middle():
    """5 updates a solve, each the waveform halfway through its hold."""
    loop = close_loop(
        NetworkDrift(ReverseSDE(VPSDE(0.1, 8.0))),
        Schedule(1e-3, 1.0),
        LabClock(DURATION),
        read=ReadNoise(),
        dac=DAC(update_rate=250e3),
    )
    assert loop.plan.waves == 5 == DAC(update_rate=250e3).num_holds(DURATION)
    chip = Chip(block(), FeedbackIntegrator(R, C), ReadNoise(), jr.key(0))
    held = loop.waveforms(chip).held(5)
    middles = (np.arange(5) + 0.5) * 4e-6
    wanted = [loop.waveforms(chip)(jnp.asarray(tau)) for tau in middles]
    assert jnp.allclose(held.values, jnp.stack(wanted), rtol=1e-9)
    assert np.isclose(held.interval, 4e-6)
    edges = np.asarray(loop.grid) * 5
    assert all(np.min(np.abs(edges - n)) < 1e-9 for n in range(6))


def block():
    score = GaussianScore(VPSDE(0.1, 8.0), np.zeros(2), np.eye(2))
    return ScoreBlock(score, 2)


# The integrator.


@eqx.filter_jit
def integrate(integrator, v_in, v0, times):
    """Tsit5 over `times` with a constant input."""
    solution = dfx.diffeqsolve(
        dfx.ODETerm(lambda tau, v, args: integrator.rate(v_in, v)),
        dfx.Tsit5(),
        times[0],
        times[-1],
        None,
        v0,
        stepsize_controller=dfx.StepTo(times),
        max_steps=times.size,
    )
    assert solution.ys is not None
    return solution.ys[0]


@pytest.mark.long
def test_integrator_in_closed_form():
    """Leak, offset and mismatch: v = v_inf + (v0 - v_inf) exp(-T / tau_leak)."""
    leak, offset = 1e-6, np.array([3e-3, -2e-3])
    mismatch = np.array([0.05, -0.1])
    integrator = FeedbackIntegrator(R, C, leak, offset=offset, mismatch=mismatch)
    v_in, v0 = jnp.array([0.02, -0.03]), jnp.array([0.1, 0.2])
    end = integrate(integrator, v_in, v0, jnp.linspace(0.0, DURATION, 201))
    settled = (np.asarray(v_in) + offset) / (R * leak)
    decay = np.exp(-DURATION * leak / (C * (1 + mismatch)))
    assert np.allclose(end, settled + (np.asarray(v0) - settled) * decay, rtol=1e-9)


def test_ideal_integrator_is_a_ramp():
    v_in, v0 = jnp.array([0.02, -0.03]), jnp.array([0.1, 0.2])
    end = integrate(FeedbackIntegrator(R, C), v_in, v0, jnp.linspace(0, DURATION, 3))
    assert np.allclose(end, v0 + v_in * DURATION / (R * C), rtol=1e-12)


@pytest.mark.long
def test_rail_stops_outward_alone():
    """At the rail the voltage stays, and leaves at once when the input turns."""
    integrator = FeedbackIntegrator(R, C, v_rail=1.0)
    v_in = jnp.array([0.5, -0.5, 0.5, -0.5])
    v = jnp.array([1.0, -1.0, -1.0, 1.0])
    rate = integrator.rate(v_in, v)
    assert np.allclose(rate * R * C, [0.0, 0.0, 0.5, -0.5])
    end = integrate(integrator, v_in, 0 * v, jnp.linspace(0.0, DURATION, 2001))
    step = 0.5 * DURATION / (R * C) / 2000
    assert jnp.all((jnp.abs(end) >= 1.0) & (jnp.abs(end) < 1.0 + step))


def test_fabrication(getkey):
    """Offset and mismatch of a chip have the stated spreads; zero is exact."""
    nominal = FeedbackIntegrator(R, C)
    draw = eqx.filter_jit(nominal.fabricate)
    made = draw(50_000, jnp.array(1e-3), jnp.array(0.02), key=getkey())
    for values, std in ((made.offset, 1e-3), (made.mismatch, 0.02)):
        assert abs(float(jnp.std(values)) / std - 1) < 4 / np.sqrt(2 * 50_000)
    product = float(jnp.mean(made.offset * made.mismatch)) / 2e-5
    assert abs(product) < 4 / np.sqrt(50_000)
    plain = draw(2, jnp.array(0.0), jnp.array(0.0), key=getkey())
    assert jnp.all(plain.offset == 0)
    assert jnp.all(plain.mismatch == 0)


@eqx.filter_jit
def observed(loop, chip, x1, key):
    return loop.solve(chip, x1, key=key, num_observed=5).observation


@pytest.mark.long
def test_leak_and_white_noise_are_ornstein_uhlenbeck(getkey):
    """Mean and variance over time within 3 standard errors of the closed form.

    With data N(0, I) and a constant rate b the score is -x, so that the reverse SDE
    pulls at b / 2 and injects the density b, both per unit of diffusion time; the leak
    adds 1 / (R_leak C). Without the leak in the closed form the check fails.
    """
    rate, leak, num = 3.0, 1.5e-6, 20_000
    sde = VPSDE(rate, rate)
    score = ScoreBlock(GaussianScore(sde, np.zeros(2), np.eye(2)), 2)
    chip = Chip(score, FeedbackIntegrator(R, C, leak), ReadNoise(), jr.key(0))
    loop = close_loop(
        NetworkDrift(ReverseSDE(sde)),
        Schedule(0.0, 1.0),
        LabClock(DURATION),
        read=chip.read,
        num_steps=400,
    )
    seen = observed(loop, chip, jnp.full((2, num), 1.5), getkey())
    x = np.asarray(seen.v / score.volts_in).reshape(5, -1)
    taus = np.asarray(seen.taus)
    assert taus[0] == 0
    assert taus[-1] > 0.99 * DURATION

    def deviations(leak_rate):
        pull = rate / 2 / DURATION + leak_rate
        mean = 1.5 * np.exp(-pull * taus[1:])
        variance = rate / DURATION / (2 * pull) * -np.expm1(-2 * pull * taus[1:])
        of_mean = (x[1:].mean(axis=1) - mean) / np.sqrt(variance / x.shape[1])
        ratio = x[1:].var(axis=1) / variance
        return np.abs(np.concatenate([of_mean, (ratio - 1) * np.sqrt(x.shape[1] / 2)]))

    assert np.all(deviations(leak / C) < 3)
    assert np.max(deviations(0.0)) > 10


# Amplifier and multiplier.


def test_amplifier():
    """R_f i for each column; the rails on both sides."""
    amplifier = TransimpedanceAmplifier(jnp.array([1e5, 2e5]), 1.0)
    i = jnp.array([[1e-6, 20e-6], [-3e-6, -20e-6]])
    v = amplifier(i)
    assert np.allclose(v, [[0.1, 2.0], [-0.6, -4.0]], rtol=1e-12)
    assert np.allclose(amplifier.clip(v), [[0.1, 1.0], [-0.6, -1.0]], rtol=1e-12)
    free = TransimpedanceAmplifier(jnp.array([1e5, 2e5]))
    assert jnp.array_equal(free.clip(v), v)


def test_multiplier_names_a_duration_that_passes():
    multiplier = Multiplier(2.0)
    multiplier.check(2.0, DURATION)
    with pytest.raises(ValueError, match="above `multiplier.full_scale` = 2") as error:
        multiplier.check(5.0, DURATION)
    named = re.search(r"`solve.duration` = (\S+) s or more", str(error.value))
    assert named is not None
    duration = float(named[1])
    assert np.isclose(duration, 2.5 * DURATION, rtol=1e-3)
    multiplier.check(5.0 * DURATION / duration, duration)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Schedule(1.0, 0.5), "`t0` must be at least 0 and below `t1`"),
        (lambda: Schedule(-0.1, 0.5), "got t0 = -0.1"),
        (lambda: Schedule(0.0, 1.0, 0.5), "`warp` must be 1 or more; got 0.5"),
        (lambda: DAC(0), "`dac.bits` must be between 1 and 24"),
        (lambda: DAC(update_rate=0.0), "`dac.update_rate` must be positive"),
        (lambda: Multiplier(0.0), "`multiplier.full_scale` must be positive"),
        (lambda: FeedbackIntegrator(0.0, C), "`integrator.resistance` must be"),
        (lambda: FeedbackIntegrator(R, -C), "`integrator.capacitance` must be"),
        (lambda: FeedbackIntegrator(R, C, -1.0), "`integrator.leak` must be 0 or more"),
        (lambda: FeedbackIntegrator(R, C, v_rail=0.0), "`integrator.v_rail` must be"),
    ],
)
def test_bad_values_name_the_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()
