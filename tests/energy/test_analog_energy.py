import dataclasses
import pathlib
import subprocess

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.blocks import OpAmp, Stage
from rram_ode.chip import Blueprint, Ranges
from rram_ode.config import RunConfig
from rram_ode.crossbar import Crossbar
from rram_ode.devices import SinhIV
from rram_ode.energy import (
    AbstractAnalogRow,
    analog_energy,
    Board,
    CONSTANTS,
    count_parts,
    Integrated,
    OpAmpTerms,
)
from rram_ode.energy._parts import bandwidth_of
from rram_ode.loop import Parasitics, wire_up
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import VPSDE
from rram_ode.system import build_design, build_loop, time_mean
from small_circuit import CIRCUIT as SMALL, POWER, VALUES


CIRCUIT = dataclasses.replace(
    SMALL,
    feedbacks=(1e-4, 2e-3, 1e-5),
    rectifier_loads=(4e-4, 3e-4),
    inverter_loads=(4e-4, 3e-4, 2e-4, 1e-4, 5e-4),
    integrator_loads=(2e-4, 3e-4),
    constant_current=1e-4,
    v_out=1.2,
    v_row=0.2,
)
LOADS = ("feedbacks", "rectifier_loads", "inverter_loads", "integrator_loads")
PARTS = ("transimpedance amplifiers", "rectifiers", "inverters", "integrators")


def array(g_pos, g_neg):
    g_pos, g_neg = jnp.asarray(g_pos), jnp.asarray(g_neg)
    return Crossbar(g_pos, g_neg, jnp.array(0.2), 0 * g_pos, 0 * g_pos)


def estimate(row: AbstractAnalogRow = Integrated(), values=VALUES, circuit=CIRCUIT):
    return analog_energy(row, circuit, POWER, values, num_samples=1e6)


@pytest.fixture(scope="module")
def machine():
    config = RunConfig(fidelity="ideal")
    design = build_design(config)
    score = NetworkScore(fourier_mlp(2, (14, 14), output_factor=5.0, key=jr.key(0)))
    chip = Blueprint(score, design, Ranges(4.0, (3.0, 3.0), 5.0)).program(jr.key(1))
    return chip, build_loop(config, VPSDE(0.001, 0.5), design.cell.read)


@pytest.mark.parametrize("row", [Integrated(), Board()])
def test_parts_add_up(row):
    got = estimate(row)
    assert sum(got.breakdown.values()) == pytest.approx(got.energy, rel=1e-12)
    assert got.power == pytest.approx(got.energy / 32e-6, rel=1e-12)
    assert min(got.breakdown.values()) >= 0
    missing = dict(got.breakdown)
    del missing["inverters"]  # the mutant
    assert sum(missing.values()) != pytest.approx(got.energy, rel=1e-12)


def test_the_two_rows_share_no_constant():
    """Doubling every constant of one row leaves the other as it was."""
    for row, own in ((Integrated(), "board."), (Board(), "")):
        others = {
            name: 2 * value
            if name.startswith("board.") == bool(own)
            and name.partition(".")[0]
            not in ("random", "programming", "reset", "regulator")
            else value
            for name, value in VALUES.items()
        }
        assert estimate(row, others).breakdown == estimate(row).breakdown


def test_the_power_is_that_of_the_currents_by_hand():
    """One op-amp without a load, 10 MHz: gm1 and 3 gm1, each over 15 per volt."""
    circuit = dataclasses.replace(
        CIRCUIT,
        duration=1.0,
        noise_gains=(1.0,),
        feedbacks=(0.0,),
        rectifier_loads=(),
        inverter_loads=(),
    )
    values = VALUES | {"supply": 1.8, "amplifier.speed": 10e6}
    gm1 = 2 * np.pi * 10e6 * 1e-12
    gain = 15 / (2 * 0.1)  # of the second stage alone: what the Miller effect lacks
    tail = max(2 * gm1 / 15 * (1 + 1 / gain), 2 * np.pi * 10e6 * 1.2 * 1e-12)
    idle = 3 * gm1 / 15 * (1 + 1 / gain)
    got = Integrated().static(circuit, values)["transimpedance amplifiers"]
    assert got == pytest.approx(1.8 * 1.25 * (tail + idle), rel=1e-12)
    unpaid = dataclasses.replace(circuit, op_amps=OpAmpTerms(gbw=30e6))
    fast = dataclasses.replace(circuit, op_amps=OpAmpTerms(gbw=300e6))
    watts = [
        Integrated().static(each, values)["transimpedance amplifiers"]
        for each in (unpaid, fast)
    ]
    assert watts[1] > 1.5 * watts[0]


