"""Static errors of all blocks: off is exact, and fidelity `dynamic` tends to them."""

import dataclasses
import functools
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import (
    AutoZero,
    BendSpread,
    BlockSpread,
    FeedbackIntegrator,
    MultiplierSpread,
    OpAmp,
    SupplySpread,
)
from rram_ode.chip import Blueprint, compensate, Design, OpAmps, Ranges, STATIC
from rram_ode.config import idealise, replace, RunConfig
from rram_ode.crossbar import DifferentialPair, Wires
from rram_ode.devices import Cell, SinhIV
from rram_ode.loop import make_dynamic, Parasitics, wire_up
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import VPSDE
from rram_ode.system import build_design
from rram_ode.training import calibrate, TrainingChips
from test_dynamic import distance, quasi_static, RANGE, solve, starts


# A low gain and a large bias current, so that each shows.
AMP = OpAmp(2e3, 1e8, offset_std=2e-3, bias_current=5e-8)
ZERO = AutoZero(1e-12, 2e-16)
BEND = BendSpread(4e-3, 8e-3, 1.2, 1.0)
ERRORS = {
    "drivers": BlockSpread(2e-3, 1e-3, "driver"),
    "inverters": BlockSpread(4e-3, 1e-3, "inverter"),
    "rectifiers": BlockSpread(4e-3, 1e-3, "rectifier"),
    "supplies": SupplySpread(4e-3, 0.02),
    "multiplier": MultiplierSpread(5e-3, 2e-3, 2e-3, 1e-3, BEND),
    "op_amps": OpAmps(AMP, ZERO),
}
OFF = {name: spread.scaled(0.0) for name, spread in ERRORS.items()}
KNOBS = (
    "driver.offset_std",
    "driver.gain_std",
    "inverter.offset_std",
    "inverter.gain_std",
    "rectifier.offset_std",
    "rectifier.gain_std",
    "supply.reference_std",
    "supply.std",
    "multiplier.signal_bend_std",
    "multiplier.factor_bend_std",
    "op_amp.static_errors",
)
WIRES = Wires(3.0, 2.0, 50.0, 10.0)
SCORE = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))


def currents(layer, v):
    """Net currents of a layer's columns for `v` at its row drivers, in amperes."""
    return layer.crossbar(layer.driven(v))


def design_of(wires=None, cell=Cell(RANGE), offset_std=1e-3, **errors):
    return Design(
        cell,
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        v_rail=1.2,
        v_clamp=0.2,
        offset_std=offset_std,
        mismatch_std=1e-2,
        wires=wires,
        **errors,
    )


def program(design, seed=3) -> Any:
    return Blueprint(SCORE, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(seed))


@functools.cache
def chip_of(has_wires=False) -> Any:
    return program(design_of(WIRES if has_wires else None, **ERRORS))


def dynamic(gbw, num_steps):
    op_amp = dataclasses.replace(AMP, gbw=gbw)
    return make_dynamic(quasi_static(num_steps), op_amp, Parasitics(), None, ZERO)


# The ladder: quasi-static is the limit.


