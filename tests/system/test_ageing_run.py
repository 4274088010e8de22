"""A chip that ages while it samples: the same samples however they are cut."""

import dataclasses
import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode import sample
from rram_ode.chip import AnalogNetwork, CellState, find_cycles
from rram_ode.energy import ArrayPower, CONSTANTS, nominals
from rram_ode.loop import _draw
from rram_ode.system import (
    _ageing,
    _store,
    age_chip,
    ages_of,
    build_programming,
    find_rewriting,
    find_stress,
    load_chip,
    save_chip,
    Store,
    System,
    trim_report,
)
from rram_ode.system.build import row_limit


# Short, and young enough that 60 samples see several blocks of age.
QUICK = {
    "solve.solver": "euler",
    "solve.num_steps": 20,
    "cell.read.white.std": 0.0,
    "cell.read.flicker.slope": 0.0,
    "cell.age": 1e-3,
}
AGES = {**QUICK, "cell.ageing": 0.01e-6}
NUM, CHUNK = 60, 16


def system(settings=AGES, **more):
    names = {name.replace("__", "."): value for name, value in more.items()}
    return System.from_preset("ring-fresh", {**settings, **names})


@pytest.fixture(scope="module", autouse=True)
def few_programs():
    """One size of chunk, and so one program, whatever the length of a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_ageing, "chunk_of_blocks", lambda *machine: CHUNK)
        yield


@pytest.fixture(scope="module")
def ages():
    return system()


@pytest.fixture(scope="module")
def run(ages):
    return ages.sample(ages.program(0), NUM)


@pytest.mark.long
def test_off_is_exact(ages):
    """Without ageing nothing is kept; the first block is the chip of one age."""
    still = system(QUICK)
    chip, own = still.program(0), ages.program(0)
    assert still.blueprint.ageing is None
    assert chip.origin is None
    # The identity tells the settings of both apart.
    bare = lambda c: jax.tree.leaves(dataclasses.replace(c, identity=None, origin=None))
    for a, b in zip(bare(chip), bare(own), strict=True):
        if jnp.issubdtype(a.dtype, jax.dtypes.prng_key):
            a, b = jr_data(a), jr_data(b)
        np.testing.assert_array_equal(a, b)
    wide = system(cell__ageing=1e-6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_draw, "chunk_size", lambda *machine: CHUNK)
        x = wide.sample(wide.program(0), NUM).x
        np.testing.assert_array_equal(x, still.sample(chip, NUM).x)


def jr_data(key):
    return jax.random.key_data(key)


@pytest.mark.long
def test_samples_do_not_depend_on_where_a_run_is_cut(ages, run):
    chip = ages.program(0)
    found = ages_of(ages, chip, NUM)
    assert found["blocks"] >= 5
    assert (found["first_s"], found["last_s"]) == pytest.approx((1e-3, 2.888e-3))
    for cut in (7, 32):
        parts = [
            ages.sample(chip, cut).x,
            ages.sample(chip, NUM - cut, first=cut).x,
        ]
        np.testing.assert_allclose(np.concatenate(parts), run.x, rtol=0, atol=1e-9)
    young = age_chip(ages, chip, CellState(1e-3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_ageing, "chunk_of_blocks", lambda *machine: 11)
        np.testing.assert_allclose(ages.sample(chip, NUM).x, run.x, rtol=0, atol=1e-9)
        patch.setattr(_draw, "chunk_size", lambda *machine: CHUNK)
        moved = np.abs(run.x - ages.sample(young, NUM).x).max(axis=1)
    assert moved[0] == 0
    assert moved[-1] > 1e-4  # and ageing is on


def test_a_killed_run_goes_on_at_its_age(ages, run, tmp_path, monkeypatch):
    monkeypatch.setattr(_store, "STORED", 5)
    seen = []

    def stop(num):
        seen.append(num)
        if sum(seen) > NUM // 2:
            raise KeyboardInterrupt

    chip, store = ages.program(0), lambda: Store(tmp_path / "partial", {"a": 1})
    with pytest.raises(KeyboardInterrupt):
        ages.sample(chip, NUM, store=store(), progress=stop)
    kept = sum(piece.num for piece in store().load())
    assert 0 < kept < NUM
    again = ages.sample(chip, NUM, store=store())
    np.testing.assert_allclose(again.x, run.x, rtol=0, atol=1e-9)
    # Observed nodes are summed over blocks as over chunks.
    assert again.array_power.cells == pytest.approx(run.array_power.cells, rel=1e-6)


def layers(chip):
    assert isinstance(chip.score, AnalogNetwork)
    return chip.score.layers


def cells_at(system, chip, age):
    return np.concatenate(
        [
            np.asarray(half).ravel()
            for layer in layers(age_chip(system, chip, CellState(age)))
            for half in (layer.crossbar.g_pos, layer.crossbar.g_neg)
        ]
    )


def test_blocks_differ_from_four_times_as_many_by_less_than_they_state(ages):
    chip, fine = ages.program(0), system(cell__ageing=0.0025e-6)
    coarse_plan, fine_plan = ages.blueprint.ageing, fine.blueprint.ageing
    assert coarse_plan is not None
    assert fine_plan is not None
    of = find_cycles(coarse_plan, ages.blueprint.design.cell, chip.origin)
    worst, exact = 0.0, 0.0
    for k in (5, 20, 41, 59):
        (a,), (b,) = (list(p.blocks(k, 1, of)) for p in (coarse_plan, fine_plan))
        found, better, truth = (
            cells_at(ages, chip, age)
            for age in (a.state.age, b.state.age, coarse_plan.age_at(k, of(k)))
        )
        rms = lambda x: float(np.sqrt(np.mean(x**2)))
        worst = max(worst, rms(found - better))
        exact = max(exact, rms(found - truth))
    # 564 cells estimate a root mean square to 3 %.
    assert 0 < worst < 0.0125e-6 * 1.1
    assert exact < 0.01e-6 * 1.1


def test_an_aged_chip_keeps_all_but_its_cells(ages):
    chip = ages.program(2)
    trimmed = dataclasses.replace(
        chip, integrator=dataclasses.replace(chip.integrator, offset=jnp.ones(2))
    )
    old = age_chip(ages, trimmed, CellState(10.0, cycle=1))
    np.testing.assert_array_equal(old.integrator.offset, jnp.ones(2))
    assert old.origin is None
    moved = layers(old)[0].crossbar.g_pos - layers(chip)[0].crossbar.g_pos
    assert float(jnp.abs(moved).max()) > 0.1e-6
    with pytest.raises(ValueError, match="stays at one age"):
        age_chip(ages, old, CellState(20.0))


def test_a_chip_whose_cells_were_changed_does_not_age(ages):
    chip = ages.program(0)
    first, *others = layers(chip)
    bigger = dataclasses.replace(first.crossbar, g_pos=1.01 * first.crossbar.g_pos)
    changed = dataclasses.replace(first, crossbar=bigger), *others
    assert isinstance(chip.score, AnalogNetwork)
    score = dataclasses.replace(chip.score, layers=changed)
    with pytest.raises(ValueError, match="not those that its seed wrote"):
        ages.sample(dataclasses.replace(chip, score=score), NUM)


@pytest.mark.slow
def test_reads_disturb_by_the_rows_own_voltages():
    """Against the voltages of another run: the state's rows, on both sides."""
    found = system(cell__drift__disturb=0.25)
    chip = found.program(0)
    stress = find_stress(found, chip)
    assert stress is not None
    start = jnp.zeros((), jnp.uint32)
    run = found.chip_loop.solve(
        chip, found.prior.sample(jax.random.key(5), start, 512, 2), num_observed=21
    )
    assert run.observation is not None
    v = np.clip(np.asarray(run.observation.v), -0.2, 0.2)
    wanted = np.mean(v * np.abs(v), axis=(0, 2))
    each = (v * np.abs(v)).mean(axis=0)
    error = each.std(axis=1) / np.sqrt(512) * np.hypot(1, np.sqrt(2))
    # Times of observation differ: allow a tenth of the mean square beside.
    slack = 4 * error + 0.1 * np.mean(v**2, axis=(0, 2))
    assert np.all(np.abs(np.asarray(stress[0])[:2] - wanted) < slack)
    assert float(stress[1][-1]) == pytest.approx(0.04, rel=1e-5)  # constant row: v_max
    assert all(np.all(np.asarray(rows) >= 0) for rows in stress[1:])  # behind ReLUs
    many = CellState(1e-3, samples=100_000)  # 2 s of reads
    moved = age_chip(found, chip, many, stress)
    for layer, old, rows in zip(
        layers(moved)[1:], layers(chip)[1:], stress[1:], strict=True
    ):
        dose = 0.25 * 2.0 * np.asarray(rows)[:, None]
        ratio = np.asarray(layer.crossbar.g_neg / old.crossbar.g_neg)
        np.testing.assert_allclose(ratio, np.broadcast_to(np.exp(-dose), ratio.shape))


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 2])
def test_a_reference_above_its_value_is_no_row_above_its_limit(seed):
    """The constant row has v_max times the chip's reference: one seed each side."""
    found = system(cell__drift__disturb=0.25, supply__reference_std=0.01)
    chip = found.program(seed)
    stress = find_stress(found, chip)
    assert stress is not None
    network = chip.score
    assert isinstance(network, AnalogNetwork)
    assert network.reference is not None
    reference = float(network.reference)
    assert (reference > 1) == (seed == 0)
    constant = float(stress[0][-1])
    assert constant == pytest.approx((0.2 * reference) ** 2, rel=1e-4)


