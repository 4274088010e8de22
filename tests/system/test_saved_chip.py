"""A chip saved, loaded, exported and measured: the same cells, the same samples."""

import json
import pathlib

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode import sample
from rram_ode.chip import Blueprint, load_cells, load_record, save_cells
from rram_ode.config import override_all, parse_pairs
from rram_ode.presets import PRESETS
from rram_ode.system import build_design, load_chip, save_chip, System
from rram_ode.training import shipped_checkpoint


CONFIG = PRESETS["ring-fresh"][0]
CHECKPOINT = shipped_checkpoint("ring")
KEY = jr.key(4)


def blueprint(*overrides) -> Blueprint:
    design = build_design(override_all(CONFIG, parse_pairs(overrides)))
    return Blueprint(CHECKPOINT.score, design, CHECKPOINT.ranges)


def test_a_chip_is_its_cells_and_its_key():
    """Bit for bit, wherever the cells come from."""
    cells = blueprint().write(KEY)
    written, given = (
        blueprint().program(KEY),
        blueprint().program(KEY, cells=cells),
    )
    for a, b in zip(*map(jax.tree.leaves, (written, given)), strict=True):
        if jnp.issubdtype(a.dtype, jax.dtypes.prng_key):
            a, b = jr.key_data(a), jr.key_data(b)
        np.testing.assert_array_equal(a, b)


def flat(cells):
    return np.concatenate([np.asarray(g).ravel() for g in cells.arrays])


@pytest.mark.parametrize("way", ["folder", "npz", "csv"])
def test_cells_survive_their_file(tmp_path, way):
    """Exact in npz; to nine digits in CSV; with several devices a weight."""
    cells = blueprint("cell.devices_per_weight=2").write(KEY)
    save_cells(tmp_path, cells, {"chip_seed": 4})
    path = tmp_path / "cells.npz" if way == "npz" else tmp_path
    if way == "csv":
        (tmp_path / "cells.npz").unlink()
    back = load_cells(path, cells)
    for a, b in zip(cells.arrays, back.arrays, strict=True):
        np.testing.assert_allclose(a, b, rtol=0 if way != "csv" else 1e-8)
    assert "layer1_pos_2" in cells.named()


def test_faults_are_where_they_are_told():
    """A cell that is stuck has the conductance of its fault; the others move."""
    with_faults = blueprint("cell.stuck.lrs=0.05", "cell.stuck.hrs=0.05")
    held = flat(with_faults.stuck(KEY))
    found = flat(with_faults.write(KEY))
    moved = flat(blueprint("cell.stuck.lrs=0", "cell.stuck.hrs=0").write(KEY))
    is_stuck = np.isfinite(held)
    assert 0.05 < is_stuck.mean() < 0.15
    np.testing.assert_array_equal(found[is_stuck], held[is_stuck])
    np.testing.assert_array_equal(found[~is_stuck], moved[~is_stuck])


@pytest.mark.long
def test_faults_follow_their_rows():
    """With rows remapped, too, faults and cells are told in the network's rows."""
    moved = blueprint(
        "cell.stuck.lrs=0.05", "cell.stuck.hrs=0.05", "cell.stuck.remap=True"
    )
    held, found = flat(moved.stuck(KEY)), flat(moved.write(KEY))
    is_stuck = np.isfinite(held)
    np.testing.assert_array_equal(found[is_stuck], held[is_stuck])
    unmoved = flat(blueprint("cell.stuck.lrs=0.05", "cell.stuck.hrs=0.05").stuck(KEY))
    assert np.any(np.isfinite(unmoved) != is_stuck)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda maps: maps.pop("layer2_neg_S"), "must hold"),
        (lambda maps: maps.update(layer9_pos_S=np.ones((2, 2)) * 1e-6), "must hold"),
        (lambda maps: maps.update(layer1_pos_S=np.ones((2, 14)) * 1e-6), "3 rows"),
        (lambda maps: maps["layer1_pos_S"].__setitem__((1, 3), np.nan), "row 2, col"),
        (lambda maps: maps["layer1_pos_S"].__setitem__((0, 0), -1e-6), "0 or more"),
        (lambda maps: maps["layer1_pos_S"].__setitem__((0, 0), 50.0), "unit"),
    ],
    ids=["missing", "unknown", "shape", "nan", "negative", "unit"],
)
def test_a_map_that_does_not_fit_is_refused(tmp_path, change, text):
    cells = blueprint().write(KEY)
    maps = {f"{name}_S": np.array(g) for name, g in cells.named().items()}
    change(maps)
    np.savez(tmp_path / "map.npz", allow_pickle=False, **maps)
    with pytest.raises(ValueError, match=text):
        load_cells(tmp_path / "map.npz", cells)


