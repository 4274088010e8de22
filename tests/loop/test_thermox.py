"""White noise in a leaky closed loop against the exact law of thermox, 16 dimensions.

A chip of one layer without errors is a linear drift; white noise of the cells on the
constant row is additive, of its own strength in each column. So the solve is an
Ornstein-Uhlenbeck process, whose law thermox 0.0.6 gives (make_thermox_reference.py).
"""

import pathlib

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise, WhiteReadNoise
from rram_ode.scores import FourierMLP, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE


DIM, CHUNK = 16, 1000
DURATION, CAPACITANCE, PEAK, BETA = 20e-6, 30e-12, 4.0, 2.0
LEAK = 0.5  # over one solve
RANGE = ConductanceRange(8e-6, 90e-6)
READ = ReadNoise(white=WhiteReadNoise(1e-6, 5e6))


def reference():
    file = pathlib.Path(__file__).parents[1] / "reference" / "thermox.npz"
    with np.load(file) as data:
        return {name: data[name] for name in data.files}


def make_chip(drift, diffusion, leak):
    """dx = (beta/2 (x + W^T x) - leak x) ds + noise, with W from A, spread from D."""
    weights = -2 / BETA * (drift.T - leak * np.eye(DIM)) - np.eye(DIM)
    network = FourierMLP((jnp.asarray(weights),), (jnp.zeros(DIM),), jnp.zeros(1), 1.0)
    design = Design(
        Cell(RANGE, (), READ),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, CAPACITANCE, leak * CAPACITANCE / DURATION),
    )
    ranges = Ranges(PEAK, (), 20.0)
    chip = Blueprint(NetworkScore(network), design, ranges).program(jr.key(0))
    # A siemens on the constant row is a score of 1.1 PEAK / (siemens a unit weight).
    siemens = float(RANGE.span) / np.max(np.abs(weights), axis=0)
    score = BETA / 2 * 1.1 * PEAK / siemens
    hold = 0.5 / 5e6 / DURATION
    std = np.sqrt(np.diag(diffusion) / hold) / score
    spread = np.zeros((DIM + 1, DIM))
    spread[-1] = std
    where = lambda chip: chip.score.layers[0].crossbar.white_std
    return eqx.tree_at(where, chip, jnp.asarray(spread))


@eqx.filter_jit
def solve(loop, chip, start, num):
    x1 = jnp.broadcast_to(start[:, None], (DIM, CHUNK))

    def chunk(n):
        first = (n * CHUNK).astype(jnp.uint32)
        return loop.solve(chip, x1, first=first).x0

    parts = jax.lax.map(chunk, jnp.arange(num // CHUNK))
    return jnp.moveaxis(parts, 0, 1).reshape(DIM, num)


def chi_square(x, mean, covariance):
    """p of 16 means and 136 covariances in whitened coordinates, all in one."""
    white = np.linalg.solve(np.linalg.cholesky(covariance), x - mean[:, None])
    num = x.shape[1]
    means = white.mean(axis=1) * np.sqrt(num)
    second = (white @ white.T / num - np.eye(DIM)) * np.sqrt(num)
    diagonal = np.diag(second) / np.sqrt(2)
    pairs = second[np.triu_indices(DIM, 1)]
    total = np.sum(means**2) + np.sum(diagonal**2) + np.sum(pairs**2)
    return st.chi2.sf(total, DIM + DIM * (DIM + 1) / 2)


@pytest.mark.parametrize("num", [6000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_white_noise_and_leak_have_the_exact_law(num):
    """The mutants: no leak; noise 5 % too strong; the drift transposed."""
    law = reference()
    drift, mean, covariance = law["drift"], law["mean"], law["covariance"]
    flow = ProbabilityFlow(VPSDE(BETA, BETA))
    clock = LabClock(DURATION)
    loop = close_loop(
        NetworkDrift(flow), Schedule(0.0, 1.0), clock, read=READ, num_steps=200
    )
    start = jnp.asarray(law["start"])
    run = lambda chip: np.asarray(solve(loop, chip, start, num))
    chip = make_chip(drift, law["diffusion"], LEAK)
    x = run(chip)
    assert chi_square(x, mean, covariance) > 1e-3
    louder = mean[:, None] + 1.05 * (x - mean[:, None])
    assert chi_square(louder, mean, covariance) < 1e-6
    dry = eqx.tree_at(lambda chip: chip.integrator.leak, chip, jnp.array(0.0))
    assert chi_square(run(dry), mean, covariance) < 1e-6
    turned = run(make_chip(drift.T, law["diffusion"], LEAK))
    assert chi_square(turned, mean, covariance) < 1e-6
