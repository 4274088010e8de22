"""Log-likelihoods along the flow against the densities of Gaussian mixtures."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import DAC, FeedbackIntegrator, Schedule
from rram_ode.chip import Chip, ScoreBlock
from rram_ode.loop import close_loop, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise, WhiteReadNoise
from rram_ode.samplers import HutchinsonDivergence, log_likelihood, loop_log_likelihood
from rram_ode.scores import MixtureScore
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VPSDE


SDE, T0, T1 = VPSDE(0.1, 8.0), 1e-3, 1.0
FLOW = ProbabilityFlow(SDE)


def mixture(dim):
    means, weights = 0.8 * jr.normal(jr.key(dim), (3, dim)), jnp.array([0.5, 0.3, 0.2])
    return MixtureScore(SDE, means, jnp.array([0.2, 0.3, 0.5]), weights)


def at(score, t):
    return lambda x: score.log_prob(jnp.asarray(t), x)


def samples(score, num, key):
    """Of p at t0."""
    data_key, noise_key = jr.split(key)
    mean_factor, std = SDE.marginal(jnp.asarray(T0))
    data = score.sample(num, key=data_key).T
    return mean_factor * data + std * jr.normal(noise_key, data.shape)


@pytest.mark.slow
@pytest.mark.parametrize("dim", [2, 8])
def test_exact_score_has_the_exact_density(dim, getkey):
    score = mixture(dim)
    x0 = samples(score, 32, getkey())
    got = log_likelihood(FLOW, score, at(score, T1), x0, T0, T1)
    wanted = score.log_prob(jnp.asarray(T0), x0)
    np.testing.assert_allclose(got, wanted, atol=1e-4, rtol=0)
    # The mutant: a unit normal at t1 is no marginal of this process.
    unit = lambda x: -jnp.sum(x**2 + jnp.log(2 * jnp.pi), axis=0) / 2
    wrong = log_likelihood(FLOW, score, unit, x0, T0, T1)
    assert abs(np.mean(wrong - wanted)) > 1e-3


@pytest.mark.slow
def test_probes_have_the_mean_of_the_exact_divergence(getkey):
    score = mixture(8)
    x0 = jnp.repeat(samples(score, 4, getkey()), 64, axis=1)
    probe = HutchinsonDivergence(4)
    got = log_likelihood(
        FLOW, score, at(score, T1), x0, T0, T1, divergence=probe, key=getkey()
    )
    gap = np.asarray(got - score.log_prob(jnp.asarray(T0), x0)).reshape(4, 64)
    error = gap.std(1, ddof=1) / 8
    assert (error > 0).all()
    assert (np.abs(gap.mean(1)) < 4 * error).all()
    with pytest.raises(ValueError, match="needs a `key`"):
        log_likelihood(FLOW, score, at(score, T1), x0, T0, T1, divergence=probe)
    with pytest.raises(ValueError, match="`num_probes` must be 1 or more; got 0"):
        HutchinsonDivergence(0)


def machine(score, **kwargs):
    integrator = FeedbackIntegrator(30e3, 10e-12)
    chip = Chip(ScoreBlock(score, 2), integrator, ReadNoise(), jr.key(0))
    clock, kwargs = LabClock(20e-6, 1e-6), {"read": chip.read, **kwargs}
    return close_loop(NetworkDrift(FLOW), Schedule(T0, T1), clock, **kwargs), chip


@pytest.mark.long
def test_the_loop_has_the_exact_density_of_its_samples(getkey):
    score = mixture(2)
    loop, chip = machine(score)
    x0 = samples(score, 32, getkey())
    got = loop_log_likelihood(loop, chip, at(score, T1), x0)
    wanted = score.log_prob(jnp.asarray(T0), x0)
    np.testing.assert_allclose(got, wanted, atol=1e-4, rtol=0)


@pytest.mark.slow
def test_a_leak_changes_the_density_as_a_finite_difference_of_the_solve(getkey):
    """log p(x_T) = log p(x_0) - log |det dx_T / dx_0|, by the solve's Jacobian."""
    loop, chip = machine(mixture(2), num_steps=800)
    leaky = dataclasses.replace(chip.integrator, leak=2e-7)
    chip = dataclasses.replace(chip, integrator=leaky)
    x1 = jr.normal(getkey(), (2, 4))
    solve = eqx.filter_jit(lambda x: loop.solve(chip, x[:, None]).x0[:, 0])
    base = lambda x: -jnp.sum(x**2 + jnp.log(2 * jnp.pi), axis=0) / 2
    ends = jnp.stack([solve(x) for x in x1.T], axis=1)
    slopes = jnp.stack([jax.jacrev(solve)(x) for x in x1.T])
    wanted = base(x1) - jnp.linalg.slogdet(slopes)[1]
    got = loop_log_likelihood(loop, chip, base, ends)
    np.testing.assert_allclose(got, wanted, atol=1e-3, rtol=0)
    perfect, sound = machine(mixture(2))
    other = loop_log_likelihood(perfect, sound, base, ends)
    assert np.abs(np.asarray(other - wanted)).max() > 1e-2


def test_what_has_no_likelihood_is_refused():
    score, x0 = mixture(2), jnp.zeros((2, 1))
    base = at(score, T1)
    with pytest.raises(ValueError, match="take `ProbabilityFlow`"):
        log_likelihood(ReverseSDE(SDE), score, base, x0, T0, T1)
    with pytest.raises(ValueError, match="`beta_factor` of 1; got 1.7"):
        log_likelihood(ProbabilityFlow(SDE, 1.7), score, base, x0, T0, T1)
    read = ReadNoise(WhiteReadNoise(1e-7, 1e6))
    noisy, chip = machine(score, read=read)
    with pytest.raises(ValueError, match="the loop has white noise"):
        loop_log_likelihood(noisy, chip, base, x0)
    stepped, chip = machine(score, dac=DAC(bits=8))
    with pytest.raises(ValueError, match="`dac.bits` and `dac.update_rate` to None"):
        loop_log_likelihood(stepped, chip, base, x0)
