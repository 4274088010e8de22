"""`noise.path(key, taus)` of Gaussian noise, and 1/f^a: against law and closed form."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _spectra import contiguous, density_ratio
from rram_ode.noise import FlickerReadNoise, LabClock, WhiteReadNoise


BANDS = np.array([1e3, 1e4, 3e4, 1e5, 3e5, 1e6])
EXPONENTS = (0.8, 1.2, 1.4)


def pink(exponent, f_min=100.0, f_max=1e6):
    return FlickerReadNoise(1e-7, f_min, f_max, exponent=exponent)


@eqx.filter_jit
def _realise(law, clock, plan, cells, num, key):
    first = jnp.asarray(0, jnp.uint32)
    path = law.sample_path(clock, plan, (cells,), first=first, num_samples=num, key=key)
    return path.values, path.interval


@pytest.mark.slow
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_density_of_a_power_law(exponent, getkey):
    """Within 5 % over three decades; the mutant is 1/f at the same variance."""
    law, clock = pink(exponent), LabClock(20e-6)
    values, dt = _realise(law, clock, law.plan(clock), 1000, 256, getkey())
    series = contiguous(values)
    ratio, error = density_ratio(law, series, float(dt), BANDS)
    assert np.all(error < 0.01)
    assert np.all(np.abs(ratio - 1) < 0.05)
    ratio, _ = density_ratio(pink(None), series, float(dt), BANDS)
    assert np.max(np.abs(ratio - 1)) > 0.15


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_the_law_is_a_mixture(exponent):
    """Against the sum of 100,000 one-pole spectra, weighted by f_c^(1 - a)."""
    law, f = pink(exponent), np.geomspace(10, 1e7, 25)
    corners = np.exp(np.log(100) + np.log(1e4) * (np.arange(100_000) + 0.5) / 100_000)
    weights = corners ** (1 - exponent)
    each = 2 / np.pi * corners / (corners**2 + f[:, None] ** 2)
    wanted = each @ weights / weights.sum()
    assert np.allclose(law.psd(jnp.asarray(f)), wanted, rtol=1e-6)
    middle = np.array([1e4, 1.1e4])
    wide = pink(exponent, 1e-3, 1e11).psd(jnp.asarray(middle))
    slope = np.diff(np.log(wide)) / np.diff(np.log(middle))
    assert abs(slope[0] + exponent) < 0.01


@pytest.mark.slow
def test_an_exponent_of_one_is_pink():
    f = jnp.asarray(np.geomspace(1.0, 1e8, 30))
    assert np.allclose(pink(1.0).psd(f), pink(None).psd(f), rtol=1e-9)
    clock, key = LabClock(20e-6), jr.key(0)
    paths = []
    for exponent in (None, 1.0):
        law = pink(exponent)
        paths.append(_realise(law, clock, law.plan(clock), 3, 5, key)[0])
    assert jnp.array_equal(*paths)


def test_exponents_out_of_range_are_refused():
    for exponent in (0.7, 1.5):
        with pytest.raises(
            ValueError, match="`read.flicker.exponent` must be from 0.8"
        ):
            pink(exponent)


@pytest.mark.parametrize("exponent", [None, 1.3])
def test_flicker_at_uneven_times(exponent, getkey):
    """Variance 1 at each time; covariance that of the mixture, from 0.1 us to 10 ms."""
    law, num = pink(exponent, 10.0, 1e6), 100_000
    steps = np.array([1e-7, 1e-6, 0.0, 1e-5, 1e-4, 1e-3, 1e-2])
    taus = np.concatenate([[3.0], 3.0 + np.cumsum(steps)])
    values = np.asarray(law.path(getkey(), jnp.asarray(taus), (num,)))
    corners = np.exp(np.log(10) + np.log(1e5) * (np.arange(10_000) + 0.5) / 10_000)
    weights = corners ** (1 - (exponent or 1.0))
    for i in range(taus.size):
        for j in range(i, taus.size):
            lag = 2 * np.pi * corners * (taus[j] - taus[i])
            wanted = np.sum(weights * np.exp(-lag)) / weights.sum()
            products = values[i] * values[j]
            error = products.std() / np.sqrt(num)
            # States a factor 4 apart: 0.3 % of ripple in the density.
            assert abs(products.mean() - wanted) < 4.5 * error + 0.005


def test_white_noise_holds(getkey):
    """Equal within a hold, independent between two, unit variance."""
    law, num = WhiteReadNoise(1e-6, 1e6), 100_000
    taus = jnp.asarray(1.0 + np.array([0.0, 0.1, 0.499, 0.501, 0.9, 1.0, 7.0]) * 1e-6)
    values = np.asarray(law.path(getkey(), taus, (num,)))
    hold = [0, 0, 0, 1, 1, 2, 14]
    for i, j in np.ndindex(7, 7):
        if hold[i] == hold[j]:
            assert np.array_equal(values[i], values[j])
        else:
            assert abs(np.mean(values[i] * values[j])) < 4.5 / np.sqrt(num)
    assert np.all(np.abs(np.mean(values**2, axis=1) - 1) < 4.5 * np.sqrt(2 / num))


@pytest.mark.slow
def test_paths_repeat_and_grow(getkey):
    """The same key gives the same path, and more times leave the first as they are."""
    key, taus = getkey(), jnp.arange(50.0) * 1e-6
    for law in (WhiteReadNoise(1e-6, 1e6), pink(None), pink(1.2)):
        whole, head = law.path(key, taus, (3,)), law.path(key, taus[:20], (3,))
        assert whole.shape == (50, 3)
        assert np.allclose(whole[:20], head, rtol=0, atol=1e-12)
        with pytest.raises(ValueError, match="must not fall: sort them"):
            law.path(key, taus[::-1])
