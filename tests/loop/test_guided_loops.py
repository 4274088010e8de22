"""Two arrays in fidelity dynamic, and with noise: limits, both solvers, mutants."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _guided import blueprint, guided, loop_of, RANGE, starts, WEIGHT
from rram_ode.blocks import (
    CircuitNoise,
    MultiplierFlicker,
    MultiplierNoise,
    MultiplierPole,
    MultiplierSpread,
    OpAmp,
)
from rram_ode.chip import GuidedNetwork
from rram_ode.devices import Cell, ProgrammingNoise
from rram_ode.loop import make_dynamic, Parasitics
from rram_ode.noise import FlickerReadNoise, ReadNoise, WhiteReadNoise


NOISY = Cell(RANGE, (ProgrammingNoise(1e-6),))
SPREAD = MultiplierSpread(0.01, 1e-3, 1e-3, 1e-3)


def chip_of(**design):
    design = {"cell": NOISY, "spread": SPREAD, "v_rail": 1.2, **design}
    return blueprint(**design).program(jr.key(3)).of_class(2)


@eqx.filter_jit
def solve(loop, chip, x1):
    return loop.solve(chip, x1).x0


def dynamic(gbw, pole=None, tolerance=None, num_steps=200):
    op_amp = OpAmp(1e9, gbw, jnp.inf)  # its gain adds no static error
    loop = loop_of(num_steps=num_steps, tolerance=tolerance)
    return make_dynamic(loop, op_amp, Parasitics(), pole=pole)


@pytest.mark.slow
def test_dynamic_tends_to_quasi_static_as_the_bandwidth_grows():
    """The lag falls as one over the bandwidth, that of the guiding multiplier too."""
    chip, x1 = chip_of(), starts(8)
    still = solve(loop_of(num_steps=800), chip, x1)
    speeds = np.array([0.5e9, 1e9, 2e9, 4e9])
    fast = lambda f: dynamic(f, MultiplierPole(f / 10), num_steps=800)
    lags = [float(jnp.abs(solve(fast(f), chip, x1) - still).max()) for f in speeds]
    orders = np.diff(np.log(lags)) / np.diff(np.log(speeds))
    assert np.all(np.abs(orders + 1) < 0.15)
    assert lags[-1] < 5e-3
    # Mutant: a chip with another weight is not what the loop tends to.
    where = lambda c: c.score.stage.weight
    other = eqx.tree_at(where, chip, 0.5 * guided(chip).stage.weight)
    far = jnp.abs(solve(fast(speeds[-1]), other, x1) - still).max()
    assert far > 20 * lags[-1]


@pytest.mark.slow
@pytest.mark.parametrize("pole", [None, MultiplierPole(5e6)], ids=["fast", "pole"])
def test_the_march_agrees_with_an_exact_solver(pole):
    chip, x1 = chip_of(), starts(2)
    march = solve(dynamic(2e8, pole), chip, x1)
    exact = solve(dynamic(2e8, pole, 1e-7), chip, x1)
    assert jnp.abs(march - exact).max() < 2e-3 * jnp.abs(exact).max()


@pytest.mark.slow
def test_the_pole_of_the_multiplier_that_guides_delays():
    """Mutant: the same pole of the other multipliers alone."""
    chip, x1 = chip_of(), starts(4)
    circuit = dynamic(1e9, MultiplierPole(5e6)).circuit(chip)
    assert isinstance(circuit.network, GuidedNetwork)
    u = circuit.at_rest(
        chip.score.volts_in * x1,
        jnp.append(chip.score.embedding(jnp.asarray(0.5)), jnp.ones(2)),
    )
    assert u.guidance is not None
    ends = circuit.ends(u.layers)
    guide = circuit.guide(ends)
    assert guide is not None
    assert jnp.allclose(u.guidance, guide)
    moved = dataclasses.replace(u, guidance=jnp.zeros_like(guide))
    waves = jnp.append(chip.score.embedding(jnp.asarray(0.5)), jnp.ones(2))
    slope = circuit.rate(moved, waves).guidance
    assert slope is not None
    assert jnp.allclose(slope, 2 * jnp.pi * 5e6 * guide)


LOUD = ReadNoise(WhiteReadNoise(1e-6, 1e6), FlickerReadNoise(5e-7, 1e2, 1e5))


@pytest.mark.slow
def test_noise_of_both_arrays_is_drawn_apart():
    """With noise in one array alone the ends are others, whichever has it."""
    chip = chip_of(cell=Cell(RANGE, (), LOUD))
    loop, x1 = loop_of(LOUD), starts(4)
    paths = loop.term(chip, x1).paths
    assert paths.arrays == ((3, 8), (9, 8), (9, 2)) * 2
    assert paths.white is not None
    assert paths.white.values.shape[1] == 2 * 18
    control = loop.term(chip, x1).contr(loop.times[0], loop.times[1])
    white = [noise.white for noise in control.noise]
    assert len(white) == 6
    assert white[0] is not None
    assert white[3] is not None
    assert jnp.abs(white[0] - white[3]).min() > 0
    ends = [solve(loop, one, x1) for one in (chip, *half_quiet(chip))]
    for a in range(3):
        for b in range(a):
            assert jnp.abs(ends[a] - ends[b]).max() > 1e-4


def half_quiet(chip):
    for name in ("network", "null"):
        where = lambda c, name=name: [
            x
            for layer in getattr(c.score, name).layers
            for x in (layer.crossbar.white_std, layer.crossbar.flicker_std)
        ]
        yield eqx.tree_at(where, chip, [0 * x for x in where(chip)])


LAWS = {
    "guidance": MultiplierNoise(1e-6, 2.5e6, num=1),
    "guided": MultiplierFlicker(1e-3, 1e2, 1e5, num=1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAWS)
def test_noise_of_the_stage_acts_and_none_is_exact(name):
    chip, x1 = chip_of(), starts(4)
    loop = loop_of(circuit_noise=CircuitNoise(**{name: LAWS[name]}))
    quiet = solve(loop_of(), chip, x1)
    assert jnp.abs(solve(loop, chip, x1) - quiet).max() > 1e-4
    field = "density" if name == "guidance" else "volts"
    where = lambda loop: getattr(getattr(loop.circuit_noise, name), field)
    still = solve(eqx.tree_at(where, loop, jnp.zeros(())), chip, x1)
    assert jnp.allclose(still, quiet, rtol=0, atol=1e-12)


def test_the_noise_of_one_multiplier_has_half_the_power_of_two():
    one, two = MultiplierNoise(1e-6, 5e6, num=1), MultiplierNoise(1e-6, 5e6)
    assert float(two.std / one.std) == pytest.approx(np.sqrt(2))


@pytest.mark.slow
def test_nodes_of_both_arrays_are_told_apart():
    chip, x1 = chip_of(), starts(4)
    names = (
        "input",
        *("hidden 1", "hidden 2", "output"),
        *("null hidden 1", "null hidden 2", "null output"),
        "guided",
        "state",
    )
    for loop in (loop_of(), dynamic(1e9)):
        seen = loop.solve(chip, x1, num_observed=3).observation
        assert seen is not None
        assert seen.names == names
        assert (seen.power > 0).all()


@pytest.mark.slow
def test_rails_of_the_stage_are_counted():
    chip = chip_of(v_rail=0.1)
    seen = loop_of().solve(chip, 3 * starts(8), num_observed=9).observation
    assert seen is not None
    assert seen.share[seen.names.index("guided")].mean() > 0


@pytest.mark.long
def test_power_is_that_of_both_arrays():
    chip, x1 = chip_of(), starts(4)
    network = guided(chip)
    v, wave = network.volts_in * x1, network.embedding(jnp.asarray(0.5))
    _, nodes = network.nodes(v, wave)
    total, halves = network.power(v, nodes), 0.0
    for chain in network.chains:
        _, own = chain.nodes(v, chain.embedding(jnp.asarray(0.5)))
        halves = halves + chain.power(v, own)
    assert jnp.allclose(total, halves)
    assert network.stressed(v, nodes).shape == (4,)
    assert WEIGHT == network.stage.weight
