"""Loaded op-amps and the power of the cells, node by node against ngspice."""

import dataclasses
import functools

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import DAC, FeedbackIntegrator, OpAmp, OpAmpDesign, Schedule
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange, ProgrammingNoise
from rram_ode.loop import close_loop, make_dynamic, NetworkDrift, Parasitics
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.spice import check_netlist, run_netlist, trace_nodes, write_netlist
from rram_ode.system import time_mean


RANGE = ConductanceRange(8e-6, 90e-6)
START = jnp.array([0.7, -1.1])
DURATION = 20e-6
PAIR = Parasitics(0.2e-12, 0.0, True, 0.1e-12)
DESIGN = OpAmpDesign(gbw=30e6, slew=100e6)


@functools.cache
def chip():
    network = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    integrator = FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2)
    cell = Cell(RANGE, (ProgrammingNoise(1e-6),), ReadNoise())
    design = Design(cell, DifferentialPair(RANGE), integrator, v_clamp=0.2, v_rail=1.2)
    return Blueprint(network, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(3))


def loop(i_out=jnp.inf, design: OpAmpDesign | None = DESIGN):
    inner = close_loop(
        NetworkDrift(ProbabilityFlow(VPSDE(0.1, 8.0))),
        Schedule(1e-3, 1.0),
        LabClock(DURATION, 12e-6),
        read=ReadNoise(),
        dac=DAC(12, 10e6),
        num_steps=400,
    )
    op_amp = OpAmp(9e5, 30e6, 100e6, i_out=i_out)
    return make_dynamic(inner, op_amp, PAIR, design=design)


@pytest.mark.long
def test_a_load_takes_gain_and_speed_from_its_row_of_op_amps():
    """Each row as its most loaded op-amp; without a design the class is what it is."""
    loaded, free = loop().circuit(chip()), loop(design=None).circuit(chip())
    for stage in loaded.layers:
        of = dataclasses.replace(DESIGN, g_load=float(jnp.max(stage.g_f)))
        assert float(stage.op_amp.gain) == pytest.approx(9e5 * of.gain_left, rel=1e-5)
        assert float(stage.op_amp.gbw) == pytest.approx(30e6 * of.gbw_left, rel=1e-5)
    assert {float(stage.op_amp.gbw) for stage in free.layers} == {np.float32(30e6)}


@pytest.mark.long
def test_a_current_limits_what_an_output_drives():
    """No output passes the current over its load; a large current changes nothing."""
    free = trace_nodes(loop(), chip(), START)
    peaks = [float(jnp.abs(layer[:, 0]).max()) for layer in free.layers]
    conductances = [np.asarray(s.g_f).max() for s in loop().circuit(chip()).layers]
    i_out = 0.5 * min(v * g for v, g in zip(peaks, conductances, strict=True))
    short = loop(i_out).circuit(chip())
    held = trace_nodes(loop(i_out), chip(), START)
    for stage, layer in zip(short.layers, held.layers, strict=True):
        drawn = jnp.abs(layer[:, 0, :, 0]).max(axis=0) * stage.g_f
        assert float(drawn.max()) <= i_out * (1 + 1e-5)
    assert any(
        not np.allclose(a, b, atol=1e-4)
        for a, b in zip(free.layers, held.layers, strict=True)
    )
    same = trace_nodes(loop(1.0), chip(), START)
    assert np.array_equal(same.integrator, free.integrator)


def test_rows_that_draw_too_much_are_refused():
    with pytest.raises(ValueError, match="more than `op_amp.i_out` = 1e-06 A: take"):
        loop(1e-6).check(chip())
    loop(1e-3).check(chip())


@pytest.mark.long
@pytest.mark.ngspice
@pytest.mark.parametrize("i_out", [np.inf, 22e-6])
def test_loaded_op_amps_agree_with_ngspice(i_out):
    """0.5 % at every node with loads and inputs; columns with rails of their own."""
    found = check_netlist(loop(i_out), chip(), START)
    for each in found:
        assert each.passed, each


@eqx.filter_jit
def observe(loop, chip):
    return loop.solve(chip, START[:, None], num_observed=101).observation


@pytest.mark.long
@pytest.mark.ngspice
def test_the_cells_power_is_ngspices():
    """Each resistor's own voltage in ngspice, integrated over its own steps: 1 %."""
    deck, network = write_netlist(loop(), chip(), START), chip().crossbars
    assert network is not None
    added = {}
    for number, (rows, cols) in enumerate(network.arrays, start=1):
        for kind, count in (("r", rows), ("n", rows), ("m", cols)):
            nodes = tuple(f"{kind}{number}_{k}" for k in range(count))
            added[f"{kind}{number}"] = nodes
    times, seen = run_netlist(dataclasses.replace(deck, nodes={**deck.nodes, **added}))
    watts = np.zeros(times.size)
    for number, layer in enumerate(network.all_layers, start=1):
        ground = seen[f"m{number}"][:, None, :]
        for kind, g in (("r", layer.crossbar.g_neg), ("n", layer.crossbar.g_pos)):
            across = seen[f"{kind}{number}"][:, :, None] - ground
            watts += np.sum(np.asarray(g) * across**2, axis=(1, 2))
    spice = np.trapezoid(watts, times) / (times[-1] - times[0])
    observed = observe(loop(), chip())
    assert observed is not None
    ours = time_mean(np.asarray(observed.taus), np.asarray(observed.power))[0]
    assert ours == pytest.approx(spice, rel=0.01)
    assert 1.02 * ours != pytest.approx(spice, rel=0.01)  # the mutant