@pytest.mark.long
@pytest.mark.parametrize(
    "has_wires", [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_dynamic_tends_to_quasi_static_with_every_static_error(has_wires):
    """First order in 1 / bandwidth (x 10, 100, 1,000), and to this chip alone."""
    gbws, num_steps = (1e8, 1e9, 1e10, 1e11), 400
    chip, x1 = chip_of(has_wires), starts()
    *ends, limit = [solve(dynamic(gbw, num_steps), chip, x1) for gbw in (*gbws, 1e16)]
    found = np.array([distance(x, limit) for x in ends])
    orders = -np.diff(np.log10(found)) / np.diff(np.log10(gbws))
    assert np.all(np.abs(orders - 1) < 0.05), orders
    slow = quasi_static(num_steps)
    left = distance(solve(slow, chip, x1), limit)
    assert left < 1e-5
    # The mutants: quasi-static chips without one error, which keep their structure.
    for name, off in OFF.items():
        wires = WIRES if has_wires else None
        mutant = program(design_of(wires, **{**ERRORS, name: off}))
        assert distance(solve(slow, mutant, x1), limit) > 100 * left, name


# One layer against the equations of its nodes.


def solved_by_nodes(layer, v, wave):
    """Outputs of the amplifiers by one dense system: rows, summing nodes, outputs."""
    crossbar, drivers, inverters = (
        layer.crossbar,
        layer.drivers,
        layer.crossbar.inverters,
    )
    g_f = np.asarray(1 / layer.amplifier.feedback_resistance)
    op_amp, offset = layer.op_amps.op_amp, np.asarray(layer.op_amps.offset)
    rows, cols = crossbar.g_pos.shape
    g_pos, g_neg = np.asarray(crossbar.g_pos), np.asarray(crossbar.g_neg)
    # Unknowns: rows, inverted rows, summing nodes, outputs.
    num = 2 * rows + 2 * cols
    a, b = np.zeros((num, num)), np.zeros(num)
    r, n, m, o = np.split(np.arange(num), [rows, 2 * rows, 2 * rows + cols])
    for i in range(rows):
        a[r[i], r[i]] = 1
        is_last = i == rows - 1
        b[r[i]] = crossbar.v_bias
        if not is_last:
            b[r[i]] = (1 + drivers.gain[i]) * v[i] + drivers.offset[i]
        a[n[i], n[i]], a[n[i], r[i]] = 1, 1 + inverters.gain[i]
        b[n[i]] = inverters.offset[i]
    for j in range(cols):
        for i in range(rows):
            a[m[j], n[i]], a[m[j], r[i]] = g_pos[i, j], g_neg[i, j]
            a[m[j], m[j]] -= g_pos[i, j] + g_neg[i, j]
        a[m[j], o[j]] += g_f[j]
        a[m[j], m[j]] -= g_f[j]
        b[m[j]] = -op_amp.bias_current
        if wave is not None:
            a[m[j], m[j]] -= g_f[j]
            b[m[j]] += g_f[j] * wave[j]  # the source is inverted
        a[o[j], o[j]], a[o[j], m[j]] = 1, op_amp.gain
        b[o[j]] = op_amp.gain * offset[j]
    return np.linalg.solve(a, b)[o]


@pytest.mark.parametrize("has_wave", [False, True])
def test_a_layer_settles_as_its_nodes_do(has_wave):
    layer, v = chip_of().score.layers[1], jnp.array([0.11, 0.0, 0.05, 0.2])
    wave = jnp.array([0.3, -0.2, 0.1, 0.0]) if has_wave else None
    found = layer(v[:, None], wave=wave)[:, 0]
    wanted = solved_by_nodes(layer, v, wave)
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-12)
    # The stage of fidelity `dynamic` says the same, by another formula.
    stage = layer.stage(layer.op_amps, has_wave=has_wave)
    i = -currents(layer, v[:, None])[:, 0]
    if wave is not None:
        i = i - wave / layer.amplifier.feedback_resistance
    settled = stage.settled_output(i + layer.op_amps.op_amp.bias_current)
    assert np.allclose(settled, wanted, rtol=1e-9, atol=1e-12)


def test_an_integrator_of_finite_gain_leaks_as_r_c_times_its_gain():
    """The fixed point and the time constant of the fabricated integrators."""
    chip = chip_of()
    block = chip.integrator
    own, gain = block.op_amps, float(AMP.gain)
    v = jnp.array([[0.1, -0.2], [0.3, 0.0]])
    slope = (block.rate(jnp.zeros_like(v), v)[:, 1] - block.rate(0 * v, v)[:, 0]) / (
        v[:, 1] - v[:, 0]
    )
    siemens = block.leak + (1 / block.resistance + block.leak) / gain
    farads = block.capacitance * (1 + block.mismatch) * (1 + 1 / gain)
    assert np.allclose(slope, -siemens / farads, rtol=1e-9)
    rest = block.rate(jnp.zeros((2, 1)), jnp.zeros((2, 1)))[:, 0]
    pull = own.offset * (1 / block.resistance + block.leak) - AMP.bias_current
    assert np.allclose(rest, pull / farads, rtol=1e-9)


# Signs and the ends of the chain.


def test_each_error_moves_its_own_node():
    """By a chip whose errors are set by hand, against the one without."""
    design = design_of(
        offset_std=0.0, drivers=OFF["drivers"], inverters=OFF["inverters"]
    )
    layer = program(design).score.layers[1]
    v = jnp.array([0.11, 0.02, 0.05, 0.2])
    g_pos, g_neg = layer.crossbar.g_pos, layer.crossbar.g_neg
    moved = lambda where, x: (
        currents(eqx.tree_at(where, layer, x), v) - currents(layer, v)
    )
    one = jnp.zeros(5).at[2].set(1e-3)
    pairs = (
        (lambda z: z.drivers.offset, one[:4], 1e-3 * (g_pos - g_neg)[2]),
        (lambda z: z.drivers.gain, one[:4], 1e-3 * v[2] * (g_pos - g_neg)[2]),
        (lambda z: z.crossbar.inverters.offset, one, -1e-3 * g_pos[2]),
        (lambda z: z.crossbar.inverters.gain, one, 1e-3 * v[2] * g_pos[2]),
    )
    for where, x, wanted in pairs:
        assert np.allclose(moved(where, x), wanted, rtol=1e-8, atol=1e-18)


def test_a_rectifier_shifts_its_knee():
    network = program(design_of(rectifiers=OFF["rectifiers"])).score
    where = lambda n: n.layers[0].rectifiers.offset
    moved = eqx.tree_at(where, network, jnp.array([1e-3, -1e-3, 0.0, 2e-3]))
    v = jnp.array([-5e-4, 5e-4, 0.1, -5e-4])
    assert np.allclose(moved.hidden_node(1, v).v, [5e-4, 0.0, 0.1, 1.5e-3])


def test_a_reference_scales_starts_waves_and_the_reading():
    chip = program(design_of(supplies=ERRORS["supplies"]))
    plain, factor = program(design_of()), chip.reference
    assert abs(factor - 1) > 1e-4
    v = jnp.array([[0.1], [0.2]])
    assert np.allclose(chip.precharged(v), factor * v)
    assert np.allclose(chip.read_against_reference(chip.precharged(v)), v)
    for ours, theirs in zip(chip.score.layers, plain.score.layers, strict=True):
        v_bias = factor * theirs.crossbar.v_bias
        assert np.allclose(ours.crossbar.v_bias, v_bias, rtol=1e-12)
    rails = [layer.amplifier.v_rail for layer in chip.score.layers]
    assert len({float(v) for v in (*rails, chip.integrator.v_rail)}) == 1
    assert abs(rails[0] - 1.2) > 1e-4
    loop, x = quasi_static(), jnp.zeros(())
    waves = [loop.waveforms(each).at(x, None) for each in (chip, plain)]
    assert np.allclose(waves[0][-2:], factor * waves[1][-2:], rtol=1e-12)
    played = [
        c.score.waves(w[:-2])[0] for c, w in zip((chip, plain), waves, strict=True)
    ]
    assert np.allclose(played[0], factor * played[1], rtol=1e-12)


def test_a_bend_has_its_largest_deviation_and_exact_ends():
    drawn = BEND.fabricate(jr.normal(jr.key(0), (2, 2, 2)))
    v = jnp.broadcast_to(jnp.linspace(-1.2, 1.2, 20_001), (2, 20_001))
    for which in range(2):
        off = drawn.of_signal(which, v) - v
        assert np.allclose(off[:, jnp.array([0, 10_000, -1])], 0.0, atol=1e-15)
        most = jnp.abs(off).max(axis=1)
        assert np.allclose(most, 1.2 * jnp.abs(drawn.signal[which]), rtol=1e-6)
        k = 1 / np.sqrt(3.0)
        wanted = k + drawn.factor[which]
        assert np.allclose(drawn.of_factor(which, jnp.asarray(k)), wanted, rtol=1e-12)


# Draws.


def test_one_seed_is_one_chip_in_both_rungs():
    chip = chip_of()
    circuit = wire_up(chip, AMP, Parasitics(), ZERO)
    bare = wire_up(program(design_of()), AMP, Parasitics(), ZERO)
    for layer, stage, old in zip(
        chip.score.layers, circuit.layers, bare.layers, strict=True
    ):
        # One is drawn in a compiled program.
        assert np.allclose(layer.op_amps.offset, stage.offset, rtol=1e-12)
        assert jnp.array_equal(stage.offset, old.offset)
    offset = chip.integrator.op_amps.offset
    assert np.allclose(offset, circuit.integrator.offset, rtol=1e-12)
    assert np.allclose(offset, bare.integrator.offset, rtol=1e-12)


@pytest.mark.long
def test_draws_have_no_mean_and_their_spread():
    """Over many chips, within 5 standard errors of a normal sample; each its own."""
    num = 500
    spreads = {name: ERRORS[name] for name in STATIC[:4]}
    blueprint = Blueprint(SCORE, design_of(**spreads), Ranges(3.0, (4.0, 4.0), 6.0))
    chips: Any = blueprint.program_many(jr.split(jr.key(5), num))
    first, second, last = chips.score.layers
    rail = np.asarray(chips.integrator.v_rail) - 1.2
    drawn = [
        np.asarray(chips.score.reference - 1)[:, None] / 4e-3,
        rail[:, None] / 0.02,
    ]
    for block, gain, offset in (
        (first.drivers, 2e-3, 1e-3),
        (last.drivers, 2e-3, 1e-3),
        (first.crossbar.inverters, 4e-3, 1e-3),
        (last.crossbar.inverters, 4e-3, 1e-3),
        (first.rectifiers, 4e-3, 1e-3),
        (second.rectifiers, 4e-3, 1e-3),
    ):
        drawn += [np.asarray(block.gain) / gain, np.asarray(block.offset) / offset]
    assert last.rectifiers is None
    for unit in drawn:
        assert abs(unit.mean()) < 5 / np.sqrt(unit.size)
        assert abs(np.mean(unit**2) - 1) < 5 * np.sqrt(2 / unit.size)
    every = np.concatenate(drawn, axis=1)
    between = every.T @ every / num - np.eye(every.shape[1])
    assert np.abs(between).max() < 6.5 / np.sqrt(num)  # 1,500 pairs, the largest


def test_draws_of_bends_have_their_spread_and_leave_the_others():
    num, spread = 1000, ERRORS["multiplier"]
    assert isinstance(spread, MultiplierSpread)
    drawn = spread.fabricate(num, key=jr.key(2))
    plain = dataclasses.replace(spread, bend=None).fabricate(num, key=jr.key(2))
    for name in ("gain", "signal", "factor", "offset"):
        assert jnp.array_equal(getattr(drawn, name), getattr(plain, name))
    assert drawn.bend is not None
    pairs = (drawn.bend.signal, BEND.signal), (drawn.bend.factor, BEND.factor)
    for unit in (np.asarray(values) / float(std) for values, std in pairs):
        assert abs(unit.mean()) < 5 / np.sqrt(unit.size)
        assert abs(np.mean(unit**2) - 1) < 5 * np.sqrt(2 / unit.size)


# Off.


@pytest.mark.long
def test_off_is_exact():
    """All blocks at zero: the chip computes bit for bit what one without them does."""
    v, t = 0.1 * starts(4), jnp.asarray(0.3)

    def end(**errors):
        chip = program(design_of(offset_std=0.0, **errors))
        out, _ = chip.score.nodes(v, chip.score.embedding(t))
        wave = jnp.array([-0.4, 0.25])
        return chip.integrator.rate(chip.multiply(wave, v, out), v)

    plain, ideal = end(), OpAmps(OpAmp(jnp.inf, jnp.inf))
    errors = {name: off for name, off in OFF.items() if name != "op_amps"}
    assert jnp.array_equal(end(**errors), plain)
    # Another formula of the same: equal to rounding.
    assert np.allclose(end(**errors, op_amps=ideal), plain, rtol=1e-12)


def leaves(config):
    """The static errors of a design: what its chips carry of them."""
    design = build_design(config)
    names = (*STATIC, "multiplier")
    return {name for name in names if getattr(design, name) is not None}


@pytest.mark.parametrize("name", KNOBS)
def test_a_knob_at_zero_leaves_no_block(name):
    """Then the program is the one without the error; and `ideal` turns it off."""
    value = True if name == "op_amp.static_errors" else 1e-3
    config = replace(RunConfig(), name, value)
    assert not leaves(RunConfig())
    assert len(leaves(config)) == 1
    assert not leaves(idealise(config))
    assert not leaves(replace(config, "fidelity", "ideal"))


@pytest.mark.parametrize("name", [k for k in KNOBS if k.endswith("_std")])
def test_a_negative_spread_is_refused(name):
    with pytest.raises(ValueError, match=f"`{name}` must be 0 or more"):
        build_design(replace(RunConfig(), name, -1e-3))


def test_bent_cells_see_what_their_inverters_put_out():
    cell = Cell(RANGE, iv=SinhIV(0.5))
    layer = program(design_of(cell=cell, inverters=ERRORS["inverters"])).score.layers[0]
    crossbar, v = layer.crossbar, jnp.array([0.1, -0.15])
    rows = jnp.append(v, crossbar.v_bias)
    seen = (1 + crossbar.inverters.gain) * rows - crossbar.inverters.offset
    sinh = lambda u: 0.5 * jnp.sinh(u / 0.5)
    wanted = sinh(seen) @ crossbar.g_pos - sinh(rows) @ crossbar.g_neg
    assert np.allclose(currents(layer, v), wanted, rtol=1e-9)


# What trains, trims and corrects a chip.


@pytest.mark.long
def test_training_chips_fade_their_static_errors():
    """At strength 0 the network alone; at 1 the chip that the design makes."""
    errors = {name: ERRORS[name] for name in STATIC if name in ERRORS}
    ranges = Ranges(3.0, (4.0, 4.0), 6.0)
    v, t, key = 0.05 * starts(3), jnp.asarray(0.3), jr.key(3)
    out = lambda network: network.nodes(v, network.embedding(t))[0]
    plain, erring = (out(program(design_of(**each)).score) for each in ({}, errors))
    chips = TrainingChips(design_of(**errors))
    none, whole = (
        out(chips.program(SCORE, ranges, jnp.asarray(s), key=key)) for s in (0.0, 1.0)
    )
    assert np.allclose(none, plain, rtol=1e-9)
    assert np.allclose(whole, erring, rtol=1e-9)
    assert not np.allclose(erring, plain, rtol=1e-3)


@pytest.mark.parametrize("name", ["drivers", "inverters", "op_amps"])
def test_a_correction_refuses_what_its_own_blocks_would_have(name):
    design = design_of(**{name: ERRORS[name]})
    blueprint = Blueprint(SCORE, design, Ranges(3.0, (4.0, 4.0), 6.0))
    points = jnp.linspace(0.1, 1.0, 8), starts(8)
    chip = blueprint.program(jr.key(3))
    with pytest.raises(ValueError, match="a correction's own op-amps, row drivers and"):
        compensate(chip, blueprint, 1, points)


@pytest.mark.slow
def test_calibration_sees_static_errors():
    """Its trims lower the loss of a chip that has no other error."""
    design = design_of(**{name: ERRORS[name] for name in STATIC})
    chip = program(design)
    points = jnp.linspace(0.1, 1.0, 64), starts(64)
    options = {"steps": 40, "batch": 64, "learning_rate": 0.03}
    found = calibrate(chip, SCORE, VPSDE(0.1, 8.0), points, **options)
    assert found.losses[-1] < found.losses[0] / 2