@pytest.mark.long
def test_rows_beyond_the_limit_that_blocks_are_made_for_are_refused(monkeypatch):
    """The limit is v_max, to the bit, where reference and drivers are exact."""
    found = system(cell__drift__disturb=0.25)
    assert row_limit(found.config) == found.config.crossbar.v_max
    monkeypatch.setattr(_ageing, "row_limit", lambda config: 0.19)
    with pytest.raises(ValueError, match="rows must be driven below 0.19 V"):
        find_stress(found, found.program(0))


def test_rewriting_pays_what_it_takes(ages):
    """Parts, seconds and cycles by hand, beside the model without a policy."""
    policy = system(rewrite__every=0.5, rewrite__settle=0.25)
    chip, seen = policy.program(0), ArrayPower(1e-3, 1e-2, 1e-2)
    num, values = 15_625, nominals(CONSTANTS)  # of 32 us
    shared = system(power__programming_samples=float(num))
    base = shared.energy_model(shared.program(0), seen)(values)
    found = policy.energy_model(chip, seen)(values)
    seconds = float(build_programming(policy.config.cell).duration(values)) * 564
    assert found.pause == pytest.approx((seconds + 0.25) / num, rel=1e-6)
    assert found.period_s == pytest.approx(32e-6 + found.pause, rel=1e-6)
    assert found.breakdown["programming"] == pytest.approx(
        base.breakdown["programming"]
    )
    static = base.breakdown["reset"] / base.reset
    pause = static * found.pause
    assert found.breakdown["rewriting pause"] == pytest.approx(pause)
    loss = 1 / values["regulator.efficiency"]
    assert found.energy == pytest.approx(base.energy + loss * pause)
    assert any("programming_samples` has no effect" in note for note in found.notes)
    rewriting = find_rewriting(policy.config, chip)
    assert rewriting is not None
    assert rewriting.samples == num
    cycle = num * 32e-6 + seconds + 0.25
    assert rewriting.cycles == pytest.approx(10 * 365.25 * 86400 / cycle)
    assert rewriting.worn["nominal"] == pytest.approx(rewriting.cycles / 1e6)
    assert find_rewriting(ages.config, chip) is None