def test_a_shorter_solve_needs_faster_op_amps():
    """Power grows as time falls, as far as the speed and not the load sets it."""
    short = estimate(circuit=dataclasses.replace(CIRCUIT, duration=2e-6)).breakdown
    long = estimate().breakdown
    for part in ("transimpedance amplifiers", "rectifiers", "integrators"):
        assert 0.1 * long[part] < short[part] < 1.05 * long[part], part
    light = dataclasses.replace(
        CIRCUIT, **{name: tuple(0.0 for _ in getattr(CIRCUIT, name)) for name in LOADS}
    )
    short = estimate(circuit=dataclasses.replace(light, duration=2e-6)).breakdown
    long = estimate(circuit=light).breakdown
    for part in ("transimpedance amplifiers", "rectifiers", "integrators"):
        assert short[part] == pytest.approx(long[part], rel=1e-9)
    assert short["multipliers"] == pytest.approx(0.1 * long["multipliers"], rel=1e-12)


def test_loads_are_paid_for_and_a_current_once():
    """More load, more joules; in class A the load's current is the op-amp's own."""
    more = {name: tuple(2 * g for g in getattr(CIRCUIT, name)) for name in LOADS}
    loaded = estimate(circuit=dataclasses.replace(CIRCUIT, **more)).breakdown
    for part in PARTS:
        assert loaded[part] > 1.05 * estimate().breakdown[part], part
    design = dataclasses.replace(CIRCUIT.op_amps.design, is_class_ab=False)
    in_a = dataclasses.replace(CIRCUIT, op_amps=OpAmpTerms(design))
    got = estimate(circuit=in_a)
    assert got.breakdown["column currents"] == 0.0
    assert got.breakdown["row drivers"] == pytest.approx(3.3 * 1e-4 * 20e-6)
    static = Integrated().static(in_a, VALUES)
    solve = {k: v for k, v in got.breakdown.items() if k in static or k == "cells"}
    # The power of the cells is within that of their drivers.
    assert sum(solve.values()) == pytest.approx(20e-6 * sum(static.values()), rel=1e-12)


def test_seconds_are_of_the_solve_and_of_the_period():
    got = estimate()
    assert (got.solve_time_s, got.period_s) == (20e-6, pytest.approx(32e-6))


def test_a_larger_full_scale_is_paid_for():
    wide = dataclasses.replace(CIRCUIT, full_scale=1.4)
    for row in (Integrated(), Board()):
        parts = [estimate(row, circuit=c).breakdown for c in (CIRCUIT, wide)]
        assert parts[1]["multipliers"] == pytest.approx(1.4 * parts[0]["multipliers"])


def test_a_multipliers_power_follows_its_bandwidth():
    """Half of it; one that counts as infinitely fast is paid as one that suffices."""
    of = lambda **values: dataclasses.replace(CIRCUIT, **values)
    watts = lambda circuit: estimate(circuit=circuit).breakdown["multipliers"]
    still = watts(of(multiplier_pole=1e-9))
    assert watts(of(multiplier_pole=100e6)) == pytest.approx(2 * still)
    assert watts(of(multiplier_pole=1e9)) == pytest.approx(11 * still)
    assert watts(CIRCUIT) == pytest.approx(2 * still)
    # 20 / T_solve is 400 MHz.
    short = dict(duration=50e-9, multiplier_pole=400e6)
    assert watts(of(duration=50e-9)) == pytest.approx(watts(of(**short)))
    board = lambda circuit: estimate(Board(), circuit=circuit).breakdown["multipliers"]
    assert board(of(multiplier_pole=1e6)) == board(CIRCUIT)
    assert board(of(multiplier_pole=1e9)) > board(CIRCUIT)


def test_a_small_integrator_needs_a_faster_op_amp():
    """Its op-amp's own input takes the feedback away."""
    terms = OpAmpTerms(c_in=1e-13)
    small, large = (
        estimate(circuit=dataclasses.replace(CIRCUIT, op_amps=terms, capacitance=c))
        for c in (1e-15, 30e-12)
    )
    assert small.breakdown["integrators"] > 4 * large.breakdown["integrators"]


def test_programming_is_shared_by_samples():
    with pytest.raises(ValueError, match="`power.programming_samples` must be"):
        analog_energy(Board(), CIRCUIT, POWER, VALUES, num_samples=0.0)


