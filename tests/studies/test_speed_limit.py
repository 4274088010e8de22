"""Phase margins against textbook loops, rates against exact flows, bands by hand."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Chip, ScoreBlock
from rram_ode.loop import close_loop, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import GaussianScore
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.studies import loop_rates, phase_margin, speed_limit


def margin(score, direct, *poles):
    return float(
        phase_margin(np.array(score), np.array(float(direct)), np.array(poles))
    )


def test_an_integrator_and_one_pole():
    """At k = p the classical 51.8 degrees: the crossing is p sqrt((sqrt 5 - 1) / 2)."""
    crossing = np.sqrt((np.sqrt(5) - 1) / 2)
    wanted = 90 - np.degrees(np.arctan(crossing))
    assert np.isclose(margin(-3.0, 0, 3.0), wanted, atol=1e-6)
    assert np.isclose(wanted, 51.827, atol=1e-3)
    assert np.isclose(margin(-1e-6, 0, 1.0), 90, atol=1e-3)
    assert abs(margin(-3.0, 0, 3.1) - wanted) > 0.3  # the mutant


def test_two_poles_end_where_routh_says():
    """s (1 + s/p)^2 + k is unstable from k = 2 p on."""
    assert np.isclose(margin(-2.0, 0, 1.0, 1.0), 0, atol=1e-5)
    assert margin(-1.9, 0, 1.0, 1.0) > 0 > margin(-2.1, 0, 1.0, 1.0)


def test_a_growing_path_costs_margin_and_a_weak_network_has_all():
    """s - a + k: the crossing at sqrt(k^2 - a^2), the margin 90 - asin(a / k)."""
    wanted = np.degrees(np.arctan2(np.sqrt(3.0), 1.0))
    assert np.isclose(margin(-2.0, 1.0, 1e12), wanted, atol=1e-6)
    assert margin(-0.5, 1.0, 1.0) == np.inf
    # Where the network pushes apart, the flow itself grows.
    assert margin(2.0, 0, 1.0) == np.inf


@pytest.mark.long
def test_rates_of_a_gaussian_flow():
    """score = -x / variance(t): the exact Jacobian at each time, leak included."""
    sde, spread, duration = VPSDE(0.1, 8.0), 0.5, 2e-5
    process = ProbabilityFlow(sde)
    loop = close_loop(
        NetworkDrift(process),
        Schedule(1e-3, 1.0),
        LabClock(duration, 1e-5),
        read=ReadNoise(),
    )
    none = jnp.zeros(())
    blank = FeedbackIntegrator(5e5, 3e-11, 1e-9)
    integrator = blank.fabricate(2, none, none, key=jr.key(0))
    score = GaussianScore(sde, jnp.zeros(2), spread**2 * jnp.eye(2))
    chip = Chip(ScoreBlock(score, 2), integrator, ReadNoise(), jr.key(0))
    taus = jnp.linspace(0, duration, 7)
    found = loop_rates(loop, chip, 0.01 * jnp.ones((7, 2)), taus)
    t = jnp.linspace(1.0, 1e-3, 7)
    factor, std = map(jnp.stack, zip(*map(sde.marginal, t), strict=True))
    beta = 0.1 + t * 7.9
    rate = (1 - 1e-3) / duration
    wanted = -0.5 * beta * rate / (factor**2 * spread**2 + std**2)
    np.testing.assert_allclose(found.score.real, jnp.stack([wanted] * 2, 1), rtol=1e-6)
    np.testing.assert_allclose(found.score.imag, 0, atol=1e-6)
    leak = 1e-9 / 3e-11
    np.testing.assert_allclose(found.direct, 0.5 * beta * rate - leak, rtol=1e-6)


def test_the_band_is_the_unbroken_run():
    rng = np.random.default_rng(0)
    reference = 1 + 0.1 * rng.normal(size=6)
    worse = (1e-7, 1e-6, 1e-4)
    distances = {
        duration: reference + (2.0 if duration in worse else 0.1) + 0.01 * reference
        for duration in (1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 1e-3)
    }
    band = speed_limit(distances, reference, around=1e-5, margin=1.0)
    assert (band.shortest, band.longest) == (3e-6, 3e-5)
    assert band.verdicts[3e-7].is_as_good  # passes, but beyond a gap
    none = speed_limit(distances, reference, around=1e-6, margin=1.0)
    assert (none.shortest, none.longest) == (None, None)
    wide = speed_limit(distances, reference, around=1e-5, margin=3.0)
    assert (wide.shortest, wide.longest) == (1e-7, 1e-3)
    with pytest.raises(ValueError, match="`around` must be one of"):
        speed_limit(distances, reference, around=2e-5, margin=1.0)
