"""The shipped robust networks on a chip with 1 uS of write error, beside the plain."""

import dataclasses

import numpy as np
import pytest
from rram_ode._run import assemble, run_key
from rram_ode.config import replace
from rram_ode.presets import PRESETS
from rram_ode.samplers import draw


def ring_of(preset, checkpoint, seed=7, num=2000):
    """How far the mean radius is from 0.7, and the spread of the radius."""
    config = dataclasses.replace(PRESETS[preset][0], checkpoint=checkpoint)
    plain = PRESETS[checkpoint][0]
    config = dataclasses.replace(
        config, sde=plain.sde, network=plain.network, solve=plain.solve
    )
    system = assemble(replace(config, "solve.num_steps", 60), None)
    std, key = config.solve.start_std, run_key(seed)
    runs = draw(system.loop, system.chip(seed), num, key=key, start_std=std)
    x = np.concatenate([np.asarray(run.x0.T) for run in runs])
    radius = np.linalg.norm(x, axis=1)
    return abs(radius.mean() - 0.7), radius.std()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ring", "ring-64"])
def test_a_robust_network_keeps_its_ring_where_the_plain_one_does_not(name):
    """Radius 0.7 with a spread of 0.047 in the data."""
    shift, spread = ring_of(f"{name}-robust", f"{name}-robust")
    worse_shift, worse_spread = ring_of(f"{name}-robust", name)
    assert shift < 0.04
    assert spread < 0.1
    assert worse_spread > 1.2 * spread
    assert worse_shift + worse_spread > shift + spread
