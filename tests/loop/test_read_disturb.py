"""Cells that are read above a voltage limit are counted, and nothing else changes."""

import dataclasses

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.chip import AnalogNetwork, Blueprint
from rram_ode.config import replace
from rram_ode.presets import PRESETS
from rram_ode.system import build_design
from rram_ode.training import shipped_checkpoint


CHECKPOINT = shipped_checkpoint("ring")


def stressed(v_disturb):
    """Of a chip without clamps, at states from small to large, `(samples,)`."""
    config = replace(PRESETS["ring-fresh"][0], "amplifier.clamp", False)
    config = replace(config, "crossbar.v_disturb", None)
    limit = jnp.inf if v_disturb is None else v_disturb
    design = dataclasses.replace(build_design(config), v_disturb=limit)
    score = (
        Blueprint(CHECKPOINT.score, design, CHECKPOINT.ranges).program(jr.key(0)).score
    )
    assert isinstance(score, AnalogNetwork)
    v = jnp.linspace(0.01, 1.0, 50)[None] * jnp.ones((2, 1))
    embedding = score.embedding(jnp.asarray(0.5))
    _, nodes = score.nodes(v, embedding)
    rows = [v, *(jnp.maximum(node.v, 0.0) for node in nodes[1:-1])]
    return np.asarray(score.stressed(v, nodes)), rows, score


@pytest.mark.long
def test_the_share_counts_cells_by_row():
    """Row by row: a row above the limit stresses all cells on it."""
    found, rows, score = stressed(0.15)
    wanted = np.zeros(50)
    for layer, row in zip(score.layers, rows, strict=True):
        cols = layer.crossbar.g_pos.shape[1]
        # The constant row is at v_max = 0.2 V.
        wanted += cols * ((np.abs(np.asarray(row)) > 0.15).sum(axis=0) + 1)
    wanted /= sum(layer.crossbar.g_pos.size for layer in score.layers)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert found[-1] > found[0] > 0


def test_no_limit_counts_none():
    assert not stressed(None)[0].any()
    assert not stressed(100.0)[0].any()


def test_a_clamp_below_the_limit_keeps_all_cells_safe():
    config = PRESETS["ring-fresh"][0]
    assert config.crossbar.v_disturb is not None
    assert config.crossbar.v_max < config.crossbar.v_disturb
    design = dataclasses.replace(build_design(config))
    score = (
        Blueprint(CHECKPOINT.score, design, CHECKPOINT.ranges).program(jr.key(0)).score
    )
    assert isinstance(score, AnalogNetwork)
    v = 10 * jnp.ones((2, 3))
    _, nodes = score.nodes(v, score.embedding(jnp.asarray(0.5)))
    assert not score.stressed(v, nodes).any()
