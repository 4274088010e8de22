"""Conductance drift: exponents, relaxation over decades, acceleration."""

import dataclasses
import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.constants
import scipy.stats as st
from rram_ode.devices import arrhenius, LogarithmicDrift, PowerLawDrift


US = 1e-6
NUM = 40_000
POWER = PowerLawDrift(0.05, 0.01, 20.0)
LOG = LogarithmicDrift(
    np.array([-0.05e-6, -2e-4]),
    np.array([0.3e-6, 2e-3]),
    np.array([0.02e-6, 1e-4]),
    first=1.0,
)


@eqx.filter_jit
def at(drift, age, g, key):
    return dataclasses.replace(drift, age=age)(g, key=key)


@pytest.mark.parametrize("drift", [POWER, LOG], ids=lambda d: type(d).__name__)
def test_fresh_is_exact(drift, getkey):
    g = jnp.linspace(1, 90, 24).reshape(4, 6) * US
    np.testing.assert_array_equal(eqx.filter_jit(drift)(g, key=getkey()), g)


def test_nothing_has_drifted_at_the_reference(getkey):
    g = jnp.linspace(1, 90, 24).reshape(4, 6) * US
    np.testing.assert_array_equal(at(POWER, 20.0, g, getkey()), g)


@pytest.mark.parametrize("age", [200.0, 3e6])
def test_power_law(age, getkey):
    """log(g / g0) is normal, with mean -nu and spread nu_std per e-fold of time."""
    g, key = jnp.full((1, NUM), 30 * US), getkey()
    efolds = math.log(age / 20.0)
    z = np.log(np.asarray(at(POWER, age, g, key)).ravel() / (30 * US)) / efolds
    assert st.kstest((z + 0.05) / 0.01, "norm").pvalue > 1e-3
    assert st.kstest((z + 0.051) / 0.01, "norm").pvalue < 1e-3  # mutant
    later = np.log(np.asarray(at(POWER, 2 * age, g, key)).ravel() / (30 * US))
    np.testing.assert_allclose(later / (efolds + math.log(2)), z, rtol=1e-9)


@pytest.mark.parametrize("age", [1.0, 1e3, 1e7])
def test_logarithmic_law(age, getkey):
    """Mean and spread at 3 conductances by hand; a cell's line is straight in ln t."""
    levels, key = np.array([20.0, 50.0, 80.0]), getkey()
    g = jnp.broadcast_to(jnp.asarray(levels)[:, None] * US, (3, NUM))
    found = np.asarray(at(LOG, age, g, key)) / US
    log = math.log(age)
    mean = levels - (0.05 + 2e-4 * levels) * log
    std = 0.3 + 2e-3 * levels + (0.02 + 1e-4 * levels) * log
    z = (found - mean[:, None]) / std[:, None]
    assert np.abs(z.mean(axis=1) * np.sqrt(NUM)).max() < 4
    assert np.abs((z.std(axis=1) - 1) * np.sqrt(2 * NUM)).max() < 4
    if age > 1:
        middle = np.asarray(at(LOG, math.sqrt(age), g, key)) / US
        first = np.asarray(at(LOG, 1.0, g, key)) / US
        np.testing.assert_allclose(middle, (first + found) / 2, rtol=1e-9)


def test_arrhenius():
    """1 when off or at the reference; the textbook factor otherwise."""
    assert float(arrhenius(0.0, 400.0)) == 1.0
    assert float(arrhenius(0.7, 300.0, 300.0)) == 1.0
    k = scipy.constants.k / scipy.constants.e
    wanted = math.exp(0.7 / k * (1 / 300 - 1 / 358))
    np.testing.assert_allclose(float(arrhenius(0.7, 358.0)), wanted, rtol=1e-7)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda: PowerLawDrift(0.1, 0.0, 27.36, 10.0),
            r"`cell.age` must be None or 0 .* at least 27.36 s .* got 10 s",
        ),
        (lambda: PowerLawDrift(0.1, -0.1, 1.0), "`drift.nu_std` must be 0 or more"),
        (lambda: PowerLawDrift(0.1, 0.0, 0.0), "`drift.reference` must be positive"),
        (lambda: dataclasses.replace(LOG, age=0.5), "at least 1 s .* got 0.5 s"),
        (lambda: dataclasses.replace(LOG, age=math.nan), "got nan s"),
        (lambda: arrhenius(-0.1, 300.0), "`drift.activation_energy` must be 0 or more"),
        (lambda: arrhenius(0.1, 0.0), "`cell.temperature` must be positive, in kelvin"),
        (lambda: arrhenius(0.1, 300.0, -1.0), "`drift.temperature` must be positive"),
    ],
)
def test_bad_values_name_the_rule(act, message):
    with pytest.raises(ValueError, match=message):
        act()
