"""Thermal and shot noise: one law, its limits, and its current in a crossbar."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.constants as sc
from rram_ode.config import replace, RunConfig
from rram_ode.crossbar import CellNoise, Crossbar
from rram_ode.noise import LabClock, ThermalNoise
from rram_ode.sdes import VPSDE
from rram_ode.system import build_cell, build_design, build_loop


K, Q, T, B = sc.k, sc.e, 300.0, 1e6
NUM = 200_000
LAW = ThermalNoise(T, B, 1.0)


def test_equilibrium_is_4kTg_whatever_the_fano_factor():
    for fano in (0.0, 1 / 3, 1.0):
        density = ThermalNoise(T, B, fano).density(jnp.array(50e-6), jnp.array(0.0))
        assert np.isclose(density, 4 * K * T * 50e-6, rtol=1e-14)


def test_no_shot_noise_is_4kTg_at_any_voltage():
    """Bit for bit that of equilibrium."""
    law = ThermalNoise(T, B, 0.0)
    v = jnp.linspace(-0.3, 0.3, 13)
    assert jnp.array_equal(law.variance(v), jnp.full(13, law.variance(jnp.array(0.0))))


def test_large_voltage_is_2qI():
    g, v = jnp.array(50e-6), jnp.array([-2.0, 2.0])
    assert np.allclose(LAW.density(g, v), 2 * Q * 50e-6 * 2.0, rtol=1e-14)


def test_law_in_between():
    """Against the formula in NumPy, over the end of the series.

    The mutant counts both in full: at 0.1 V it has a quarter more variance.
    """
    v = np.concatenate([-np.geomspace(0.3, 1e-9, 60), np.geomspace(1e-9, 0.3, 60)])
    for fano in (1 / 3, 1.0):
        law = ThermalNoise(T, B, fano)
        found = np.asarray(law.density(jnp.array(1e-5), jnp.asarray(v)))
        thermal, i = 4 * K * T * 1e-5, 1e-5 * v
        wanted = thermal + fano * (2 * Q * i / np.tanh(Q * v / (2 * K * T)) - thermal)
        assert np.allclose(found, wanted, rtol=1e-7)
        assert np.all(found >= thermal * (1 - 1e-12))
    at = np.argmin(np.abs(v - 0.1))
    mutant = 4 * K * T * 1e-5 + 2 * Q * 1e-5 * v[at]
    assert mutant / found[at] > 1.2


def test_gradient_passes_equilibrium():
    gradient = jax.vmap(jax.grad(lambda v: LAW.variance(v)))
    v = jnp.array([-0.1, 0.0, 1e-6, 0.1])
    found = gradient(v)
    assert jnp.all(jnp.isfinite(found))
    assert found[1] == 0
    assert np.isclose(found[0], -found[3])


def test_single_precision():
    """Densities of 1e-25 A^2/Hz and less do not underflow on the way to a current."""
    to32 = lambda x: x.astype(jnp.float32) if eqx.is_inexact_array(x) else x
    law = jax.tree_util.tree_map(to32, LAW)
    v = jnp.linspace(-0.3, 0.3, 61)
    single = law.variance(v.astype(jnp.float32))
    assert single.dtype == jnp.float32
    assert np.allclose(single, LAW.variance(v), rtol=2e-6, atol=0)


def crossbar(thermal: ThermalNoise | None = LAW, white=0.0):
    g_pos = jnp.array([[10.0, 20.0], [30.0, 50.0], [70.0, 11.0]]) * 1e-6
    g_neg = jnp.array([[12.0, 8.0], [9.0, 60.0], [8.0, 80.0]]) * 1e-6
    zero = jnp.zeros((3, 2))
    return Crossbar(g_pos, g_neg, jnp.array(0.2), zero + white, zero, thermal)


def column_variance():
    """Of each column, cell by cell: positive and negative cells both fluctuate."""
    total, array = np.zeros(2), crossbar()
    for g in (array.g_pos, array.g_neg):
        for row, v in enumerate((0.1, -0.3, 0.2)):
            total += np.asarray(LAW.density(g[row], jnp.array(v))) * B
    return total


@pytest.mark.parametrize("shares_white", [False, True])
def test_current_of_a_column(shares_white, getkey):
    """The sum of all cells' densities times B; the white variance comes on top."""
    white = 2e-8 if shares_white else 0.0
    array, v = crossbar(white=white), jnp.array([[0.1], [-0.3]])
    unit = jr.normal(getkey(), (2, NUM))
    noise = CellNoise(thermal=unit)
    if shares_white:
        noise = CellNoise(white=unit, shares_white=True)
    v = jnp.broadcast_to(v, (2, NUM))
    current = np.asarray(array(v, noise) - array(v))
    wanted = column_variance() + white**2 * (0.01 + 0.09 + 0.04)
    ratio = np.mean(current**2, axis=1) / wanted
    assert np.all(np.abs(ratio - 1) < 4.5 * np.sqrt(2 / NUM))
    assert abs(np.mean(current[0] * current[1])) < 4.5 * np.sqrt(np.prod(wanted) / NUM)
    missing = np.mean(current**2, axis=1) / (wanted - column_variance() / 2)
    assert np.all(np.abs(missing - 1) > 20 * np.sqrt(2 / NUM))


def test_noise_that_is_off_adds_nothing(getkey):
    """The crossbar that knows the law, without noise, and white noise without it."""
    v, unit = jr.normal(getkey(), (2, 7)), jr.normal(getkey(), (2, 7))
    assert jnp.array_equal(crossbar()(v), crossbar(None)(v))
    noise = CellNoise(white=unit)
    assert jnp.array_equal(
        crossbar(white=1e-7)(v, noise), crossbar(None, 1e-7)(v, noise)
    )


def test_one_draw_where_the_bands_are_equal():
    """At the bandwidth of the white noise it shares that path; else it does not."""
    config = replace(RunConfig(), "cell.read.thermal.bandwidth", 1e6)
    sde = VPSDE(0.1, 1.0)
    plan = build_loop(config, sde, build_design(config).cell.read).plan
    assert (plan.white, plan.thermal) == ((40,), "white")
    other = replace(config, "cell.read.thermal.bandwidth", 2e6)
    plan = build_loop(other, sde, build_design(other).cell.read).plan
    assert (plan.white, plan.thermal) == ((40,), (80,))
    off = build_cell(RunConfig().cell).read
    assert off.thermal is None
    assert off.telegraph is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ThermalNoise(0.0, B), "`cell.temperature` must be positive"),
        (lambda: ThermalNoise(T, -1.0), "`read.thermal.bandwidth` must be positive"),
        (lambda: ThermalNoise(T, B, 1.5), "`read.thermal.fano` must be from 0 to 1"),
        (
            lambda: ThermalNoise(T, 1e5).plan(LabClock(20e-6)),
            "fewer than 20: take 500000 Hz or more",
        ),
        (
            lambda: build_cell(replace(RunConfig(), "cell.temperature", -3.0).cell),
            "`cell.temperature` must be positive, in K; got -3",
        ),
    ],
)
def test_bad_values_name_the_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()
