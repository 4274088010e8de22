"""The reverse SDE on the chip: injected noise, its density, key and exact law."""

import diffrax as dfx
import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Chip, ScoreBlock
from rram_ode.loop import close_loop, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import GaussianScore
from rram_ode.sdes import ReverseSDE, VPSDE
from scipy.integrate import solve_ivp


NUM = 20_000
SDE, SCHEDULE, CLOCK = VPSDE(0.1, 4.0), Schedule(0.02, 1.0), LabClock(20e-6)
MEAN = np.array([0.3, -0.2])
COVARIANCE = np.array([[0.5, 0.2], [0.2, 0.3]])


def make_chip():
    block = ScoreBlock(GaussianScore(SDE, MEAN, COVARIANCE), 2)
    integrator = FeedbackIntegrator(5e4, 30e-12)
    return Chip(block, integrator, ReadNoise(), jr.key(0))


def exact_law():
    """Mean and covariance at t0 of the reverse SDE that starts from N(0, I) at t1.

    dx = (f x - g^2 score) dt + g dW with the score -S^-1 (x - m mu) is linear:
    with A = f + g^2 S^-1, dm/dt = A m - g^2 S^-1 m mu and dP/dt = A P + P A^T - g^2.
    """

    def slope(t, y):
        beta = 0.1 + 3.9 * t
        integral = 0.1 * t + 1.95 * t**2
        factor = np.exp(-integral / 2)
        inverse = np.linalg.inv(
            factor**2 * COVARIANCE - np.expm1(-integral) * np.eye(2)
        )
        pull = beta * inverse
        a = pull - beta / 2 * np.eye(2)
        mean, covariance = y[:2], y[2:].reshape(2, 2)
        rise = a @ covariance + covariance @ a.T - beta * np.eye(2)
        return np.concatenate([a @ mean - pull @ (factor * MEAN), rise.ravel()])

    start = np.concatenate([np.zeros(2), np.eye(2).ravel()])
    end = solve_ivp(slope, (1.0, 0.02), start, rtol=1e-10, atol=1e-12).y[:, -1]
    return end[:2], end[2:].reshape(2, 2)


@eqx.filter_jit
def solve_scaled(loop, chip, x1, key, gain):
    """The loop's own solve, with the injected path scaled by `gain`."""
    term = loop.term(chip, x1, key=key)
    where = lambda term: term.paths.injected.values
    term = eqx.tree_at(where, term, replace_fn=lambda values: gain * values)
    times, volts = loop.times, chip.score.volts_in
    solution = dfx.diffeqsolve(
        term,
        loop.solver,
        times[0],
        times[-1],
        None,
        volts * x1,
        stepsize_controller=dfx.StepTo(ts=times),
        max_steps=times.size,
    )
    assert solution.ys is not None
    return solution.ys[0] / volts


@eqx.filter_jit
def _solve(loop, chip, x1, key, first):
    return loop.solve(chip, x1, key=key, first=first).x0


def plain_solve(loop, chip, x1, key, first=0):
    return _solve(loop, chip, x1, key, jnp.asarray(first, jnp.uint32))


def make_loop(hold=None, num_steps=400, solver=dfx.Heun()):
    return close_loop(
        NetworkDrift(ReverseSDE(SDE)),
        SCHEDULE,
        CLOCK,
        read=ReadNoise(),
        solver=solver,
        num_steps=num_steps,
        noise_hold=hold,
    )


def deviations(x0):
    """Of 2 means and 3 covariances, in their standard errors."""
    mean, covariance = exact_law()
    x0 = np.asarray(x0)
    from_mean = x0 - mean[:, None]
    found = x0.mean(axis=1) - mean
    errors = [found / np.sqrt(np.diag(covariance) / NUM)]
    for i, j in ((0, 0), (0, 1), (1, 1)):
        product = np.mean(from_mean[i] * from_mean[j]) - covariance[i, j]
        variance = covariance[i, i] * covariance[j, j] + covariance[i, j] ** 2
        errors.append([product / np.sqrt(variance / NUM)])
    return np.abs(np.concatenate(errors))


