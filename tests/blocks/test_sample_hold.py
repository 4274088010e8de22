"""Sample-and-holds: closed and open, by hand and by closed forms."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import HoldSpread, SampleHold
from scipy.constants import Boltzmann
from scipy.integrate import quad, solve_ivp


def test_a_hold_without_resistance_follows_at_once():
    held, start, end = jnp.array([[5.0]]), jnp.array([[1.0]]), jnp.array([[2.0]])
    after, line = SampleHold(1e-12).follow(held, start, end, jnp.asarray(1e-7))
    assert (after, *line) == (end, start, end)


@pytest.mark.parametrize("lag", [1e-9, 3e-8, 1e-6])
def test_a_closed_hold_is_a_low_pass(lag):
    """Its end and its mean over a step, against a solver of its equation."""
    held, start, end, dt = 0.3, -0.2, 0.5, 1e-7
    hold = SampleHold(1e-12, lag / 1e-12)
    one = lambda x: jnp.full((1, 1), x)
    after, (first, last) = hold.follow(one(held), one(start), one(end), jnp.asarray(dt))
    line = lambda tau: start + (end - start) * tau / dt
    rate = lambda tau, h: (line(tau) - h) / lag
    exact = solve_ivp(
        rate, (0, dt), [held], "Radau", rtol=1e-9, atol=1e-12, dense_output=True
    )
    assert float(after[0, 0]) == pytest.approx(exact.y[0, -1], abs=1e-6)
    mean = quad(
        lambda x: float(np.ravel(exact.sol(x * dt))[0]), 0, 1, points=[0.01, 0.1]
    )[0]
    assert float(first[0, 0] + last[0, 0]) / 2 == pytest.approx(mean, abs=1e-5)


def test_a_hold_misses_a_fraction_of_its_step():
    """exp(-t / R C) of it, for an input that stands still."""
    hold, dt = SampleHold(2e-12, 5e3), 3e-8
    still = jnp.ones((1, 1))
    after, _ = hold.follow(jnp.zeros((1, 1)), still, still, jnp.asarray(dt))
    assert float(1 - after[0, 0]) == pytest.approx(np.exp(-dt / 1e-8), rel=1e-6)


def test_charge_and_droop_by_hand():
    charge = jnp.array([[1e-15, 2e-15], [3e-15, 4e-15]])
    hold, held = SampleHold(2e-12, 0.0, charge, 1e-9), jnp.zeros((2, 3))
    opened = hold.opened(held, 1, None)
    assert jnp.allclose(opened, jnp.array([[1.5e-3], [2e-3]]))
    assert jnp.allclose(hold.drooped(held, jnp.asarray(1e-7)), -5e-5)


def test_thermal_noise_has_the_variance_of_kt_over_c():
    hold = SampleHold(1e-12, temperature=300.0)
    normals = jr.normal(jr.key(0), (2, 20_000))
    found = np.asarray(hold.opened(jnp.zeros_like(normals), 0, normals))
    wanted = Boltzmann * 300 / 1e-12
    error = wanted * np.sqrt(2 / found.size)
    assert abs(found.var() - wanted) < 4 * error
    assert abs(found.var() - 0.9 * wanted) > 4 * error  # mutant
    # None is exact.
    quiet = SampleHold(1e-12).opened(jnp.ones((2, 3)), 0, normals[:, :3])
    assert (quiet == 1.0).all()


def test_charges_have_a_common_mean_and_spreads_of_their_own():
    spread = HoldSpread(1e-12, injection=1e-15, injection_std=1e-16)
    charges = spread.fabricate(500, key=jr.key(1)).charge
    assert charges is not None
    off: np.ndarray = (np.asarray(charges) - 1e-15) / 1e-16
    assert abs(off.mean()) < 4 / np.sqrt(off.size)
    assert abs(off.std() - 1) < 4 / np.sqrt(2 * off.size)
    assert abs(np.mean(off[0] * off[1])) < 4 / np.sqrt(off.shape[1])


def test_errors_of_holds_are_scaled():
    spread = HoldSpread(1e-12, 1e3, 1e-15, 1e-16, 1e-9, 300.0).scaled(0.5)
    values = spread.resistance, spread.injection, spread.injection_std, spread.leakage
    assert np.allclose(values, (500.0, 5e-16, 5e-17, 5e-10))
    assert spread.temperature == 75.0
    assert spread.capacitance == 1e-12


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.0,), "`guidance.hold_capacitance` must be positive"),
        ((1e-12, -1.0), "`guidance.switch_resistance` must be 0 or more"),
        ((1e-12, 0.0, -1e-15), "`guidance.injection` must be 0 or more"),
        ((1e-12, 0.0, 0.0, -1e-15), "`guidance.injection_std` must be 0 or more"),
        ((1e-12, 0.0, 0.0, 0.0, -1e-9), "`guidance.leakage` must be 0 or more"),
    ],
)
def test_wrong_holds_are_refused(values, said):
    with pytest.raises(ValueError, match=said):
        HoldSpread(*values)
