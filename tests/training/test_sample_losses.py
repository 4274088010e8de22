"""Losses of samples, and what they tune through a solve."""

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.chip import AnalogNetwork, Blueprint, no_trims, Ranges, TrimmedNetwork
from rram_ode.config import idealise, NetworkConfig, replace
from rram_ode.datasets import Ring
from rram_ode.loop import ClosedLoop
from rram_ode.metrics import mmd, sliced_wasserstein
from rram_ode.presets import PRESETS
from rram_ode.sdes import VPSDE
from rram_ode.system import build_design, build_loop
from rram_ode.training import mmd_loss, sliced_wasserstein_loss, tune, untrained


SDE = VPSDE(0.001, 0.5)


def test_losses_are_the_metrics():
    x, y = 0.5 * jr.normal(jr.key(1), (2, 2, 40))
    metric = sliced_wasserstein(np.asarray(x.T), np.asarray(y.T), num_directions=32)
    assert float(sliced_wasserstein_loss(x, y)) == pytest.approx(metric**2, rel=1e-9)
    assert float(sliced_wasserstein_loss(x, x)) == 0.0
    value = mmd(np.asarray(x.T), np.asarray(y.T), bandwidth=0.3)
    assert float(mmd_loss(x, y, 0.3)) == pytest.approx(value, rel=1e-9)
    with pytest.raises(ValueError, match=r"of shape \(2, samples\)"):
        sliced_wasserstein_loss(jnp.ones((3, 4)), jnp.ones((3, 4)))


@functools.cache
def machine(*more):
    """A loop with a leak, and a small chip with write errors, trimmed to nothing."""
    config = dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )
    for name, value in {
        "cell.write.std": 1e-6,
        "integrator.leak": 1e8,
        "solve.num_steps": 12,
        **dict(more),
    }.items():
        config = replace(config, name, value)
    design = build_design(config)
    score = untrained(
        2, NetworkConfig((6, 6)), SDE, key=jr.key(1), frequency_key=jr.key(2)
    )
    ranges = Ranges(4.0, (4.0, 4.0), 8.0)
    chip = Blueprint(score, design, ranges).program(jr.key(5))
    assert isinstance(chip.score, AnalogNetwork)
    trims = no_trims(chip.score, jnp.linspace(0.0, 1.0, 3))
    trimmed = TrimmedNetwork(chip.score, trims)
    loop = build_loop(config, SDE, design.cell.read)
    assert isinstance(loop, ClosedLoop)
    return loop, dataclasses.replace(chip, score=trimmed)


WHERE = {
    "conductances": lambda m: m[1].score.network.layers[1].crossbar.g_pos,
    "duration": lambda m: m[0].clock.duration,
    "beta": lambda m: m[0].drift.process.sde.beta_max,
    "feedback": lambda m: m[1].score.network.layers[0].amplifier.feedback_resistance,
    "gains": lambda m: m[1].score.trims.gains[1],
    "volts": lambda m: m[1].score.network.volts_per_unit[1],
    "waveforms": lambda m: m[1].score.trims.offsets[1],
    "frequencies": lambda m: m[1].score.network.frequencies,
}


LOSSES = {"sliced": sliced_wasserstein_loss, "mmd": mmd_loss}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "loss"),
    [*((name, "sliced") for name in WHERE), ("waveforms", "mmd"), ("duration", "mmd")],
)
def test_gradients_by_finite_differences(name, loss):
    """Of everything at once in one direction, in x64."""
    where, distance = WHERE[name], LOSSES[loss]
    picked = where(machine())
    direction = jr.normal(jr.key(8), picked.shape)
    size = jnp.where(jnp.any(picked != 0), jnp.mean(jnp.abs(picked)), 1.0)
    x1, data = jr.normal(jr.key(3), (2, 2, 24))

    @jax.jit
    @jax.value_and_grad
    def along(shift):
        moved = picked + shift * size * direction
        loop, chip = eqx.tree_at(where, machine(), moved)
        return distance(loop.solve(chip, x1).x0, data)

    h = 1e-5
    slope = (along(jnp.array(h))[0] - along(jnp.array(-h))[0]) / (2 * h)
    gradient = along(jnp.zeros(()))[1]
    assert abs(slope) > 1e-6
    assert np.isclose(gradient, slope, rtol=1e-4)
    # The mutant: a gradient that is a thousandth too large.
    assert not np.isclose(1.001 * gradient, slope, rtol=1e-4)


def test_tuning_refuses_a_duration_that_has_no_gradient():
    """Updates of the DAC keep their edges while the steps stretch."""
    loop, chip = machine(("dac.update_rate", 10e6))
    where = lambda m: (WHERE["waveforms"](m), WHERE["duration"](m))
    with pytest.raises(ValueError, match="`solve.duration` has no gradient with `dac"):
        tune(loop, chip, where, Ring(), num_samples=8, steps=1, key=jr.key(2))


@pytest.mark.slow
def test_tuning_lowers_the_loss_of_fresh_samples():
    """Waveforms and the time of a solve together: a scale of 1 and one of 2e-5."""
    where = lambda m: (WHERE["waveforms"](m), WHERE["duration"](m))
    loop, chip = machine()
    found = tune(
        loop,
        chip,
        where,
        Ring(),
        num_samples=128,
        steps=60,
        learning_rate=0.2,
        key=jr.key(2),
    )
    assert float(found.losses[-10:].mean()) < float(found.losses[:10].mean())
    fresh, data = jr.normal(jr.key(9), (2, 512)), Ring().sample(512, key=jr.key(10)).T
    at = lambda a, b: float(sliced_wasserstein_loss(a.solve(b, fresh).x0, data))
    # The same starts and data for both.
    assert at(found.loop, found.chip) < 0.95 * at(loop, chip)
    assert float(found.loop.clock.duration) != float(loop.clock.duration)


@pytest.mark.slow
def test_reparameterised_noise_against_a_score_function_estimate():
    r"""$\nabla_w E f(w + s \epsilon)$ by both estimators of the same expectation.

    Score function: $f(w + s\epsilon)\,\epsilon / s$, with $f(w)$ as its baseline.
    """
    score = untrained(
        2, NetworkConfig((6, 6)), SDE, key=jr.key(1), frequency_key=jr.key(2)
    )
    x = jr.normal(jr.key(4), (2, 16))
    w, std = score.network.weights[1], 0.05
    direction = jr.normal(jr.key(6), w.shape)

    def f(w):
        network = eqx.tree_at(lambda n: n.weights[1], score.network, w)
        return jnp.mean(network(jnp.array(0.4), x) ** 2)

    def both(key):
        noise = jr.normal(key, w.shape)
        slope = jnp.sum(jax.grad(f)(w + std * noise) * direction)
        rise = f(w + std * noise) - f(w)
        return slope, rise * jnp.sum(noise * direction) / std

    slopes, estimates = map(
        np.asarray, jax.jit(jax.vmap(both))(jr.split(jr.key(7), 100_000))
    )
    gap = slopes - estimates
    error = np.std(gap, ddof=1) / np.sqrt(gap.size)
    assert abs(gap.mean()) < 3 * error
    # The mutant: a twentieth more gradient.
    assert abs((1.05 * slopes - estimates).mean()) > 3 * error
