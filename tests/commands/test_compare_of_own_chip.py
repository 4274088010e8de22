"""`python -m rram_ode.compare --chip FILE`: one chip, repeated in lab time."""

import json

import numpy as np
import pytest
import rram_ode as rr
from _own_chips import keep_chip
from rram_ode import compare
from rram_ode.commands import load_config
from rram_ode.studies import ComparisonPlan, Referee, run_chips
from rram_ode.system import load_chip


@pytest.fixture(scope="module")
def system():
    return rr.System.from_preset("ring-fresh")


@pytest.fixture(scope="module")
def folder(system, tmp_path_factory):
    """A chip of seed 5, saved, and a map of it with a dead second layer."""

    def kill(maps):
        for half in ("pos", "neg"):
            maps[f"layer2_{half}_S"][:] = 10e-6

    return keep_chip(system, tmp_path_factory.mktemp("own"), "dead.npz", kill)


def plan_of(system, path, **more):
    saved = load_chip(system, path)
    return ComparisonPlan(400, 2, 2, 0, saved.seed, saved=saved, **more)


def test_repeats_have_no_start_and_no_lab_time_in_common(system, folder):
    plan = plan_of(system, folder / "saved")
    runs = [run for number in range(3) for run in plan.runs(number)]
    assert [run.first for run in runs] == [0, 400, 800, 1200, 1600, 2000]
    assert [run.seed for run in runs] == [0, 1, 2, 3, 4, 5]


@pytest.mark.slow
def test_the_chip_of_a_plan_is_that_of_its_seed(system, folder):
    """Sample by sample, from the same numbers; and every repeat is on it."""
    plan = plan_of(system, folder / "saved")
    found = run_chips(system, plan, Referee(system, plan), lambda num: None)
    chip = system.program(5)
    for number, cloud in enumerate(found.clouds):
        own = [run.analog(system, chip).x for run in plan.runs(number)]
        np.testing.assert_allclose(cloud, np.concatenate(own), rtol=1e-5)
    drawn = ComparisonPlan(400, 2, 2, 0, 5)  # the mutant: chips of two seeds
    others = run_chips(system, drawn, Referee(system, drawn), lambda num: None)
    np.testing.assert_allclose(others.clouds[0], found.clouds[0], rtol=1e-5)
    assert np.abs(others.clouds[1] - found.clouds[1]).max() > 0.1
    assert plan.as_dict() == {**drawn.as_dict(), "repeats": "repeats"}


@pytest.mark.slow
def test_the_command_compares_the_chip_that_is_given(folder, tmp_path, run):
    """The map with a dead layer is worse than its twin; the report holds its hash."""
    words = ("ring-fresh", "--num-samples", 400, "--num-chips", 3, "--most-chips", 3)
    words += ("--systems", "integrated", "euler", "--machines", "a100")
    chip = folder / "dead.npz"
    status, out, err = run(compare.main, *words, "--chip", chip, "--out", tmp_path)
    assert status == 0, err
    said = " ".join(out.split())
    assert "--num-chips counts repeats on it" in said
    assert "3 repeats of 400 samples" in said
    report = json.loads((tmp_path / "compare.json").read_text())
    assert report["files"]["chip"]["sha256"]
    assert report["cells_sha256"]
    row = next(row for row in report["rows"] if row["system"] == "analog, integrated")
    assert row["verdict"].startswith("worse (+")
    assert row["good_fraction"] is None  # repeats are no chips
    chip.write_bytes(chip.read_bytes() + b" ")
    with pytest.raises(ValueError, match="`chip` has changed since"):
        load_config(tmp_path / "compare.json")


def test_what_an_own_chip_refuses_in_a_comparison(folder, tmp_path, run):
    saved = ("--chip", folder / "saved", "--out", tmp_path / "a")
    for words, text in (
        (("ring-64-fresh", *saved), "was written with another checkpoint"),
        (("attention", *saved), "`--chip` has no effect on `attention`"),
        (("ring-fresh", "--chip", tmp_path / "no"), "there is no chip and no map"),
        (("ring-fresh", *saved, "--num-chips", 1), "`--num-chips` must be 2 or more"),
    ):
        status, _, err = run(compare.main, *words)
        assert status == 2
        assert text in err
        assert err.strip().count("\n") == 0
    assert list(tmp_path.iterdir()) == []