@pytest.mark.long
def test_the_circuit_is_counted(machine):
    chip, loop = machine
    circuit = count_parts(chip, loop)
    assert len(circuit.noise_gains) == 14 + 14 + 2
    assert circuit.rectifiers == 28
    assert circuit.inverters == 3 + 15 + 15
    assert circuit.amplifiers == 93
    assert circuit.cells == 2 * (3 * 14 + 15 * 14 + 15 * 2)
    assert circuit.channels == 16
    layer = chip.score.layers[1]
    total = np.sum(layer.crossbar.g_pos + layer.crossbar.g_neg, axis=0)
    # The embedding's resistor is one more at a hidden column's summing node.
    want = 2 + total * np.asarray(layer.amplifier.feedback_resistance)
    np.testing.assert_allclose(circuit.noise_gains[14:28], want, rtol=1e-12)
    simulated = wire_up(chip, OpAmp(1e5, 50e6), Parasitics())
    stages = [stage for stage in simulated.layers if isinstance(stage, Stage)]
    gains = np.concatenate([stage.noise_gain for stage in stages])
    np.testing.assert_allclose(circuit.noise_gains, gains, rtol=1e-12)
    np.testing.assert_allclose(
        circuit.rectifier_loads[:14], np.sum(layer.crossbar.g_pos, axis=1)[:-1]
    )
    np.testing.assert_allclose(
        circuit.inverter_loads[3:18], np.sum(layer.crossbar.g_neg, axis=1)
    )
    np.testing.assert_allclose(
        circuit.feedbacks[14:28], 1 / layer.amplifier.feedback_resistance
    )


def test_the_board_comes_near_the_reported_power(machine):
    """The part's data sheet and assumed multipliers: 0.32 W of the paper's 0.36 W."""
    circuit = count_parts(*machine)
    watts = sum(Board().static(circuit, VALUES).values())
    assert watts == pytest.approx(7.2e-6 / 20e-6, rel=0.15)
    assert CONSTANTS["board.multiplier"].is_assumed
    usual = VALUES | {"board.amplifier": 2e-3, "board.multiplier": 120e-3}
    assert sum(Board().static(circuit, usual).values()) > 4 * 0.36


def test_constant_voltages_have_a_closed_form(getkey):
    g_pos, g_neg = jr.uniform(getkey(), (2, 4, 3), minval=1e-5, maxval=9e-5)
    crossbar = array(g_pos, g_neg)
    v = jnp.array([0.1, -0.05, 0.02])
    taus = np.cumsum(np.asarray(jr.uniform(getkey(), (33,))))
    power = np.broadcast_to(np.asarray(crossbar.power(v)), (33, 1))
    full = np.append(np.asarray(v), 0.2)
    want = sum(
        full[i] ** 2 * float(g_pos[i, j] + g_neg[i, j])
        for i in range(4)
        for j in range(3)
    )
    assert time_mean(taus, power)[0] == pytest.approx(want, rel=1e-12)
    rows, columns = crossbar.supplied(v)
    total = np.asarray(g_pos + g_neg)
    assert float(rows) == pytest.approx(np.abs(full) @ total.sum(1), rel=1e-12)
    current = full @ np.asarray(g_pos - g_neg)
    assert float(columns) == pytest.approx(np.abs(current).sum(), rel=1e-12)


def test_the_mean_over_uneven_times_is_the_trapezoids():
    taus = np.sort(np.random.default_rng(0).uniform(size=40))
    got = time_mean(taus, np.stack([taus**2, 3 * taus], axis=1))
    span = taus[-1] - taus[0]
    want = np.trapezoid(taus**2, taus) / span, 1.5 * (taus[-1] + taus[0])
    np.testing.assert_allclose(got, want, rtol=1e-12)
    plain = np.mean(taus**2)  # the mutant: times taken as even
    assert abs(plain - want[0]) > 0.01 * want[0]


@pytest.mark.slow
def test_a_real_run_agrees_with_mean_values(machine):
    """CiMLoop's formula, mean V^2 times mean G; the bias row by itself."""
    chip, loop = machine
    x1 = jr.normal(jr.key(2), (2, 200))
    seen = loop.solve(chip, x1, num_observed=33).observation
    assert seen is not None
    run = time_mean(np.asarray(seen.taus), np.asarray(seen.power)).mean()
    ts = loop.schedule(seen.taus, loop.clock.duration)
    formula = 0.0
    squares = [[], [], []]
    for t, v in zip(ts, seen.v, strict=True):
        _, nodes = chip.score.nodes(v, chip.score.embedding(t))
        squares[0].append(np.mean(v**2))
        for number in (1, 2):
            h = np.clip(nodes[number].v, 0, float(chip.score.v_clamp))
            squares[number].append(np.mean(h**2))
    for layer, square in zip(chip.score.layers, squares, strict=True):
        g = np.asarray(layer.crossbar.g_pos + layer.crossbar.g_neg)
        rows = time_mean(np.asarray(seen.taus), np.asarray(square))
        formula += rows * g[:-1].mean() * g[:-1].size
        formula += float(layer.crossbar.v_bias) ** 2 * g[-1].sum()
    assert run == pytest.approx(formula, rel=0.1)


