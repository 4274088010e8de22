"""Tiles against separate arrays and closed forms; converters with uneven steps."""

import array_netlist
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import ADC, DAC
from rram_ode.crossbar import (
    effective_conductance,
    fold_tiles,
    tiled_currents,
    Tiling,
    Wires,
)


US = 1e-6
WIRES = Wires(300.0, 200.0, 100.0, 50.0)
folded = jax.jit(fold_tiles)


def some_cells(key, rows=7, cols=5):
    return jr.uniform(key, (rows, cols), minval=1 * US, maxval=90 * US)


@pytest.mark.slow
def test_no_limit_is_one_array(getkey):
    g = some_cells(getkey())
    wanted = effective_conductance(g, WIRES)
    for tiling in (Tiling(), Tiling(100, 5)):
        np.testing.assert_allclose(folded(g, WIRES, tiling).g, wanted, rtol=1e-13)
    np.testing.assert_array_equal(folded(g, Wires(), Tiling(3, 2)).g, g)


@pytest.mark.long
def test_each_tile_is_an_array_of_its_own(getkey):
    """Blocks of 3 x 2 with smaller ones at the ends, by dense systems.

    The drivers' power is the sum over tiles. The mutant is the undivided array.
    """
    g, v = some_cells(getkey()), jr.normal(getkey(), (7,))
    found = folded(g, WIRES, Tiling(3, 2))
    wanted, power = np.zeros((7, 5)), 0.0
    for i in (slice(0, 3), slice(3, 6), slice(6, 7)):
        for j in (slice(0, 2), slice(2, 4), slice(4, 5)):
            currents = array_netlist.cell_currents(g[i, j], WIRES)
            wanted[i, j] = currents.sum(0).T
            power += np.einsum("i,ijk,k->", v[i], currents, v[i])
    np.testing.assert_allclose(found.g, wanted, rtol=1e-12)
    np.testing.assert_allclose(v @ found.input @ v, power, rtol=1e-12)
    mutant = effective_conductance(g, WIRES)
    assert np.max(np.abs(mutant / wanted - 1)) > 1e-2


@pytest.mark.long
def test_single_cells_keep_their_own_path(getkey):
    """1 / (1 / g + R), one segment of both lines; the slope is the share squared."""
    g = some_cells(getkey())
    found = folded(g, WIRES, Tiling(1, 1))
    share = 1 / (1 + 650.0 * g)
    np.testing.assert_allclose(found.g, g * share, rtol=1e-13)
    np.testing.assert_allclose(found.slope, share**2, rtol=1e-13)
    assert np.isclose(found.fraction, jnp.median(jnp.sum(g * share, 0) / jnp.sum(g, 0)))


@pytest.mark.long
def test_partial_currents_are_converted_before_the_sum(getkey):
    """Off is exact; on, each of the three parts is within half a step.

    The mutant converts the sum.
    """
    g, v = some_cells(getkey()), jr.normal(getkey(), (7, 50))
    tiling, wanted = Tiling(3), g.T @ v
    np.testing.assert_allclose(tiled_currents(g, v, tiling), wanted, rtol=1e-12)
    off = tiled_currents(g, v, tiling, ADC())
    np.testing.assert_array_equal(off, tiled_currents(g, v, tiling))
    adc = ADC(6, 1e-3)
    step = 2e-3 / 64
    error = tiled_currents(g, v, tiling, adc) - wanted
    assert jnp.max(jnp.abs(error)) <= 1.5 * step
    # Three even errors of a step have 3 / 12 of variance; its own standard error.
    scatter = jnp.mean(error**2) / (step**2 / 4) - 1
    kurtosis = 3 - 1.2 / 3
    assert abs(scatter) < 4 * np.sqrt((kurtosis - 1) / error.size)
    assert jnp.max(jnp.abs(adc(wanted) - wanted)) <= 0.5 * step * (1 + 1e-9)


@pytest.mark.long
@pytest.mark.parametrize("bits", [1, pytest.param(4, marks=pytest.mark.slow), 12])
def test_even_codes_are_rounded(bits):
    """By the definition; clipped to the codes; a gradient of 1, and of 0 beyond."""
    adc = ADC(bits, 2.0)
    step, half = 4.0 / 2**bits, 2 ** (bits - 1)
    x = jnp.linspace(-3.0, 3.0, 1001)[None] + 1e-7
    wanted = step * np.clip(np.floor(np.asarray(x) / step + 0.5), -half, half - 1)
    np.testing.assert_allclose(adc(x), wanted, atol=1e-12)
    quiet = adc.fabricate(1, 0.0, key=jr.key(0))
    np.testing.assert_allclose(quiet(x), wanted, atol=1e-12)
    inside = (x > -2.0) & (x < 2.0 - step)
    slope = jax.grad(lambda x: jnp.sum(adc(x)))(x)
    np.testing.assert_array_equal(slope, inside.astype(float))


