"""A report repeats its run from any folder, and names a file that changed since."""

import dataclasses
import json
import os
import pathlib
import re
import shutil

import numpy as np
import pytest
from rram_ode import sample
from rram_ode.commands import load_config
from rram_ode.config import override_all
from rram_ode.presets import find_preset
from rram_ode.system import hash_inputs, record_inputs, Store


def cells(path, spread, seed=0):
    """A file of measurements: five targets, fifty reads each."""
    target = np.repeat(np.linspace(10, 90, 5), 50)
    reads = target + spread * np.random.default_rng(seed).standard_normal(target.size)
    lines = [f"{t:g},{r:.4f}" for t, r in zip(target, reads, strict=True)]
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("\n".join(["target_uS,read_uS", *lines]))


OWN = {"cell.device": "custom", "cell.measurements": "data/cells.csv"}


@pytest.fixture
def report(tmp_path, monkeypatch):
    """A report of a run that was started in `tmp_path`, with a relative path."""
    monkeypatch.chdir(tmp_path)
    cells(tmp_path / "data/cells.csv", 1.0)
    config = override_all(find_preset("ring-fresh"), OWN)
    path = tmp_path / "runs/a/report.json"
    path.parent.mkdir(parents=True)
    files = record_inputs(config, path.parent)
    content = {"config": dataclasses.asdict(config), "chip": None, "files": files}
    path.write_text(json.dumps(content))
    return pathlib.Path("runs/a/report.json")


def test_a_report_holds_the_hash_of_every_file_and_its_path_from_there(report):
    files = json.loads(report.read_text())["files"]
    assert files.keys() == {"cell.measurements", "checkpoint"}
    found = files["cell.measurements"]
    assert (report.parent / found["path"]).samefile("data/cells.csv")
    assert re.fullmatch("[0-9a-f]{64}", found["sha256"])
    assert files["checkpoint"]["path"] is None  # shipped: no file of the user's
    config, _ = load_config(report)
    assert config.cell.measurements == "data/cells.csv"


def test_a_report_repeats_from_another_folder(report, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "runs")
    config, _ = load_config(pathlib.Path("a/report.json"))
    assert config.cell.measurements == os.path.normpath("../data/cells.csv")
    assert hash_inputs(config)["cell.measurements"]


def test_the_file_of_the_same_name_elsewhere_is_not_taken(
    report, tmp_path, monkeypatch
):
    """Where the path as it was typed finds another file, the report's own is meant."""
    cells(tmp_path / "runs/data/cells.csv", 9.0)
    monkeypatch.chdir(tmp_path / "runs")
    config, _ = load_config(pathlib.Path("a/report.json"))
    assert config.cell.measurements == os.path.normpath("../data/cells.csv")


def test_a_file_that_changed_is_named_with_what_to_do(report, capsys):
    cells(pathlib.Path("data/cells.csv"), 3.0)
    with pytest.raises(ValueError, match="has changed since") as caught:
        load_config(report)
    said = str(caught.value)
    assert "`cell.measurements`" in said
    assert "`--set cell.measurements=PATH`" in said
    assert "\n" not in said
    config, _ = load_config(report, ["cell.measurements"])  # given anew: taken
    assert config.cell.measurements == "data/cells.csv"
    pathlib.Path("data/cells.csv").unlink()
    with pytest.raises(ValueError, match="`cell.measurements` of .* is gone"):
        load_config(report)
    assert capsys.readouterr().err == ""


def test_a_shipped_network_of_another_version_is_named(report):
    content = json.loads(report.read_text())
    content["files"]["checkpoint"]["sha256"] = "0" * 64
    report.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="`checkpoint` = ring is another network"):
        load_config(report)
    load_config(report, ["checkpoint"])


def test_an_older_report_works_and_says_that_it_cannot_be_checked(report, capsys):
    content = json.loads(report.read_text())
    del content["files"]
    report.write_text(json.dumps(content))
    cells(pathlib.Path("data/cells.csv"), 3.0)
    config, _ = load_config(report)
    assert config.cell.measurements == "data/cells.csv"
    (said,) = capsys.readouterr().err.splitlines()
    assert "whether cell.measurements changed cannot be checked" in said


def test_a_report_that_was_edited_means_what_it_says(report):
    """Another file in the configuration is taken; an entry without a hash is none."""
    cells(pathlib.Path("data/other.csv"), 3.0)
    content = json.loads(report.read_text())
    content["config"]["cell"]["measurements"] = "data/other.csv"
    report.write_text(json.dumps(content))
    config, _ = load_config(report)
    assert config.cell.measurements == "data/other.csv"
    del content["files"]["cell.measurements"]["sha256"]
    report.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="each of `files` must have"):
        load_config(report)