@pytest.mark.ngspice
def test_ngspice_integrates_the_same_energy(tmp_path):
    """Sines on two rows, a pair of cells a crossing, its own power integral."""
    g_pos = np.array([[20e-6, 50e-6], [70e-6, 10e-6], [30e-6, 40e-6]])
    g_neg = np.array([[60e-6, 15e-6], [25e-6, 80e-6], [35e-6, 45e-6]])
    crossbar = array(g_pos, g_neg)
    taus = np.linspace(0, 20e-6, 2001)
    waves = [(0.1, 100e3), (0.15, 30e3)]
    v = jnp.asarray([a * np.sin(2 * np.pi * f * taus) for a, f in waves])
    ours = time_mean(taus, np.asarray(crossbar.power(v))[:, None])[0] * 20e-6
    supply = time_mean(taus, np.asarray(crossbar.supplied(v)).T) * 20e-6
    lines = ["* energy of a crossbar"]
    for row in range(3):
        wave = f"sin(0 {waves[row][0]} {waves[row][1]})" if row < 2 else "dc 0.2"
        lines += [f"vp{row} p{row} 0 {wave}", f"en{row} n{row} 0 0 p{row} 1"]
        for col in range(2):
            lines.append(f"rp{row}{col} p{row} c{col} {1 / g_pos[row, col]:.15g}")
            lines.append(f"rn{row}{col} n{row} c{col} {1 / g_neg[row, col]:.15g}")
    lines += ["vc0 c0 0 0", "vc1 c1 0 0"]
    power = " - ".join(f"v(p{r})*i(vp{r})" for r in range(3))
    power += "".join(f" - v(n{r})*i(en{r})" for r in range(3))
    path = tmp_path / "energy.txt"
    lines += [
        ".options reltol=1e-6",
        ".control",
        "tran 10n 20u 0 10n",
        f"let p = 0 - {power}",
        "let c = abs(i(vc0)) + abs(i(vc1))",
        "meas tran energy integ p",
        "meas tran charge integ c",
        f"echo $&energy $&charge > {path}",
        "quit 0",
        ".endc",
        ".end",
    ]
    deck = tmp_path / "deck.cir"
    deck.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        ["ngspice", "-b", deck.name], cwd=tmp_path, capture_output=True, text=True
    )
    assert pathlib.Path(path).exists(), done.stdout + done.stderr
    energy, charge = map(float, path.read_text().split())
    assert ours == pytest.approx(energy, rel=0.01)
    assert supply[1] == pytest.approx(charge, rel=0.01)


def test_drawn_currents_of_cells_that_bend(getkey):
    """Cell by cell, by the law itself; and as linear cells where the bend is gone."""
    g_pos, g_neg = jr.uniform(getkey(), (2, 4, 3), minval=1e-5, maxval=9e-5)
    v = jnp.array([0.1, -0.05, 0.02])
    law = SinhIV(0.15)
    bent = eqx.tree_at(lambda c: (c.iv, c.iv_neg), array(g_pos, g_neg), (law, law))
    rows = np.append(np.asarray(v), 0.2)
    want = sum(
        abs(float(law.current(g[i, j], jnp.array(sign * rows[i]))))
        for g, sign in ((g_pos, 1), (g_neg, -1))
        for i in range(4)
        for j in range(3)
    )
    assert float(bent.supplied(v)[0]) == pytest.approx(want, rel=1e-12)
    straight = eqx.tree_at(lambda c: (c.iv, c.iv_neg), bent, (SinhIV(1e6),) * 2)
    np.testing.assert_allclose(
        straight.supplied(v), array(g_pos, g_neg).supplied(v), rtol=1e-9
    )


def test_a_switched_array_settles_through_all_its_poles():
    """What equal poles in a row miss of a step is a tail of the chi-square law.

    The mutant counts three poles for a network of any depth.
    """
    turns = {"switching": 1e6, "settling": 0.25e-6}
    found = {}
    for poles in (3, 10):
        circuit = dataclasses.replace(SMALL, poles=poles, **turns)
        passed = 2 * np.pi * bandwidth_of(circuit, VALUES) * 0.25e-6
        found[poles] = float(st.chi2.sf(2 * passed, 2 * poles))
        assert found[poles] == pytest.approx(VALUES["switch.residue"])
        if poles == 3:
            assert st.chi2.sf(2 * passed, 20) > 100 * VALUES["switch.residue"]
    still = dataclasses.replace(SMALL, poles=3)
    assert bandwidth_of(still, VALUES) < bandwidth_of(circuit, VALUES)


def test_waveforms_of_all_classes_lie_in_memory():
    """Three classes and the null label: four times the bits, of which one is read."""
    own = dataclasses.replace(SMALL, waveform_sets=4)
    assert own.stored_bits == 4 * SMALL.stored_bits
    plain, many = (Integrated().events(each, VALUES) for each in (SMALL, own))
    assert many["leakage"] == pytest.approx(4 * plain["leakage"])
    assert plain["waveform memory"] <= many["waveform memory"]
