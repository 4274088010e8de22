"""Trimmed chips of a system: as fabricated and trimmed, priced, reported, refused."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.config import idealise, override_all, RunConfig
from rram_ode.energy import ArrayPower, CONSTANTS, nominals
from rram_ode.presets import find_preset
from rram_ode.studies import judge_corners
from rram_ode.system import (
    area_model,
    build_bench,
    load_chip,
    save_chip,
    System,
    trim_report,
    trimming_of,
)


SMALL = {"solve.num_steps": 60, "solve.solver": "euler"}
SLOW = {**SMALL, "process.corner": "slow"}
ALL = {
    "trim.rc": "beta",
    "trim.scale": True,
    "trim.columns": "gains",
    "trim.reads": 64,
    "trim.repair": True,
    "trim.spare_columns": 1,
    "trim.tracking": True,
}


@pytest.fixture(scope="module")
def trimmed():
    return System.from_preset("ring-fresh", {**SLOW, **ALL})


@pytest.fixture(scope="module")
def clean():
    system = System.from_preset("ring-fresh", {**SMALL, "fidelity": "ideal"})
    return system.sample(system.program(0), 128).x


def gap(x, clean):
    return np.abs(x - clean).mean()


def area(system, chip):
    return area_model(system.config, system.loop_of(chip), chip)(nominals(CONSTANTS))


def test_trims_are_off_by_default_and_off_is_the_same_chip():
    system = System.from_preset("ring-fresh")
    assert system.blueprint.bench is None
    assert system.program(0).trims is None
    assert build_bench(idealise(override_all(RunConfig(), ALL)), system.checkpoint) is (
        None
    )
    ideal = System.from_preset("ring-ideal", ALL)
    assert ideal.blueprint.bench is None


@pytest.mark.slow
def test_a_chip_is_had_as_fabricated_and_as_trimmed(trimmed, clean):
    bare, mended = trimmed.program(0, trim=False), trimmed.program(0)
    assert bare.trims is None
    assert trimming_of(trimmed.config, bare).is_none
    before, after = (trimmed.sample(chip, 128) for chip in (bare, mended))
    assert trim_report(trimmed.config, bare, before.energy) is None
    assert gap(after.x, clean) < 0.4 * gap(before.x, clean)
    # The same die without a bench is that as fabricated.
    plain = System.from_preset("ring-fresh", SLOW)
    same = plain.sample(plain.program(0), 128)
    assert np.array_equal(same.x, before.x)
    assert float(same.energy.energy) == float(before.energy.energy)
    assert area(plain, plain.program(0)) == area(trimmed, bare)


@pytest.mark.slow
def test_no_trim_is_free(trimmed):
    bare, mended = trimmed.program(0, trim=False), trimmed.program(0)
    before, after = area(trimmed, bare), area(trimmed, mended)
    assert mended.num_cells > bare.num_cells
    for part in ("cells", "trims", "tracking"):
        assert after[part] > before.get(part, 0.0)
    energy = trimmed.sample(mended, 128).energy
    runs = [trimmed.sample(bare, 128).energy.breakdown, energy.breakdown]
    for part in ("programming", "trim dacs", "tracking", "tracking reads", "trimming"):
        assert runs[1][part] > runs[0].get(part, 0.0), part
    spent: Any = trim_report(trimmed.config, mended, energy)
    columns = sum(cols for _, cols in mended.arrays)
    assert spent["time_s"] > 64 * columns * 20e-6
    # On the bench the circuit takes the power of a reset, and reads and writes besides.
    share = nominals(CONSTANTS)["reset.share"]
    power = energy.breakdown["reset"] / energy.reset / share
    on_bench = trimming_of(trimmed.config, mended).seconds
    assert 1 < spent["energy_j"] / (power * on_bench) < 1.1


@pytest.mark.long
def test_a_trim_of_multipliers_is_priced_and_told():
    errors = {"multiplier.offset_std": 1e-3, "multiplier.gain_std": 2.5e-3}
    settings = {**SMALL, **errors, "trim.multipliers": True, "trim.reads": 64}
    system = System.from_preset("ring-fresh", settings)
    bare, trimmed = system.program(0, trim=False), system.program(0)
    seen, values = ArrayPower(3e-5, 3e-4, 1e-4), nominals(CONSTANTS)
    runs = [system.energy_model(chip, seen)(values) for chip in (bare, trimmed)]
    for part in ("trim dacs", "trimming"):
        assert runs[1].breakdown[part] > runs[0].breakdown.get(part, 0.0), part
    assert area(system, trimmed)["trims"] > area(system, bare).get("trims", 0.0)
    spent: Any = trim_report(system.config, trimmed, runs[1])
    assert np.isclose(spent["time_s"], 3 * 64 * 2 * 20e-6)
    assert set(spent["lines"]) == {"multipliers"}
    residues = spent["residues"]
    assert residues["multipliers"] < 0.2 * residues["before_multipliers"]
    exact = System.from_preset("ring-fresh", {**SMALL, "trim.multipliers": True})
    assert trimming_of(exact.config, exact.program(0)).is_none


@pytest.mark.slow
def test_a_report_names_each_trim_and_its_residue(trimmed):
    chip = trimmed.program(0)
    energy = trimmed.sample(chip, 128).energy
    report: Any = trim_report(trimmed.config, chip, energy)
    assert set(report["lines"]) == {
        "R C",
        "common scale",
        "columns",
        "stuck cells",
        "tracking",
    }
    residues = report["residues"]
    assert abs(residues["rc"]) <= 0.5e-3
    # Half a step, and what the noise of a reference column's pairs leaves in a read.
    cell = trimmed.blueprint.design.cell
    variance: Any = cell.read.averaged(cell.range.g_max, jnp.asarray(20e-6))
    span = float(cell.range.g_max - cell.range.g_min)
    assert residues["scale"] <= 2**-12 + 4 * np.sqrt(2 * float(variance)) / span
    assert residues["columns"] < residues["before_columns"]
    assert all(np.isfinite(list(residues.values())))


@pytest.mark.long
@pytest.mark.parametrize("ageing", [None, 0.01e-6])
def test_a_saved_chip_that_is_aged_and_trimmed_loads_to_itself(tmp_path, ageing):
    """The bench saw it fresh; the cells of another chip are trimmed as they are."""
    aged = {"cell.age": 86400.0, "cell.ageing": ageing, "trim.columns": "gains"}
    system = System.from_preset("ring-fresh", {**SMALL, **aged, "trim.reads": 64})
    save_chip(system, 3, tmp_path)
    chip, saved = system.program(3), load_chip(system, tmp_path)
    loaded = saved.on(system)
    gains = lambda c: [x.amplifier.feedback_resistance for x in c.score.layers]
    for a, b in zip(gains(chip), gains(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not saved.is_measured(system)
    assert (loaded.origin is None) == (ageing is None)
    cells = dataclasses.replace(
        saved.cells, positive=tuple(1.001 * g for g in saved.cells.positive)
    )
    measured = dataclasses.replace(saved, cells=cells)
    assert measured.is_measured(system)
    assert measured.on(system).origin is None
    pairs = zip(gains(chip), gains(measured.on(system)), strict=True)
    assert any(np.any(a != b) for a, b in pairs)


@pytest.mark.slow
def test_a_clock_that_follows_r_c_stretches_the_solve(clean):
    system = System.from_preset(
        "ring-fresh", {**SLOW, "trim.rc": "clock", "trim.scale": True}
    )
    chip: Any = system.program(0)
    loop: Any = system.loop_of(chip)
    pace = float(chip.clock)
    assert np.isclose(pace, 1.2 * 1.15, atol=2e-3)
    assert np.isclose(float(loop.clock.duration), 20e-6 * pace, rtol=1e-5)
    assert np.isclose(float(loop.clock.reset), 12e-6 * pace, rtol=1e-5)
    with pytest.raises(ValueError, match="system.loop_of"):
        system.chip_loop.check(chip)
    # The multipliers play what they play at the nominal R C, for longer.
    bare = system.program(0, trim=False)
    plain: Any = system.chip_loop
    ours, theirs = (
        which.waveforms(each).factors(which.times[0])
        for which, each in ((loop, chip), (plain, bare))
    )
    assert np.isclose(float(ours[0]), float(theirs[0]), rtol=1e-3)
    # The output is as much larger as the scales of three layers.
    assert np.isclose(float(ours[1]) * 1.2**3, float(theirs[1]), rtol=0.01)
    run = system.sample(chip, 128)
    assert gap(run.x, clean) < 0.4 * gap(system.sample(bare, 128).x, clean)
    assert run.energy.solve_time_s > 1.3 * 20e-6


@pytest.mark.slow
def test_corners_are_judged_beside_one_twin():
    system = System.from_preset("ring-fresh", {**SMALL, "process.resistor_tc": -1e-3})
    told = []
    chips: list[Any] = judge_corners(
        system,
        256,
        trims={"trim.rc": "beta", "trim.scale": True},
        corners=("slow",),
        temperatures=(300.0, 398.0),
        told=told.append,
    )
    assert told == chips
    assert [chip.is_trimmed for chip in chips] == [False, True] * 2
    assert chips[1].distance < chips[0].distance
    assert abs(chips[1].residues["rc"]) < 1e-3
    assert np.isclose(chips[3].residues["rc"], -0.098, atol=2e-3)
    assert {chip.verdict for chip in chips} <= {"equal", "better", "worse", "undecided"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trim.columns": "offsets", "trim.offset_bits": None}, "trim.offset_bits"),
        ({"trim.multipliers": True, "trim.gain_bits": None}, "trim.gain_bits"),
        ({"trim.multipliers": True, "trim.offset_bits": None}, "trim.offset_bits"),
        ({"trim.columns": "gains", "trim.gain_bits": None}, "trim.gain_bits"),
        ({"trim.scale": True, "trim.scale_bits": None}, "no DAC"),
        ({"trim.refit": True}, "trim.repair"),
        ({"trim.spare_columns": 1}, "trim.repair"),
        ({"trim.repair": True, "trim.spare_columns": 15}, "at most 14, .*; got 15"),
        ({"trim.tracking": True}, "both are off"),
        ({"trim.rc": "crystal"}, "beta"),
        ({"trim.rc": "beta", "trim.rc_resolution": 0.0}, "positive"),
        ({"trim.columns": "gains", "trim.reads": 1}, "from 8 to"),
        ({"trim.columns": "gains", "trim.gain_bits": 40}, "between 4 and 14"),
    ],
)
def test_a_trim_that_cannot_be_is_refused_in_one_line(settings, words):
    with pytest.raises(ValueError, match=words):
        System.from_config(override_all(find_preset("ring-fresh"), settings))