def test_a_part_of_a_file_and_a_folder_are_files_too(tmp_path, monkeypatch):
    """`FILE:PART`, as of a library of circuits, and the folder of a checkpoint."""
    monkeypatch.chdir(tmp_path)
    pathlib.Path("mine.lib").write_text(".subckt a 1 2\n.ends\n")
    pathlib.Path("net").mkdir()
    pathlib.Path("net/record.json").write_text("{}")
    base = find_preset("ring-fresh")
    config = override_all(base, {"data": "mine.lib:a", "checkpoint": "net"})
    found = record_inputs(config, pathlib.Path("runs"))
    assert found["data"]["part"] == ":a"
    first = hash_inputs(config)
    pathlib.Path("net/weights.eqx").write_bytes(b"1")
    second = hash_inputs(config)
    assert first["data"] == second["data"]
    assert first["checkpoint"] != second["checkpoint"]


@pytest.mark.parametrize("name", ["op_amp.subcircuit", "deck"])
def test_what_a_file_of_cards_includes_is_hashed_too(name, tmp_path, monkeypatch):
    """The library of an op-amp and a deck, two files deep; the changed one is named."""
    monkeypatch.chdir(tmp_path)
    folder = pathlib.Path("parts")
    (folder / "models").mkdir(parents=True)
    top = ".subckt mine p m out" if name != "deck" else "* a deck"
    (folder / "my.lib").write_text(f"{top}\n.include models/all.inc\n.ends\n")
    (folder / "models/all.inc").write_text(".lib n.lib tt\n")
    inner = folder / "models/n.lib"
    inner.write_text(".lib tt\nr1 p m 1k\n.endl\n")
    config, beside = find_preset("ring-fresh"), {"deck": folder / "my.lib"}
    first: dict[str, str] = {}
    if name != "deck":
        beside = {}
        config = override_all(config, {name: "parts/my.lib:mine"})
        first = hash_inputs(config)
    report = pathlib.Path("report.json")
    content = {
        "config": dataclasses.asdict(config),
        "files": record_inputs(config, pathlib.Path(), **beside),
        **{key: str(path) for key, path in beside.items()},
    }
    report.write_text(json.dumps(content))
    assert content["files"][name]["includes"].keys() == {
        "models/all.inc",
        "models/n.lib",
    }
    load_config(report)
    text = inner.read_text()
    inner.write_text(text.replace("1k", "2k"))
    with pytest.raises(ValueError, match="`models/n.lib`, which .* has changed") as e:
        load_config(report)
    assert "\n" not in str(e.value)
    if name != "deck":
        second = hash_inputs(config)
        (changed,) = (key for key in first | second if first[key] != second[key])
        assert changed == "op_amp.subcircuit includes models/n.lib"
    load_config(report, [name])
    inner.unlink()
    with pytest.raises(ValueError, match="`models/n.lib`, which .* is gone"):
        load_config(report)
    inner.write_text(text)
    load_config(report)
    (folder / "models/models").mkdir()
    shutil.copy(inner, folder / "n.lib")  # further off: it is not taken
    load_config(report)


def test_kept_samples_of_another_file_are_named(tmp_path):
    one = {"config": {"cell": {"age": None}}, "files": {"cell.measurements": "ab"}}
    other = {**one, "files": {"cell.measurements": "cd"}}
    assert Store(tmp_path, one).differences() == ()
    (tmp_path / "identity.json").write_text(json.dumps(one, sort_keys=True))
    assert Store(tmp_path, one).differences() == ()
    assert Store(tmp_path, other).differences() == ("files.cell.measurements",)
    aged = {**one, "config": {"cell": {"age": 1.0}}}
    assert Store(tmp_path, aged).differences() == ("cell.age",)


@pytest.mark.long
def test_a_run_repeats_in_another_folder_bit_for_bit(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    cells(tmp_path / "data/cells.csv", 1.0)
    words = ["ring-fresh", "--num-samples", 16, "--out", "a"]
    for name, value in OWN.items():
        words += ["--set", f"{name}={value}"]
    done = run(sample.main, *words)
    assert done[0] == 0, done[2]
    monkeypatch.chdir(tmp_path / "data")
    done = run(sample.main, "--config", "../a/report.json", "--out", "b")
    assert done[0] == 0, done[2]
    one, two = (np.load(p / "samples.npz") for p in (tmp_path / "a", pathlib.Path("b")))
    np.testing.assert_array_equal(one["analog"], two["analog"])
    both = [
        json.loads((p / "report.json").read_text())["files"]["cell.measurements"]
        for p in (tmp_path / "a", pathlib.Path("b"))
    ]
    assert both[0]["sha256"] == both[1]["sha256"]
    assert [each["path"] for each in both] == ["../data/cells.csv", "../cells.csv"]
    cells(pathlib.Path("cells.csv"), 3.0)
    done = run(sample.main, "--config", "../a/report.json", "--out", "c")
    assert done[0] == 2
    assert "`cell.measurements` has changed since" in done[2]