# A hold of 50 ns is 400 values a solve; 83 ns divides neither the steps nor the solve.
HOLDS = {"continuous": None, "held 50 ns": 50e-9, "held 83 ns": 83e-9}


@pytest.mark.long
@pytest.mark.parametrize("name", HOLDS)
def test_law_of_the_samples(name, getkey):
    """Mean and covariance at t0 within 3 standard errors of the exact law from N(0, I).

    Steps and holds err in second order, 1e-4 of the covariance here, far below the
    standard error of 1e-2.
    """
    chip, loop = make_chip(), make_loop(HOLDS[name])
    x1 = jr.normal(getkey(), (2, NUM))
    key = getkey()
    x0 = plain_solve(loop, chip, x1, key)
    assert np.all(deviations(x0) < 3)


@pytest.mark.long
def test_a_wrong_density_shows(getkey):
    """The mutant injects 5 % too much; the same solve at 100 % passes."""
    chip, loop = make_chip(), make_loop(50e-9)
    x1, key = jr.normal(getkey(), (2, NUM)), getkey()
    assert np.all(deviations(solve_scaled(loop, chip, x1, key, jnp.array(1.0))) < 3)
    mutant = solve_scaled(loop, chip, x1, key, jnp.array(1.05))
    assert np.max(deviations(mutant)) > 5


@pytest.mark.slow
def test_covariance_converges_with_the_step(getkey):
    """One path of the finest grid: Heun's law at 100 steps is that at 400 to 2 %."""
    x1, key = jr.normal(getkey(), (2, NUM)), getkey()
    chip = make_chip()
    laws = [
        np.cov(np.asarray(plain_solve(make_loop(200e-9, n), chip, x1, key)))
        for n in (100, 400)
    ]
    assert np.allclose(laws[0], laws[1], rtol=0.02)


@pytest.mark.long
def test_injected_noise_is_of_the_sample_and_the_run(getkey):
    """A function of the run's key and the sample's number, not of the chunk or chip."""
    chip, loop = make_chip(), make_loop(50e-9, 400)
    x1, key = jr.normal(getkey(), (2, 64)), getkey()
    whole = plain_solve(loop, chip, x1, key)
    rolled = jnp.roll(x1, -32, axis=1)
    half = plain_solve(loop, chip, rolled, key, 32)[:, :32]
    assert jnp.allclose(half, whole[:, 32:], rtol=0, atol=1e-5)
    other = eqx.tree_at(lambda chip: chip.key, chip, jr.key(9))
    assert jnp.array_equal(plain_solve(loop, other, x1, key), whole)
    assert jnp.abs(plain_solve(loop, chip, x1, getkey()) - whole).min() > 0
    wrong = plain_solve(loop, chip, rolled, key)[:, :32]
    assert jnp.abs(wrong - whole[:, 32:]).max() > 0.1


@pytest.mark.parametrize("hold", [None, 50e-9], ids=["continuous", "held"])
def test_density_of_the_injected_noise(hold, getkey):
    """Held values have variance 1 / hold: the integral over T has variance T."""
    chip, loop = make_chip(), make_loop(hold, 300)
    term = eqx.filter_jit(loop.term)(chip, jnp.zeros((2, NUM)), key=getkey())
    path = term.paths.injected
    assert path is not None
    whole = np.asarray(eqx.filter_jit(path.mean)(jnp.array(0.0), CLOCK.duration))
    variance = np.var(whole) * float(CLOCK.duration)
    assert abs(variance - 1) < 4 * np.sqrt(2 / whole.size)
    halves = [
        np.asarray(eqx.filter_jit(path.mean)(a * CLOCK.duration, b * CLOCK.duration))
        for a, b in ((0.0, 0.5), (0.5, 1.0))
    ]
    product = np.mean(halves[0] * halves[1]) * float(CLOCK.duration) / 2
    assert abs(product) < 4 / np.sqrt(whole.size)
