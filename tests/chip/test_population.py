"""A batch of chips is the chips that its keys make one by one."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.chip import Blueprint, chip_at
from rram_ode.config import replace
from rram_ode.presets import PRESETS
from rram_ode.system import build_design, build_loop
from rram_ode.training import shipped_checkpoint


# Without 1/f noise, which takes long to compile.
CONFIG = replace(PRESETS["ring-fresh"][0], "cell.read.flicker.slope", 0.0)
CHECKPOINT = shipped_checkpoint("ring")
DESIGN = build_design(CONFIG)
KEYS = jr.split(jr.key(5), 3)


def one(number):
    return Blueprint(CHECKPOINT.score, DESIGN, CHECKPOINT.ranges).program(KEYS[number])


@pytest.mark.long
def test_a_batch_is_its_chips():
    """Each has its own cells, offsets and key.

    Draws are made in single precision, and the two programs, of which one is compiled
    fast, round them in their own ways.
    """
    chips = Blueprint(CHECKPOINT.score, DESIGN, CHECKPOINT.ranges).program_many(KEYS)
    for number in range(len(KEYS)):
        alone, picked = one(number), chip_at(chips, number)
        for a, b in zip(*map(jax.tree_util.tree_leaves, (picked, alone)), strict=True):
            if jnp.issubdtype(a.dtype, jax.dtypes.prng_key):
                a, b = jr.key_data(a), jr.key_data(b)
            assert np.allclose(a, b, rtol=1e-6, atol=0)


@pytest.mark.slow
def test_their_solves_are_mapped():
    loop = build_loop(CONFIG, CHECKPOINT.sde, DESIGN.cell.read)
    chips = Blueprint(CHECKPOINT.score, DESIGN, CHECKPOINT.ranges).program_many(KEYS)
    x1 = jr.normal(jr.key(1), (2, 16))
    solve = eqx.filter_jit(lambda chip, x1: loop.solve(chip, x1).x0)
    together = eqx.filter_vmap(solve, in_axes=(eqx.if_array(0), None))(chips, x1)
    for number in range(len(KEYS)):
        assert jnp.abs(together[number] - solve(one(number), x1)).max() < 1e-9
    assert jnp.abs(together[0] - together[1]).max() > 1e-4
