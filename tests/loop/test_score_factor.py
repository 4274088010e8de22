r"""A larger score undoes what white noise of the circuit widens.

Data N(0, 1) stay N(0, 1) along a variance-preserving diffusion, and their score is -x:
the flow stands still, and noise $\lambda g$ widens it to $1 + \lambda^2 \int \beta$.
With the factor $f = 1 + \lambda^2$ the law is N(0, 1) again. Noise of the score's own
cells passes the same multiplier: there $f = 1 + f^2 \lambda^2$.
"""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, ClosedLoop, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise, WhiteReadNoise
from rram_ode.scores import FourierMLP, NetworkScore
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VPSDE
from rram_ode.system import System


DIM, NUM, BETA, PEAK = 2, 20_000, 2.0, 8.0
DURATION, BANDWIDTH = 20e-6, 5e6
SQUARE = 0.16  # lambda^2 ahead of the multiplier
RANGE = ConductanceRange(8e-6, 90e-6)
READ = ReadNoise(white=WhiteReadNoise(1e-6, BANDWIDTH))
FLOW = ProbabilityFlow(VPSDE(BETA, BETA))


def make_chip():
    """A score of -x, and white noise of sqrt(SQUARE) g on the constant row."""
    weights = -jnp.eye(DIM)
    network = FourierMLP((weights,), (jnp.zeros(DIM),), jnp.zeros(1), 1.0)
    block = FeedbackIntegrator(5e4, 30e-12)
    design = Design(Cell(RANGE, (), READ), DifferentialPair(RANGE), block)
    ranges = Ranges(PEAK, (), 2 * PEAK)
    chip = Blueprint(NetworkScore(network), design, ranges).program(jr.key(0))
    score = BETA / 2 * 1.1 * PEAK / float(RANGE.span)  # of a siemens on that row
    hold = 0.5 / BANDWIDTH / DURATION
    spread = np.zeros((DIM + 1, DIM))
    spread[-1] = np.sqrt(SQUARE * BETA / hold) / score
    where = lambda chip: chip.score.layers[0].crossbar.white_std
    return eqx.tree_at(where, chip, jnp.asarray(spread))


def variance(factor):
    """Of all values at the end, from starts N(0, 1)."""
    loop = close_loop(
        NetworkDrift(FLOW, factor=factor),
        Schedule(0.0, 1.0),
        LabClock(DURATION),
        read=READ,
        num_steps=200,
    )
    start = jr.normal(jr.key(1), (DIM, NUM))
    x0 = eqx.filter_jit(loop.solve)(make_chip(), start).x0
    return float(jnp.var(x0))


@pytest.mark.slow
def test_the_factor_of_the_noise_keeps_the_law_of_the_data():
    """The mutants: a factor of 1, and that of noise behind the multiplier."""
    error = 4 * np.sqrt(2 / (DIM * NUM))
    factor = (1 - np.sqrt(1 - 4 * SQUARE)) / (2 * SQUARE)
    assert abs(variance(factor) - 1) < error
    assert abs(variance(1.0) / (1 + SQUARE * BETA) - 1) < error
    assert variance(1 + SQUARE) - 1 > 2 * error


@pytest.mark.parametrize("t", [0.1, 0.9])
def test_two_is_the_score_of_the_reverse_sde(t):
    t = jnp.asarray(t)
    both = NetworkDrift(FLOW, factor=2.0), NetworkDrift(ReverseSDE(VPSDE(BETA, BETA)))
    assert both[0].gain(t) == both[1].gain(t)
    assert both[0].linear(t) == both[1].linear(t)


def test_a_factor_of_one_is_no_factor_bit_for_bit():
    t = jnp.linspace(0.0, 1.0, 7)
    wanted = eqx.filter_vmap(FLOW.gain)(t)
    for drift in (NetworkDrift(FLOW), NetworkDrift(FLOW, factor=1.0)):
        np.testing.assert_array_equal(eqx.filter_vmap(drift.gain)(t), wanted)


def drift_of(preset, settings) -> NetworkDrift:
    loop = System.from_preset(preset, settings).chip_loop
    assert isinstance(loop, ClosedLoop)
    assert isinstance(loop.drift, NetworkDrift)
    return loop.drift


def test_an_ideal_loop_has_no_noise_to_undo():
    settings = {"fidelity": "ideal", "solve.score_factor": 1.5}
    assert float(drift_of("ring-fresh", settings).factor) == 1.0


def test_the_reverse_sde_has_half_of_it_and_a_velocity_none():
    """Noise adds as much to a score that is twice the flow's as to the flow's."""
    factor = {"solve.score_factor": 1.2}
    sde = {**factor, "solve.process": "reverse-sde", "multiplier.full_scale": 1.45}
    loops = [
        drift_of("ring-fresh", settings)
        for settings in (factor, sde, {**sde, "solve.score_factor": 1.0})
    ]
    t = jnp.asarray(0.5)
    flow = loops[0].gain(t) / 1.2
    assert np.isclose(loops[1].gain(t) - loops[2].gain(t), 0.2 * flow, rtol=1e-5)
    with pytest.raises(ValueError, match=r"solve\.score_factor.* must be 1"):
        System.from_preset("ring-flow", factor)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan")])
def test_a_factor_that_is_not_positive_is_refused(factor):
    with pytest.raises(ValueError, match="factor"):
        NetworkDrift(FLOW, factor=factor)
    with pytest.raises(ValueError, match=r"solve\.score_factor"):
        System.from_preset("ring-fresh", {"solve.score_factor": factor})