def test_uneven_steps_have_the_law_of_a_bridge():
    """INL of variance dnl^2 k (1 - k / n), ends at zero; drawn once, by the key."""
    num, std = 20_000, 0.05
    adc = ADC(5).fabricate(num, std, key=jr.key(1))
    inl = np.asarray(adc.inl)
    assert inl.shape == (num, 31)
    np.testing.assert_allclose(inl[:, [0, -1]], 0.0, atol=1e-12)
    k = np.arange(1, 30)
    wanted = std**2 * k * (1 - k / 30)
    ratio = inl[:, 1:-1].var(axis=0, ddof=1) / wanted
    assert np.max(np.abs(ratio - 1)) < 4.5 * np.sqrt(2 / num)
    assert np.max(np.abs(ratio * 1.2 - 1)) > 4.5 * np.sqrt(2 / num)  # the mutant
    again = ADC(5).fabricate(num, std, key=jr.key(1))
    np.testing.assert_array_equal(inl, again.inl)


@pytest.mark.long
def test_the_thresholds_are_where_the_inl_says():
    """Each channel's codes change at T_k: found by a ramp of 0.01 steps."""
    adc = ADC(3, 4.0).fabricate(2, 0.3, key=jr.key(2))
    ramp = jnp.broadcast_to(jnp.arange(-4.5, 4.5, 0.01)[None], (2, 900))
    codes = np.asarray(adc(ramp)) + 4
    for channel in range(2):
        first = [np.argmax(codes[channel] > k - 0.5) for k in range(1, 8)]
        found = np.asarray(ramp)[channel, first]
        assert adc.inl is not None
        wanted = np.arange(1, 8) - 4.5 + np.asarray(adc.inl[channel])
        assert np.all((found >= wanted - 1e-9) & (found < wanted + 0.01 + 1e-9))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: ADC(0), "`adc.bits` must be between 1 and 16, .* got 0"),
        (lambda: ADC(4, 0.0), "`adc.full_scale` must be positive, in"),
        (lambda: ADC(4).fabricate(1, -1.0, key=jr.key(0)), "`adc.dnl_std` must be 0"),
        (lambda: Tiling(0), "`crossbar.tile_rows` must be 1 or more, .* got 0"),
        (lambda: Tiling(None, -2), "`crossbar.tile_cols` must be 1 or more"),
    ],
)
def test_impossible_parts(make, text):
    with pytest.raises(ValueError, match=text):
        make()


@pytest.mark.slow
def test_a_dac_with_uneven_steps():
    """Each code's output is off by its INL; none is even, bit for bit.

    Over chips the INL has the variance of a bridge; the mutant has 1.2 times that.
    """
    codes = jnp.arange(-16.0, 16.0) / 16
    even = DAC(5)
    uneven = even.fabricate(0.05, key=jr.key(0))
    assert uneven.inl is not None
    np.testing.assert_allclose(
        (uneven.quantise(codes, 1.0) - codes) * 16, uneven.inl, atol=1e-12
    )
    np.testing.assert_allclose(uneven.inl[jnp.array([0, -1])], 0.0, atol=1e-12)
    quiet = even.fabricate(0.0, key=jr.key(0))
    x = jnp.linspace(-1.2, 1.2, 501)
    np.testing.assert_array_equal(quiet.quantise(x, 1.0), even.quantise(x, 1.0))
    keys = jr.split(jr.key(1), 20_000)
    inl = np.asarray(jax.vmap(lambda key: even.fabricate(0.05, key=key).inl)(keys))
    k = np.arange(1, 31)
    ratio = inl[:, 1:-1].var(axis=0, ddof=1) / (0.05**2 * k * (1 - k / 31))
    assert np.max(np.abs(ratio - 1)) < 4.5 * np.sqrt(2 / len(keys))
    assert np.max(np.abs(ratio * 1.2 - 1)) > 4.5 * np.sqrt(2 / len(keys))
    with pytest.raises(ValueError, match="`dac.dnl_std` must be"):
        even.fabricate(-1.0, key=jr.key(0))
