"""Current laws: limits, slopes, published coefficients, validity."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.devices import ConductanceRange, LinearIV, PolynomialIV, SinhIV


US = 1e-6
FIT = ConductanceRange(60 * US, 120 * US)
CUBIC = PolynomialIV(np.array([-1e-5, 1e-6]), np.array([2e-5, -3e-6]), FIT, 0.5)
LAWS = [LinearIV(), SinhIV(0.3), CUBIC]
G = np.linspace(60, 120, 10) * US
V = np.linspace(-0.5, 0.5, 11)


def name(law):
    return type(law).__name__


@pytest.mark.parametrize("law", LAWS, ids=name)
def test_conductance_is_the_slope_of_the_current(law):
    """Against automatic differentiation, and `g` itself at 0 V."""
    slope = jax.vmap(jax.vmap(jax.grad(law.current, 1), (None, 0)), (0, None))
    g, v = jnp.asarray(G), jnp.asarray(V)
    found = law.conductance(g[:, None], v[None])
    np.testing.assert_allclose(found, slope(g, v), rtol=1e-13)
    zero = jnp.zeros_like(g)
    np.testing.assert_array_equal(law.conductance(g, zero), g)
    np.testing.assert_array_equal(law.current(g, zero), 0.0)


@pytest.mark.parametrize("law", LAWS, ids=name)
def test_small_voltages_are_linear(law):
    """The relative deviation falls at least as the voltage does."""
    deviation = []
    for volts in (1e-3, 1e-4):
        v = jnp.full(G.shape, volts)
        ratio = np.asarray(law.current(jnp.asarray(G), v)) / (G * volts)
        deviation.append(np.abs(ratio - 1).max())
    assert deviation[0] < 1e-3
    assert deviation[1] <= deviation[0] / 9.9


def test_linear_is_exact():
    g, v = jnp.asarray(G[:, None]), jnp.asarray(V[None])
    np.testing.assert_array_equal(LinearIV().current(g, v), G[:, None] * V[None])


def test_sinh_against_its_series():
    """sinh x = x + x^3 / 6 + x^5 / 120 + x^7 / 5040 + O(x^9)."""
    x = V / 0.9
    series = x + x**3 / 6 + x**5 / 120 + x**7 / 5040
    found = SinhIV(0.9).current(jnp.asarray(G[:, None]), jnp.asarray(V[None]))
    np.testing.assert_allclose(found, G[:, None] * 0.9 * series[None], rtol=1e-7)


def test_coefficients_are_held_outside_the_fit():
    v = jnp.asarray(V)
    bend = lambda g: CUBIC.current(jnp.full(v.shape, g), v) - g * v
    np.testing.assert_allclose(bend(150 * US), bend(120 * US), rtol=1e-9, atol=1e-20)
    np.testing.assert_allclose(bend(10 * US), bend(60 * US), rtol=1e-9, atol=1e-20)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: SinhIV(0.0), "`iv.v0` must be positive and finite, in volts; got 0"),
        (lambda: SinhIV(np.inf), "For a linear cell take `LinearIV`"),
        (lambda: SinhIV(0.1, 0.3).check(0.4), "valid to 0.3 V; got voltages to 0.4 V"),
        (lambda: CUBIC.check(np.inf), "valid to 0.5 V; got voltages to inf V"),
        (
            lambda: CUBIC.check_range(ConductanceRange(8 * US, 90 * US)),
            "valid from 60 to 120 uS; got a cell of 8 to 90 uS",
        ),
    ],
)
def test_what_the_law_does_not_cover_is_refused(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_the_whole_range_of_validity_is_accepted():
    for law in LAWS:
        law.check(0.5)
        law.check_range(FIT)
