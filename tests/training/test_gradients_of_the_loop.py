"""Gradients through the closed loop against finite differences, in x64."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import Schedule
from rram_ode.chip import Blueprint, Ranges
from rram_ode.config import idealise, NetworkConfig, replace
from rram_ode.presets import PRESETS
from rram_ode.sdes import VPSDE
from rram_ode.system import build_design, build_loop
from rram_ode.training import untrained


SDE = VPSDE(0.001, 0.5)


def configuration():
    """Write noise and a leak, whose effect grows with T_solve."""
    config = dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )
    changes = {
        "cell.write.std": 1e-6,
        "integrator.leak": 1e8,
        "solve.num_steps": 20,
    }
    for name, value in changes.items():
        config = replace(config, name, value)
    return config


CONFIG = configuration()
DESIGN = build_design(CONFIG)
LOOP = build_loop(CONFIG, SDE, DESIGN.cell.read)
SCORE = untrained(2, NetworkConfig((6, 6)), SDE, key=jr.key(1), frequency_key=jr.key(2))
RANGES = Ranges(4.0, (4.0, 4.0), 8.0)
X1 = jr.normal(jr.key(3), (2, 24))


def loss(chip, loop):
    """A smooth statistic of the samples."""
    x0 = loop.solve(chip, X1).x0
    return jnp.mean(jnp.sqrt(jnp.sum(x0**2, axis=0))) + x0[0, 0]


def by_weight(shift):
    where = lambda s: s.network.weights[1]
    moved = eqx.tree_at(where, SCORE, where(SCORE).at[2, 3].add(shift))
    return loss(Blueprint(moved, DESIGN, RANGES).program(jr.key(5)), LOOP)


def by_conductance(shift):
    chip = Blueprint(SCORE, DESIGN, RANGES).program(jr.key(5))
    where = lambda c: c.score.layers[1].crossbar.g_pos
    moved = eqx.tree_at(where, chip, where(chip).at[2, 3].add(50e-6 * shift))
    return loss(moved, LOOP)


def by_duration(shift):
    chip = Blueprint(SCORE, DESIGN, RANGES).program(jr.key(5))
    where = lambda x: x.clock.duration
    return loss(chip, eqx.tree_at(where, LOOP, where(LOOP) * (1 + shift)))


def by_beta(shift):
    chip = Blueprint(SCORE, DESIGN, RANGES).program(jr.key(5))
    where = lambda x: x.drift.process.sde.beta_max
    return loss(chip, eqx.tree_at(where, LOOP, where(LOOP) * (1 + shift)))


@pytest.mark.slow
@pytest.mark.parametrize("of", [by_weight, by_conductance, by_duration, by_beta])
def test_gradient_by_finite_differences(of):
    both = jax.jit(jax.value_and_grad(of))
    h = 1e-5
    values = [float(both(jnp.array(x))[0]) for x in (h, -h)]
    slope = (values[0] - values[1]) / (2 * h)
    gradient = float(both(jnp.zeros(()))[1])
    assert abs(slope) > 1e-4
    assert np.isclose(gradient, slope, rtol=1e-4)
    # The mutant: a gradient that is a thousandth too large.
    assert not np.isclose(1.001 * gradient, slope, rtol=1e-4)


@pytest.mark.parametrize("warp", [1.0, 2.0])
def test_gradient_of_the_schedule_at_the_end_of_a_solve(warp):
    """Where 1 - tau / T is 0 the rate is (t1 - t0) / T for warp 1, and 0 beyond."""
    schedule = Schedule(1e-3, 1.0, warp)
    rate = lambda duration: schedule.rate(duration, duration)
    value, slope = jax.value_and_grad(rate)(jnp.array(2e-5))
    expected = (1 - 1e-3) / 2e-5 if warp == 1 else 0.0
    assert float(value) == pytest.approx(expected)
    assert float(slope) == pytest.approx(-expected / 2e-5)
