"""Crossbars: signs and order by hand, mappings, noise referred to columns."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.crossbar import (
    CellNoise,
    ColumnScale,
    Crossbar,
    DifferentialPair,
    LayerScale,
    ReferenceColumn,
)
from rram_ode.devices import ConductanceRange


US = 1e-6
RANGE = ConductanceRange(8 * US, 90 * US)
NUM = 100_000


def example():
    """Two driven rows and the constant one, two columns; no symmetry anywhere."""
    g_pos = jnp.array([[10.0, 20.0], [30.0, 50.0], [70.0, 11.0]]) * US
    g_neg = jnp.array([[12.0, 8.0], [9.0, 60.0], [8.0, 80.0]]) * US
    std = jnp.array([[1.0, 0.2], [0.5, 2.0], [0.7, 0.1]]) * US
    return Crossbar(g_pos, g_neg, jnp.array(0.2), std, 2 * std)


@pytest.mark.lowest
def test_signs_and_order():
    """i_j = sum_i v_i (g+ - g-)_ij, in microamperes, by hand."""
    i = example()(jnp.array([0.1, -0.3]))
    by_hand = [
        0.1 * (10 - 12) + -0.3 * (30 - 9) + 0.2 * (70 - 8),
        0.1 * (20 - 8) + -0.3 * (50 - 60) + 0.2 * (11 - 80),
    ]
    assert np.allclose(by_hand, [5.9, -9.6])
    assert np.allclose(i * 1e6, [5.9, -9.6], rtol=1e-12)


@pytest.mark.lowest
def test_power_by_hand():
    """sum v^2 g over all cells, both of a pair, and the constant row; in microwatts."""
    power = example().power(jnp.array([[0.1], [-0.3]]))
    by_hand = 0.01 * (30 + 20) + 0.09 * (80 + 69) + 0.04 * (81 + 88)
    assert np.allclose(power * 1e6, [by_hand], rtol=1e-12)


def test_batch_is_columns(getkey):
    crossbar, v = example(), jr.normal(getkey(), (2, 7))
    batch = crossbar(v)
    each = jnp.stack([crossbar(v[:, n]) for n in range(7)], axis=1)
    assert jnp.allclose(batch, each, rtol=1e-12)


@pytest.mark.long
def test_quiet_noise_adds_nothing(getkey):
    """Unit noise of any size on cells whose spread is zero, bit for bit."""
    crossbar, v = example(), jr.normal(getkey(), (2, 7))
    zeros = jnp.zeros((3, 2))
    crossbar = eqx.tree_at(
        lambda c: (c.white_std, c.flicker_std), crossbar, (zeros,) * 2
    )
    noise = CellNoise(jr.normal(getkey(), (2, 7)), jr.normal(getkey(), (3, 2, 7)))
    assert jnp.array_equal(crossbar(v, noise), crossbar(v))


def test_flicker_is_the_sum_over_cells(getkey):
    """Against an explicit einsum with the constant row appended."""
    crossbar, v = example(), jr.normal(getkey(), (2, 7))
    unit = jr.normal(getkey(), (3, 2, 7))
    rows = jnp.concatenate([v, jnp.full((1, 7), 0.2)])
    wanted = jnp.einsum("is,ij,ijs->js", rows, crossbar.flicker_std, unit)
    found = crossbar(v, CellNoise(flicker=unit)) - crossbar(v)
    assert jnp.allclose(found, wanted, rtol=1e-9, atol=1e-18)


def covariance_deviations(noise, covariance):
    """Of currents `(cols, NUM)`: 2 means, 3 covariances, in standard errors."""
    noise, out = np.asarray(noise), []
    for i in range(2):
        out.append(noise[i].mean() / np.sqrt(covariance[i, i] / NUM))
    for i, j in ((0, 0), (0, 1), (1, 1)):
        variance = covariance[i, i] * covariance[j, j] + covariance[i, j] ** 2
        found = np.mean(noise[i] * noise[j]) - covariance[i, j]
        out.append(found / np.sqrt(variance / NUM))
    return np.abs(out)


@pytest.mark.long
def test_column_referral_has_the_law_of_the_cells(getkey):
    """One draw a column against one draw a cell of each array: the same covariance.

    The pair's spread is the root of the summed squares of both cells. The mutant sums
    the spreads themselves.
    """
    crossbar, v = example(), jnp.array([0.1, -0.3])
    rows = np.array([0.1, -0.3, 0.2])
    std = np.asarray(crossbar.white_std)
    cells = (
        np.asarray(jr.normal(getkey(), (2, 3, 2, NUM))) * std[:, :, None] / np.sqrt(2)
    )
    explicit = np.einsum("i,ijs->js", rows, cells[0]) - np.einsum(
        "i,ijs->js", rows, cells[1]
    )
    covariance = np.diag(rows**2 @ std**2)
    assert np.all(covariance_deviations(explicit, covariance) < 4)
    v = jnp.broadcast_to(v[:, None], (2, NUM))
    noise = CellNoise(white=jr.normal(getkey(), (2, NUM)))
    referred = crossbar(v, noise) - crossbar(v)
    assert np.all(covariance_deviations(referred, covariance) < 4)
    mutant = np.abs(rows) @ std / np.sqrt(np.diag(covariance))
    assert np.max(covariance_deviations(mutant[:, None] * referred, covariance)) > 10


MAPPINGS = {
    "pair": (DifferentialPair(RANGE), 82 * US),
    "reference": (ReferenceColumn(RANGE), 41 * US),
}


@pytest.mark.parametrize(
    "scale", [ColumnScale(), LayerScale()], ids=["column", "layer"]
)
@pytest.mark.parametrize("name", MAPPINGS)
@pytest.mark.lowest
def test_weights_survive_the_mapping(name, scale, getkey):
    """Targets lie in the range, use it all, and give the weights back."""
    mapping, full = MAPPINGS[name]
    weights = jr.normal(getkey(), (5, 3)) * jnp.array([0.1, 1.0, 7.0])[None]
    siemens = mapping.full_scale / scale(weights)
    g_pos, g_neg = mapping.to_conductance(weights, siemens)
    assert np.isclose(mapping.full_scale, full, rtol=1e-12)
    assert jnp.allclose(mapping.to_weight(g_pos, g_neg, siemens), weights, rtol=1e-12)
    for g in (g_pos, g_neg):
        assert jnp.min(g) >= 8 * US * (1 - 1e-12)
        assert jnp.max(g) <= 90 * US * (1 + 1e-12)
    net = jnp.max(jnp.abs(g_pos - g_neg), axis=0)
    at_full = np.isclose(net, full, rtol=1e-12)
    assert at_full.all() if isinstance(scale, ColumnScale) else at_full.sum() == 1


def test_targets_by_hand():
    weights, siemens = jnp.array([[1.0, -2.0]]), jnp.array([10.0, 10.0]) * US
    g_pos, g_neg = DifferentialPair(RANGE).to_conductance(weights, siemens)
    assert np.allclose(g_pos * 1e6, [[18.0, 8.0]])
    assert np.allclose(g_neg * 1e6, [[8.0, 28.0]])
    g_pos, g_neg = ReferenceColumn(RANGE).to_conductance(weights, siemens)
    assert np.allclose(g_pos * 1e6, [[59.0, 29.0]])
    assert np.allclose(g_neg * 1e6, [[49.0, 49.0]])


def test_scale_of_zeros_is_one():
    weights = jnp.array([[0.0, 0.0], [0.0, -3.0]])
    assert jnp.array_equal(ColumnScale()(weights), jnp.array([1.0, 3.0]))
    assert jnp.array_equal(LayerScale()(weights), jnp.array([3.0, 3.0]))
    assert jnp.array_equal(LayerScale()(0 * weights), jnp.array([1.0, 1.0]))


def test_reference_mismatch(getkey):
    """One relative draw a column, of the stated spread; zero is exact."""
    g = jnp.full((4, 20_000), 49 * US)
    key = getkey()
    assert jnp.array_equal(ReferenceColumn(RANGE).with_mismatch(g, key=key), g)
    assert jnp.array_equal(DifferentialPair(RANGE).with_mismatch(g, key=key), g)
    found = ReferenceColumn(RANGE, 0.01).with_mismatch(g, key=key) / g - 1
    assert jnp.allclose(found, found[:1], rtol=0, atol=1e-15)
    assert abs(float(jnp.std(found[0])) / 0.01 - 1) < 4 / np.sqrt(2 * 20_000)
    with pytest.raises(ValueError, match="`reference_mismatch` must be 0 or more"):
        ReferenceColumn(RANGE, -0.1)


def test_gradient_at_zero_volts_is_finite():
    """The root of a variance of zero has no infinite slope."""
    crossbar = eqx.tree_at(lambda c: c.v_bias, example(), jnp.array(0.0))
    noise = CellNoise(white=jnp.ones(2))
    gradient = jax.grad(lambda v: jnp.sum(crossbar(v, noise)))(jnp.zeros(2))
    assert jnp.all(jnp.isfinite(gradient))