@pytest.mark.long
def test_a_rewriting_pays_for_no_trims_that_it_does_not_do():
    """Trims are done once: a rewritten chip keeps its codes."""
    trims = {"trim__columns": "gains", "trim__reads": 64}
    seen, values = ArrayPower(1e-3, 1e-2, 1e-2), nominals(CONSTANTS)
    once, policy = system(**trims), system(**trims, rewrite__every=0.5)
    chip = policy.program(0)
    before = once.energy_model(once.program(0), seen)(values)
    after = policy.energy_model(chip, seen)(values)
    rewriting = find_rewriting(policy.config, chip)
    assert rewriting is not None
    ratio = before.breakdown["trimming"] / after.breakdown["trimming"]
    shared = once.config.power.programming_samples
    assert ratio == pytest.approx(rewriting.samples * rewriting.cycles / shared)
    reports: list[Any] = [
        trim_report(made.config, chip, energy)
        for made, energy in ((once, before), (policy, after))
    ]
    assert reports[0]["energy_j"] > 0
    assert reports[1]["energy_j"] == pytest.approx(reports[0]["energy_j"])
    assert any("trimmed once" in note for note in after.notes)
    assert not any("trimmed once" in note for note in before.notes)
    old = age_chip(policy, chip, CellState(1.0, 0, 1))
    for own, other in zip(layers(chip), layers(old), strict=True):
        np.testing.assert_array_equal(own.trim, other.trim)


@pytest.mark.long
def test_a_rewritten_chip_begins_again(ages, run):
    """Young again with other errors of writing; the first cycle is untouched."""
    policy = system(rewrite__every=30 * 32e-6, rewrite__settle=1e-3)
    chip = policy.program(0)
    x = policy.sample(chip, NUM).x
    np.testing.assert_allclose(x[:30], run.x[:30], rtol=0, atol=1e-9)
    assert np.abs(x[30:] - run.x[30:]).max() > 1e-3
    assert ages_of(policy, chip, NUM)["rewritten"] == 1
    once = system(cell__write__cycle=1)
    expected = once.sample(
        age_chip(once, once.program(0), CellState(1e-3)), 1, first=30
    )
    np.testing.assert_allclose(x[30:31], expected.x, rtol=0, atol=1e-9)


