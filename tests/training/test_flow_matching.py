"""Flow matching on Gaussian data, where the velocity has a closed form."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from jaxtyping import Array, Float
from rram_ode import sample, train
from rram_ode.blocks import DAC, FeedbackIntegrator, Schedule
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.config import NetworkConfig, SDEConfig, TrainConfig
from rram_ode.crossbar import DifferentialPair
from rram_ode.datasets import AbstractDataset
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, LoopHeun, NetworkDrift
from rram_ode.noise import LabClock
from rram_ode.samplers import DIGITAL_SAMPLERS, Euler, Heun, log_likelihood, Tsit5
from rram_ode.scores import (
    AbstractScore,
    fourier_mlp,
    GaussianScore,
    NetworkScore,
    VelocityReadout,
)
from rram_ode.sdes import flow_along, ProbabilityFlow, StraightPath, VelocityFlow, VPSDE
from rram_ode.training import (
    denoising_loss,
    draw_batch,
    fit,
    forward_process,
    network_losses,
    TrainingChips,
    untrained,
)
from rram_ode.training._chip_loss import chip_losses


PATH, FLOW = StraightPath(), VelocityFlow()
MEAN, STDS = np.array([0.3, -0.2]), np.array([0.4, 0.9])
RANGE = ConductanceRange(8e-6, 90e-6)
RANGES = Ranges(5.0, (10.0, 10.0), 10.0)


class Gaussian(AbstractDataset):
    mean: Float[Array, " dim"] = eqx.field(converter=jnp.asarray)
    stds: Float[Array, " dim"] = eqx.field(converter=jnp.asarray)
    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "20 % wider"

    def sample(self, num_samples, *, key):
        return self.mean[None] + self.stds[None] * jr.normal(key, (num_samples, 2))

    def sample_noticeable(self, num_samples, *, key):
        return Gaussian(self.mean, 1.2 * self.stds).sample(num_samples, key=key)


DATA = Gaussian(MEAN, STDS)


def slope_and_variance(t):
    """Of z - x_0 over x_t, and what is left of its variance; `(..., 2)`."""
    t = np.asarray(t)[..., None]
    covariance = t - (1 - t) * STDS**2
    variance = (1 - t) ** 2 * STDS**2 + t**2
    return covariance / variance, 1 + STDS**2 - covariance**2 / variance


def exact(t, x):
    """E[z - x_0 | x_t = x] by the regression of two Gaussians, for `(2, *samples)`."""
    mean = jnp.asarray(MEAN).reshape(2, *[1] * (x.ndim - 1))
    variance = jnp.asarray(STDS**2).reshape(mean.shape)
    covariance = t - (1 - t) * variance
    rest = x - (1 - t) * mean
    return -mean + covariance / ((1 - t) ** 2 * variance + t**2) * rest


class Exact(AbstractScore):
    @property
    def dim(self):
        return 2

    def __call__(self, t, x, *, label=None):
        return exact(t, x)


def map_of_the_flow(x1):
    """The closed form: a Gaussian flow scales and shifts."""
    return MEAN[:, None] + STDS[:, None] * np.asarray(x1)


def velocity_network(**changes):
    network = fourier_mlp(2, (14, 14), key=jr.key(0), **changes)
    return NetworkScore(network, VelocityReadout())


@eqx.filter_jit
def run(sampler, process, score, x1, ts):
    return sampler(process, score, x1, ts)


def test_velocity_is_that_of_the_paths_probability_flow(getkey):
    """Two computations: a regression, and the drift and score of the diffusion."""
    score = GaussianScore(PATH, MEAN, np.diag(STDS**2))
    for t in map(jnp.asarray, (0.05, 0.5, 0.95)):
        x = jr.normal(getkey(), (2, 5))
        other = ProbabilityFlow(PATH).velocity(score, t, x)
        np.testing.assert_allclose(FLOW.velocity(exact, t, x), other, rtol=1e-9)


def test_drift_and_diffusion_are_those_of_the_marginal():
    """m' = f m and (std^2)' = 2 f std^2 + g^2."""
    for t in map(jnp.asarray, (0.1, 0.7)):
        (m, std), (dm, dstd) = jax.jvp(PATH.marginal, (t,), (jnp.ones(()),))
        f, g = PATH.drift_factor(t), PATH.diffusion(t)
        np.testing.assert_allclose(dm, f * m, rtol=1e-12)
        np.testing.assert_allclose(2 * std * dstd, 2 * f * std**2 + g**2, rtol=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("sde", [PATH, VPSDE(0.1, 8.0)], ids=["straight", "vp"])
def test_target_is_the_rate_of_the_noised_data(sde, getkey):
    key = getkey()
    batch = draw_batch(DATA, sde, 7, 0.05, VelocityReadout(), key=key)
    data_key, _, noise_key = jr.split(key, 3)
    data = np.asarray(DATA.sample(7, key=data_key).T)
    z = np.asarray(jr.normal(noise_key, (2, 7)))
    for n, t in enumerate(batch.t):

        def at(t, n=n):
            mean_factor, std = sde.marginal(t)
            return mean_factor * data[:, n] + std * z[:, n]

        np.testing.assert_allclose(batch.x[:, n], at(t), rtol=1e-12)
        rate = (at(t + 1e-5) - at(t - 1e-5)) / 2e-5
        np.testing.assert_allclose(batch.target[:, n], rate, rtol=1e-6, atol=1e-6)
    if sde is PATH:
        np.testing.assert_allclose(batch.target, z - data, rtol=1e-12)


def test_exact_velocity_has_the_known_smallest_loss(getkey):
    @jax.jit
    @jax.vmap
    def values(key):
        batch = draw_batch(DATA, PATH, 512, 1e-3, VelocityReadout(), key=key)

        def loss(shift):
            near = lambda t, x: exact(t, x) + shift[0] * x + shift[1]
            return denoising_loss(near, batch)

        return jax.value_and_grad(loss)(jnp.zeros(2))

    losses, slopes = map(np.asarray, values(jr.split(getkey(), 256)))
    error = lambda x: x.std(0, ddof=1) / np.sqrt(len(x))
    times = 1e-3 + (1 - 1e-3) * (np.arange(20_000) + 0.5) / 20_000
    smallest = slope_and_variance(times)[1].mean()
    assert error(losses) < 0.005 * losses.mean()
    assert abs(losses.mean() - smallest) < 4 * error(losses)
    assert (np.abs(slopes.mean(0)) < 4 * error(slopes)).all()


@pytest.mark.long
def test_a_fit_comes_near_the_smallest_loss():
    plan = TrainConfig(
        steps=1000,
        batch=64,
        learning_rate=1e-2,
        warmup=50,
        ema=0.9,
        weight_noise=0.0,
        column_noise=0.0,
        saturation_weight=0.0,
        noise_draws=1,
        t_min=1e-3,
    )
    config = NetworkConfig((8, 8), "velocity", output_factor=1.0)
    path = forward_process(config, SDEConfig())
    keys = {"key": jr.key(1), "frequency_key": jr.key(2)}
    score = untrained(2, config, path, **keys)
    assert isinstance(score.readout, VelocityReadout)
    losses = fit(score, path, DATA, plan).losses
    times = 1e-3 + (1 - 1e-3) * (np.arange(20_000) + 0.5) / 20_000
    smallest = slope_and_variance(times)[1].mean()
    # 500 steps of 64 samples in 2 axes: the mean loss has an error of 0.6 %.
    assert 0.98 * smallest < losses[-1] < 1.05 * smallest < losses[0]


@pytest.mark.parametrize(
    ("sampler", "order"), [(Euler(), 1), (Heun(), 2), (Tsit5(), 5)], ids=str
)
def test_exact_velocity_transports_a_gaussian(sampler, order, getkey):
    """From the unit normal at t = 1 to the data itself at t = 0, in every sample."""
    x1 = jr.normal(getkey(), (2, 8))
    counts, errors = np.array([64, 128]), []
    for n in counts:
        x0 = run(sampler, FLOW, exact, x1, jnp.linspace(1.0, 0.0, n + 1))
        errors.append(np.abs(x0 - map_of_the_flow(x1)).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.3)
    assert errors[1] < {1: 2e-2, 2: 1e-3, 5: 1e-8}[order]


@pytest.mark.slow
def test_likelihood_is_that_of_the_data(getkey):
    unit = lambda x: -jnp.sum(x**2 + jnp.log(2 * jnp.pi), axis=0) / 2
    x0 = DATA.sample(16, key=getkey()).T

    got = log_likelihood(FLOW, Exact(), unit, x0, 0.0, 1.0)
    z = (np.asarray(x0) - MEAN[:, None]) / STDS[:, None]
    wanted = unit(z) - np.log(STDS).sum()
    np.testing.assert_allclose(got, wanted, atol=1e-4)


@pytest.mark.long
def test_ideal_chip_is_the_digital_sampler(getkey):
    score = velocity_network(output_factor=5.0)
    integrator = FeedbackIntegrator(5e4, 30e-12)
    design = Design(Cell(RANGE), DifferentialPair(RANGE), integrator=integrator)
    chip = Blueprint(score, design, RANGES).program(jr.key(3))
    schedule, clock = Schedule(0.0, 1.0), LabClock(20e-6, 12e-6)
    loop = close_loop(
        NetworkDrift(FLOW, VelocityReadout()),
        schedule,
        clock,
        read=chip.read,
        solver=LoopHeun(),
        num_steps=50,
    )
    x1 = jr.normal(getkey(), (2, 16))
    ts = schedule(loop.times, loop.clock.duration)
    wanted = run(Heun(), FLOW, score, x1, ts)
    got = eqx.filter_jit(lambda x1: loop.solve(chip, x1).x0)(x1)
    assert np.abs(np.asarray(wanted - x1)).max() > 0.1
    np.testing.assert_allclose(got, wanted, atol=1e-8)
    # Nothing of the state, and a constant: -RC / T times volts over volts.
    factors = eqx.filter_vmap(loop.waveforms(chip).factors)(loop.times)
    ratio = chip.score.volts_in / chip.score.volts_out
    np.testing.assert_array_equal(factors[:, 0], 0.0)
    np.testing.assert_allclose(factors[:, 1], -5e4 * 30e-12 / 20e-6 * ratio)


@pytest.mark.slow
def test_training_on_errorless_chips_has_the_loss_of_the_network(getkey):
    score = velocity_network()
    batch = draw_batch(DATA, PATH, 16, 1e-3, VelocityReadout(), key=getkey())
    integrator = FeedbackIntegrator(5e4, 30e-12)
    design = Design(Cell(RANGE), DifferentialPair(RANGE), integrator=integrator)
    made = TrainingChips(design)
    off = jnp.zeros(())

    @eqx.filter_jit
    def both():
        chip = made.program(score, RANGES, off, key=jr.key(0))
        read = made.design.cell.read
        on_chip = chip_losses(chip, batch, read, DAC(), 1.0, off, key=jr.key(1))
        return on_chip, network_losses(score, batch, 1.0)

    on_chip, bare = both()
    np.testing.assert_allclose(on_chip, bare, rtol=1e-9)


@pytest.mark.parametrize("name", ["dpm-solver++", "ancestral", "euler-maruyama"])
def test_samplers_of_a_diffusion_refuse_a_velocity(name):
    sampler = DIGITAL_SAMPLERS[name]()
    with pytest.raises(ValueError, match="got VelocityFlow.*: Euler, Heun, Tsit5"):
        sampler.check(FLOW)
    with pytest.raises(ValueError, match="Euler, Heun.*Tsit5"):
        sampler.check(sampler.process_along(PATH))


def test_there_is_no_beta():
    with pytest.raises(ValueError, match="`beta_factor` must be 1 .*; got 1.7"):
        flow_along(PATH, 1.7)
    with pytest.raises(ValueError, match="`sde.beta_max` is 8, .*leave it at 0.5"):
        forward_process(NetworkConfig(prediction="velocity"), SDEConfig(beta_max=8.0))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--sampler=dpm-solver++", "got VelocityFlow"),
        ("--set=solve.process=reverse-sde", "`solve.process` probability-flow"),
        ("--set=solve.beta_factor=2", "`beta_factor` must be 1"),
        ("--set=sde.beta_max=3", "`sde.beta_max` is 3"),
    ],
)
def test_command_refuses_what_a_velocity_cannot_do(option, message, refusal):
    assert message in refusal(sample.main, "ring-flow", option)


@pytest.mark.slow
def test_training_and_sampling_by_command(tmp_path, run):
    folder = tmp_path / "checkpoint"
    steps = ("train.steps=20", "network.widths=8,8", "train.batch=64")
    settings = [part for text in steps for part in ("--set", text)]
    status, _, err = run(train.main, "ring-flow", *settings, "--out", folder)
    assert status == 0, err
    common = ("ring-flow", "--checkpoint", folder, "--num-samples", 200)
    done = run(sample.main, *common, "--sampler", "tsit5", "--out", tmp_path / "run")
    assert done[0] == 0, done[2]
    with np.load(tmp_path / "run" / "samples.npz") as file:
        assert np.isfinite(file["analog"]).all()
    # Errorless and on one grid, the chip is its digital twin.
    ideal = ("--set", "fidelity=ideal", "--out", tmp_path / "ideal")
    done = run(sample.main, *common, *ideal)
    assert done[0] == 0, done[2]
    with np.load(tmp_path / "ideal" / "samples.npz") as file:
        np.testing.assert_allclose(file["analog"], file["digital"], atol=1e-6)