def test_what_was_changed_in_a_map_is_told(tmp_path):
    cells = blueprint().write(KEY)
    maps = {f"{name}_S": np.array(g) for name, g in cells.named().items()}
    maps["layer1_pos_S"][0, 0] = -1e-8
    np.savez(tmp_path / "map.npz", allow_pickle=False, **maps)
    notes = []
    back = load_cells(tmp_path / "map.npz", cells, notes.append)
    assert [note[:11] for note in notes] == ["1 of 42 cel"]
    assert float(back.named()["layer1_pos"][0, 0]) == 0


def test_a_chip_of_more_arrays_is_refused_in_a_short_line(tmp_path):
    """As that of a guided chip in a system without guidance: names, but not all."""
    more = blueprint("cell.devices_per_weight=4").write(KEY)
    save_cells(tmp_path, more, {})
    with pytest.raises(ValueError, match="has layer1_neg_2, layer1_neg_3") as caught:
        load_cells(tmp_path, blueprint().write(KEY))
    said = str(caught.value).removeprefix(f"`{tmp_path}")
    assert "and 14 more, too" in said
    assert "must hold its 6 arrays" in said
    assert "`guidance.weight`" in said
    assert len(said) < 400
    assert "\n" not in said
    save_cells(tmp_path, blueprint().write(KEY), {})
    for path in tmp_path.glob("*_[234].csv"):
        path.unlink()
    with pytest.raises(ValueError, match="it lacks layer1_pos_2, layer1_pos_3"):
        load_cells(tmp_path, more)


def test_a_chip_that_is_not_there_is_refused(tmp_path):
    cells = blueprint().write(KEY)
    with pytest.raises(ValueError, match="no chip and no map"):
        load_cells(tmp_path / "nothing", cells)
    with pytest.raises(ValueError, match="neither"):
        load_cells(tmp_path, cells)


@pytest.mark.parametrize(
    ("text", "message"), [("[1]", "not an object"), ("{", "no record")]
)
def test_a_record_that_is_none_is_refused(tmp_path, text, message):
    (tmp_path / "chip.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_record(tmp_path)


def run(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["sample", *map(str, words)])
    sample.main()


def samples(folder: pathlib.Path):
    with np.load(folder / "samples.npz") as file:
        return file["analog"]


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["ring-fresh", "ring"])
def test_the_command_line_saves_and_takes_a_chip(tmp_path, monkeypatch, preset):
    """Saved, taken again, and repeated by its report; one cell changed by 1 % shows.

    The chip of `ring` is trimmed, anew if a cell is changed: twice as many programs.
    """
    few = (preset, "--num-samples", 300, "--out")  # a size of other files, too
    saved = ("--chip-seed", 5, "--save-chip", tmp_path / "chip")
    run(monkeypatch, *few, tmp_path / "a", *saved)
    run(monkeypatch, *few, tmp_path / "b", "--chip", tmp_path / "chip")
    np.testing.assert_array_equal(samples(tmp_path / "a"), samples(tmp_path / "b"))
    report = json.loads((tmp_path / "b/report.json").read_text())
    assert report["chip_seed"] == 5
    record = json.loads((tmp_path / "chip/chip.json").read_text())
    assert record["chip_seed"] == 5
    assert record["config"] == report["config"]
    with np.load(tmp_path / "chip/cells.npz") as file:
        maps = dict(file)
    maps["layer1_pos_S"][0, 0] *= 1.01
    np.savez(tmp_path / "chip/cells.npz", **maps)
    again = (*few[1:], tmp_path / "c", "--config", tmp_path / "b/report.json")
    with pytest.raises(ValueError, match="`chip` has changed since"):
        run(monkeypatch, *again)
    run(monkeypatch, *again, "--chip", tmp_path / "chip")
    gap = np.abs(samples(tmp_path / "c") - samples(tmp_path / "b")).max()
    assert 1e-6 < gap < 1.0


def test_a_chip_of_another_mapping_is_refused(tmp_path):
    """Its conductances are other weights there; without the record it is a map."""
    base = System.from_preset("ring-fresh")
    save_chip(base, 2, tmp_path)
    other = base.replace({"crossbar.headroom": 1.5})
    with pytest.raises(
        ValueError, match="mean other weights: its siemens per unit"
    ) as e:
        load_chip(other, tmp_path)
    assert "\n" not in str(e.value)
    with pytest.raises(ValueError, match="mean other weights"):
        load_chip(base.replace({"crossbar.bias": "fitted"}), tmp_path)
    load_chip(base.replace({"cell.write.factor": 0.0}), tmp_path)
    record = json.loads((tmp_path / "chip.json").read_text())
    record["mapping"]["volts per unit"] = "none"
    (tmp_path / "chip.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match="mean other weights"):
        load_chip(base, tmp_path)
    (tmp_path / "chip.json").unlink()
    load_chip(other, tmp_path)
