"""Constant rows as low as their biases allow: the same network, smaller errors."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.chip import AnalogNetwork, Blueprint, Ranges
from rram_ode.config import idealise, replace
from rram_ode.presets import PRESETS
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.system import build_design


RANGES = Ranges(3.0, (5.0, 5.0), 4.0)


def chip(score, bias, std=0.0, key=0, mapping="reference"):
    config = dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )
    changes = {
        "crossbar.mapping": mapping,
        "crossbar.bias": bias,
        "cell.write.std": std,
    }
    for name, value in changes.items():
        config = replace(config, name, value)
    made = Blueprint(score, build_design(config), RANGES).program(jr.key(key)).score
    assert isinstance(made, AnalogNetwork)
    return made


def output(analog, x):
    out, _ = analog.nodes(analog.volts_in * x, analog.embedding(jnp.array(0.3)))
    return out / analog.volts_out


def score(**biases):
    network = fourier_mlp(2, (8, 6), key=jr.key(2))
    for layer, b in biases.items():
        where = lambda n, number=int(layer[1:]): n.biases[number]
        network = eqx.tree_at(where, network, jnp.asarray(b))
    return NetworkScore(network)


@pytest.mark.long
@pytest.mark.parametrize(
    "mapping",
    ["reference", pytest.param("differential-pair", marks=pytest.mark.slow)],
)
def test_the_network_is_the_same_at_a_lower_voltage(mapping, getkey):
    x, net = jr.normal(getkey(), (2, 16)), score()
    wanted = net.network(jnp.array(0.3), x)
    analog = chip(net, "fitted", mapping=mapping)
    np.testing.assert_allclose(output(analog, x), wanted, atol=1e-12)
    volts = [float(layer.crossbar.v_bias) for layer in analog.layers]
    assert all(0 < v < 0.2 for v in volts)


def test_the_largest_bias_of_a_row_has_its_columns_largest_conductance():
    """No column's scale is set by a bias, and one bias just meets it."""
    full, fitted = (chip(score(), bias) for bias in ("full", "fitted"))
    for a, b in zip(full.layers, fitted.layers, strict=True):
        g = [np.abs(np.asarray(c.g_pos - c.g_neg)) for c in (a.crossbar, b.crossbar)]
        np.testing.assert_allclose(g[1].max(0), g[1][:-1].max(0), rtol=1e-9)
        assert np.isclose(g[1][-1].max(), g[1][:-1].max(), rtol=1e-9)
        assert g[0][-1].max() < 0.9 * g[0][:-1].max()


@pytest.mark.slow
def test_errors_of_the_biases_shrink_with_the_voltage(getkey):
    """Spread over chips of the output at x = 0, where biases alone are read."""
    net = score(b0=jnp.full(8, 0.1), b1=jnp.full(6, -2.0), b2=jnp.array([0.02, 0.0]))
    x = jnp.zeros((2, 1))

    def spread(bias):
        found = [output(chip(net, bias, 1e-6, key), x)[:, 0] for key in range(24)]
        return np.std(found, axis=0).max()

    assert spread("fitted") < 0.6 * spread("full")


@pytest.mark.slow
def test_biases_of_zero_and_columns_without_weights():
    """A row without any bias keeps a small voltage; a bias alone takes all of it."""
    none = chip(score(b0=jnp.zeros(8)), "fitted").layers[0].crossbar
    assert float(none.v_bias) == pytest.approx(0.2e-3)
    net = score(b1=jnp.ones(6))
    where = lambda s: s.network.weights[1]
    alone = eqx.tree_at(where, net, where(net).at[:, 2].set(0.0))
    crossbar = chip(alone, "fitted").layers[1].crossbar
    assert float(crossbar.v_bias) == pytest.approx(0.2)
    assert jnp.isfinite(crossbar.g_pos).all()
