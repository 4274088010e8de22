"""The gradient in the duration: right where it exists, refused where it would not be.

A step is a share of the duration. Noise and updates of the DAC that last for seconds of
their own keep their edges as the duration moves; jumps of telegraph noise are none of a
gradient's business. A gradient at fixed edges, or none through jumps, would be finite
and wrong.
"""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import pytest
from rram_ode.chip import Blueprint, Ranges
from rram_ode.config import idealise, NetworkConfig, override_all, parse_pairs
from rram_ode.presets import PRESETS
from rram_ode.sdes import VPSDE
from rram_ode.system import build_design, build_loop
from rram_ode.training import untrained


SDE = VPSDE(0.001, 0.5)
EDGES = {
    "`dac.update_rate`": ("dac.update_rate=10MHz",),
    "`read.white`": ("cell.read.white.std=1uS",),
    "`read.telegraph`": ("cell.read.telegraph.amplitude=0.05",),
    "`read.thermal`": ("cell.read.thermal.bandwidth=1MHz",),
    "the noise of the reverse SDE": ("solve.process=reverse-sde",),
}
NONE = [
    pytest.param((), id="nothing"),
    pytest.param(
        ("cell.read.flicker.std=0.3uS",), id="flicker", marks=pytest.mark.slow
    ),
]


def slope(settings, where, fidelity="quasi-static"):
    """Traced alone: the mean square of two samples, by the array that `where` picks."""
    clean = dataclasses.replace(idealise(PRESETS["ring-fresh"][0]), fidelity=fidelity)
    config = override_all(clean, parse_pairs(settings))
    score = untrained(
        2, NetworkConfig((6, 6)), SDE, key=jr.key(1), frequency_key=jr.key(2)
    )
    design = build_design(config)
    chip = Blueprint(score, design, Ranges(4.0, (4.0, 4.0), 8.0)).program(jr.key(5))
    machine = build_loop(config, SDE, design.cell.read), chip

    def loss(x):
        loop, chip = eqx.tree_at(where, machine, x)
        return jnp.mean(loop.solve(chip, jnp.ones((2, 2)), key=jr.key(3)).x0 ** 2)

    return eqx.filter_eval_shape(jax.jit(jax.grad(loss)), where(machine))


DURATION = lambda m: m[0].clock.duration


SLOW = [
    pytest.param(name, marks=() if name == "`read.thermal`" else pytest.mark.slow)
    for name in EDGES
]


@pytest.mark.long
@pytest.mark.parametrize("signal", SLOW)
def test_edges_of_their_own_refuse_a_gradient(signal):
    with pytest.raises(ValueError, match="`solve.duration` has no gradient with") as e:
        slope(EDGES[signal], DURATION)
    assert signal in str(e.value)
    # Every other number of the loop and chip keeps its own.
    slope(EDGES[signal], lambda m: m[0].multiplier.full_scale)
    slope(EDGES[signal], lambda m: m[1].integrator.capacitance)


def test_all_signals_are_named():
    both = (*EDGES["`dac.update_rate`"], *EDGES["`read.white`"])
    with pytest.raises(ValueError, match="with `dac.update_rate` and `read.white`: as"):
        slope(both, DURATION)


@pytest.mark.long
@pytest.mark.parametrize("settings", NONE)
def test_without_such_edges_there_is_a_gradient(settings):
    """Of the right value: `tests/test_support.py`, and the support table."""
    assert slope(settings, DURATION).shape == ()


@pytest.mark.slow
def test_noise_of_op_amps_has_edges():
    where = lambda m: m[0].loop.clock.duration
    quiet = ("op_amp.kind=on-chip",)
    slope(quiet, where, "dynamic")
    with pytest.raises(ValueError, match="no gradient with noise of op-amps: as"):
        slope((*quiet, "op_amp.e_n=5e-9"), where, "dynamic")