def test_a_saved_chip_ages_on_or_says_that_it_does_not(ages, tmp_path):
    save_chip(ages, 4, tmp_path)
    saved = load_chip(ages, tmp_path)
    assert saved.ages_on(ages)
    assert saved.on(ages).origin is not None
    later = system(cell__age=1.0)
    assert saved.ages_on(later)
    assert not saved.ages_on(system(QUICK))
    cells = dataclasses.replace(
        saved.cells, positive=tuple(1.01 * g for g in saved.cells.positive)
    )
    measured = dataclasses.replace(saved, cells=cells)
    assert not measured.ages_on(ages)
    assert measured.on(ages).origin is None
    save_chip(later, 4, tmp_path / "later")
    with pytest.raises(ValueError, match="age of 1 s, and an age cannot run backwards"):
        load_chip(ages, tmp_path / "later").on(ages)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cell.age": None}, "`cell.ageing` needs `cell.age`"),
        ({"cell.age": 1e-5}, "`cell.age` must be None or 0 .* at least 5.53e-05 s"),
        ({"cell.ageing": 0.0}, "`cell.ageing` must be positive; got 0"),
        ({"cell.device": "milo", "cell.age": None}, "`cell.ageing` needs"),
        ({"cell.device": "wan", "cell.age": 86400.0}, "`wan` has none"),
        (
            {"cell.read.flicker.slope": None},
            r"`cell.read.flicker.f_min` must be 1 / `cell.age` = 1e\+03 Hz or more",
        ),
        (
            {"cell.ageing": None, "cell.read.flicker.slope": None},
            r"must be 1 / `cell.age` = 1e\+03 Hz .*, or take `cell.age` = 1s or more",
        ),
        (
            {"rewrite.every": 20e-6},
            "`rewrite.every` must be 3.2e-05 s or more, a solve and .*; got 2e-05",
        ),
        ({"rewrite.every": 1.0, "rewrite.settle": 1e-6}, "`rewrite.settle` must be at"),
        ({"rewrite.every": 1.0, "rewrite.monitor": 0.01}, "two rules for one thing"),
        ({"rewrite.monitor": -0.1}, "`rewrite.monitor` must be positive"),
        ({"cell.drift.disturb": -1.0}, "`cell.drift.disturb` must be 0 or more"),
        (
            {"cell.ageing": None, "rewrite.every": 1.0},
            "`rewrite.every` acts on chips that",
        ),
        (
            {"cell.ageing": None, "cell.drift.disturb": 1.0},
            "disturb` acts on chips that",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(settings, message):
    with pytest.raises(ValueError, match=message) as error:
        system({**AGES, **settings})
    assert "\n" not in str(error.value)


def test_an_ideal_chip_does_not_age():
    assert system(fidelity="ideal", rewrite__every=1.0).blueprint.ageing is None


@pytest.mark.slow
def test_sample_tells_its_ages(tmp_path, monkeypatch, capsys):
    line = [f"--set={name}={value}" for name, value in AGES.items()]
    line += ["--set=rewrite.every=1ms", "--set=rewrite.settle=1ms"]
    monkeypatch.setattr(
        "sys.argv",
        ["sample", "ring-fresh", "--num-samples", "60", *line, "--out", str(tmp_path)],
    )
    sample.main()
    text = capsys.readouterr().out
    assert "age, first to last sample" in text
    assert "1 ms to 1.896 ms" in text
    assert "every 31 samples" in text
    written = json.loads((tmp_path / "report.json").read_text())
    programming = written["hardware"]["programming"]
    assert programming["ages"]["first_s"] == pytest.approx(1e-3)
    assert programming["ages"]["last_s"] == pytest.approx(1.896e-3)
    assert programming["rewriting"]["samples"] == 31
    assert programming["age_of_quality_s"] == programming["ages"]["last_s"]


def test_a_monitors_cycles_are_paid_as_long_as_they_are():
    """The mean of this chip's own cycles, and what is not counted is said."""
    policy = system(rewrite__monitor=0.005, rewrite__settle=1e-3)
    chip = policy.program(0)
    ageing, cell = policy.blueprint.ageing, policy.blueprint.design.cell
    assert ageing is not None
    assert chip.origin is not None
    of, begun, lengths = find_cycles(ageing, cell, chip.origin), 0, []
    for _ in range(5):
        stop = of(begun).stop
        assert stop is not None
        lengths.append(stop - begun)
        begun = stop
    found = find_rewriting(policy.config, chip)
    assert found is not None
    assert found.samples == pytest.approx(np.mean(lengths[1:]))
    energy = policy.energy_model(chip, ArrayPower(1e-3, 1e-2, 1e-2))(
        nominals(CONSTANTS)
    )
    assert any("`rewrite.monitor` are not counted" in note for note in energy.notes)
    made = build_programming(policy.config.cell).energy(nominals(CONSTANTS))
    whole = energy.breakdown["programming"] * found.samples
    assert whole == pytest.approx(float(made) * chip.num_cells)
