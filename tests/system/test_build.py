import dataclasses
import math

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.config import idealise, override_all, replace, RunConfig
from rram_ode.devices import cmo_hfox, PolynomialNoise
from rram_ode.presets import PRESETS
from rram_ode.system import build_cell, build_design, build_loop, System
from rram_ode.training import forward_process, untrained


KEY = jr.key(0)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_builds(preset):
    config = PRESETS[preset][0]
    design = build_design(config)
    sde = forward_process(config.network, config.sde)
    readout = untrained(2, config.network, sde, key=KEY, frequency_key=KEY).readout
    loop = build_loop(config, sde, design.cell.read, readout=readout)
    assert float(loop.clock.duration) == pytest.approx(config.solve.duration)
    is_quiet = config.fidelity == "ideal" or config.cell.read.white.std == 0
    assert (design.cell.read.white is None) == is_quiet


@pytest.mark.long
def test_ideal_turns_every_strength_off():
    config = idealise(RunConfig())
    cell = build_cell(config.cell)
    g = jr.uniform(jr.key(0), (5, 3)) * 80e-6 + 9e-6
    np.testing.assert_array_equal(cell.program(g, key=jr.key(1)), g)
    assert cell.read.white is None
    assert cell.read.flicker is None
    config = RunConfig()
    for name, value in (("telegraph.amplitude", 0.1), ("thermal.bandwidth", 1e6)):
        config = replace(config, f"cell.read.{name}", value)
    loud = build_cell(config.cell).read
    assert loud.telegraph is not None
    assert loud.thermal is not None
    cell = build_cell(idealise(config).cell)
    assert cell.read.telegraph is None
    assert cell.read.thermal is None
    design = build_design(dataclasses.replace(RunConfig(), fidelity="ideal"))
    assert math.isinf(design.v_clamp)
    assert math.isinf(design.v_rail)
    assert design.offset_std == 0
    assert design.mismatch_std == 0
    assert design.integrator.leak == 0


def test_the_default_cell_is_the_measured_one():
    """The knobs' defaults and `devices.cmo_hfox` are the same laws and range."""
    default, measured = build_cell(RunConfig().cell), cmo_hfox()
    g = np.linspace(8e-6, 90e-6, 10)
    laws = [e for e in default.errors if isinstance(e, PolynomialNoise)]
    (law,), (fit, _) = laws, measured.errors
    assert isinstance(fit, PolynomialNoise)
    written = [np.asarray(each.spread(jnp.asarray(g))) for each in (law, fit)]
    np.testing.assert_allclose(written[0], written[1])
    slow, source = default.read.flicker, measured.read.flicker
    assert slow is not None
    assert source is not None
    spreads = [np.asarray(n.spread(jnp.asarray(g))) for n in (slow, source)]
    np.testing.assert_allclose(spreads[0], spreads[1])
    densities = [np.asarray(n.psd(jnp.logspace(0, 5, 10))) for n in (slow, source)]
    np.testing.assert_allclose(densities[0], densities[1])
    assert float(default.range.span) == float(measured.range.span)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fidelity", "near"),
    [
        ("quasi-static", 1e-6),
        ("dynamic", 1e-3),
    ],
)
def test_parallel_cells_lie_in_arrays_in_parallel(fidelity, near):
    """So without errors of cells their wires take no more; the mutant shares lines.

    In `dynamic`, input pairs and loads of op-amps do not grow with the cells.
    """
    clean = dataclasses.replace(idealise(PRESETS["ring-fresh"][0]), fidelity=fidelity)
    lines = {"crossbar.wires.word_line": 5.0, "crossbar.wires.bit_line": 5.0}
    if fidelity == "dynamic":
        lines |= {"op_amp.kind": "on-chip", "crossbar.wires.capacitance": 50e-15}

    def ends(settings):
        system = System.from_config(override_all(clean, {**lines, **settings}))
        return np.asarray(system.sample(system.program(0), 20, seed=0).x)

    alone, parallel = ends({}), {"cell.devices_per_weight": 4}
    assert np.abs(ends(parallel) - alone).max() < near
    shared = {name: 4 * ohms for name, ohms in lines.items() if name[-4:] == "line"}
    assert np.abs(ends({**parallel, **shared}) - alone).max() > 10 * near
