"""A programmed chip whose arrays have wires."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.chip import AnalogNetwork, Blueprint, Ranges
from rram_ode.config import idealise, replace, RunConfig
from rram_ode.crossbar import CellNoise, fold, fold_tiles, port_matrix, Tiling, Wires
from rram_ode.noise import WhiteReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.system import build_design


OHMS = {"word_line": 20.0, "bit_line": 10.0, "driver": 50.0, "sense": 5.0}
RANGES = Ranges(4.0, (3.0,), 5.0)

folded = jax.jit(fold)
WIRES = Wires(20.0, 10.0, 50.0, 5.0)


def design(**ohms):
    config = RunConfig()
    for name, value in ohms.items():
        config = replace(config, f"crossbar.wires.{name}", value)
    return build_design(config)


def crossbars(design, width=30, key=0):
    score = NetworkScore(fourier_mlp(2, (width,), key=jr.key(0)))
    chip = Blueprint(score, design, RANGES).program(jr.key(key))
    assert isinstance(chip.score, AnalogNetwork)
    return [layer.crossbar for layer in chip.score.layers]


@pytest.fixture(scope="module")
def bare():
    return crossbars(design())


@pytest.fixture(scope="module")
def wired():
    return crossbars(design(**OHMS))


@pytest.mark.long
def test_off_is_no_wires(bare):
    """Zero resistance in the configuration makes no `Wires`; as `Wires`, the same chip.

    Read noise apart, bit for bit.
    """
    assert design().wires is None
    zero = dataclasses.replace(design(), wires=Wires())
    for a, b in zip(crossbars(zero), bare, strict=True):
        for name in ("g_pos", "g_neg", "v_bias", "flicker_std"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
        np.testing.assert_allclose(a.white_std, b.white_std, rtol=1e-14)
        assert a.white_gain is not None
        np.testing.assert_allclose(a.white_gain, np.ones_like(a.white_gain), rtol=1e-14)
        v = jr.normal(jr.key(0), (a.g_pos.shape[0] - 1, 3))
        np.testing.assert_allclose(a.power(v), b.power(v), rtol=1e-13)


def test_ideal_turns_wires_off():
    config = replace(RunConfig(), "crossbar.wires.word_line", 5.0)
    assert idealise(config).crossbar.wires == RunConfig().crossbar.wires
    ideal = replace(config, "fidelity", "ideal")
    assert build_design(ideal).wires is None
    assert build_design(config).wires is not None


@pytest.mark.long
def test_both_arrays_are_folded(bare, wired):
    """Each with its own wires; the mutant folds the difference of the two."""
    wires = WIRES
    for a, b in zip(bare, wired, strict=True):
        for name in ("g_pos", "g_neg"):
            wanted = folded(getattr(a, name), wires).g
            np.testing.assert_allclose(getattr(b, name), wanted, rtol=1e-12)
        mutant = folded(a.g_pos - a.g_neg, wires).g
        error = jnp.max(jnp.abs(b.g_pos - b.g_neg - mutant))
        assert error > 1e-3 * jnp.max(jnp.abs(mutant))


@pytest.mark.slow
def test_tiles_reach_the_chip():
    """`crossbar.tile_rows` and `tile_cols` divide both arrays of each layer."""
    config = RunConfig()
    values = {f"wires.{name}": ohms for name, ohms in OHMS.items()}
    for name, value in {**values, "tile_rows": 4, "tile_cols": 6}.items():
        config = replace(config, f"crossbar.{name}", value)
    one, tiled = crossbars(design(), 6), crossbars(build_design(config), 6)
    wanted = fold_tiles(one[1].g_neg, WIRES, Tiling(4, 6)).g
    np.testing.assert_allclose(tiled[1].g_neg, wanted, rtol=1e-12)
    mutant = folded(one[1].g_neg, WIRES).g
    assert jnp.max(jnp.abs(mutant / wanted - 1)) > 1e-4


@pytest.mark.long
def test_power_is_that_of_two_port_matrices(bare, wired):
    """Rows at v and at -v, the constant row with them."""
    v = jr.normal(jr.key(0), (30, 4))
    rows = jnp.concatenate([v, jnp.full((1, 4), bare[1].v_bias)])
    wanted = sum(
        port_matrix(g, WIRES).power(rows) for g in (bare[1].g_pos, bare[1].g_neg)
    )
    np.testing.assert_allclose(wired[1].power(v), wanted, rtol=1e-12)
    assert np.all(bare[1].power(v) > 1.001 * wanted)


def test_flicker_is_attenuated_by_each_arrays_slope(bare, wired):
    wires, law = WIRES, design().cell.read.flicker
    assert law is not None
    pos, neg = (
        folded(g, wires).slope * law.spread(g) for g in (bare[1].g_pos, bare[1].g_neg)
    )
    wanted = jnp.sqrt(pos**2 + neg**2)
    np.testing.assert_allclose(wired[1].flicker_std, wanted, rtol=1e-12)


@pytest.mark.long
def test_white_noise_is_separable_to_second_order(bare, wired):
    """One spread a row and one gain a column against one spread a cell, random rows.

    Measured: 0.1 %; the mutant, the noise of an array without wires, 1 % and more.
    """
    law = design().cell.read.white
    assert isinstance(law, WhiteReadNoise)
    wires, std = WIRES, float(law.std)
    a, b = bare[1], wired[1]
    v = jr.uniform(jr.key(0), (30, 100), minval=-0.2, maxval=0.2)
    quiet = b(v)
    found = b(v, CellNoise(white=jnp.ones_like(quiet))) - quiet
    rows = jnp.concatenate([v, jnp.full((1, 100), b.v_bias)]) ** 2
    slopes = folded(a.g_pos, wires).slope ** 2 + folded(a.g_neg, wires).slope ** 2
    wanted = std * jnp.sqrt(slopes.T @ rows)
    assert jnp.max(jnp.abs(found / wanted - 1)) < 0.005
    mutant = std * jnp.sqrt(jnp.full(slopes.shape, 2.0).T @ rows)
    assert jnp.min(jnp.abs(mutant / wanted - 1)) > 0.01


@pytest.mark.parametrize("wrap", [lambda f: f, eqx.filter_jit, "vmap"])
def test_wires_that_take_the_current(wrap):
    """Refused where the value is known; traced, the chip is made."""
    score = NetworkScore(fourier_mlp(2, (30,), key=jr.key(0)))  # as `crossbars`
    hopeless = design(word_line=1e5)
    make = lambda key: Blueprint(score, hopeless, RANGES).program(key)
    if wrap == "vmap":
        jax.eval_shape(eqx.filter_vmap(make), jr.split(jr.key(0), 2))
        return
    if wrap is eqx.filter_jit:
        eqx.filter_eval_shape(make, jr.key(0))
        return
    with pytest.raises(
        ValueError, match=r"at least 10% .*got 3.9e-10: lower .crossbar\.wires"
    ):
        make(jr.key(0))
