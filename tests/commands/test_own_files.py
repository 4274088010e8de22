"""A newcomer's own points and own weights on the command lines."""

import json

import numpy as np
import pytest
from rram_ode import import_network, sample, train


NUM = 200


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 2, NUM)
    return rng.normal([[300.0, 2e-3]], [[1.0, 1e-4]], (NUM, 2)) + kind[:, None] * 4e-4


def state_dict(rng):
    found = {"embed.W": rng.normal(size=4)}
    for name, (rows, cols) in zip("abc", ((2, 8), (8, 8), (8, 2)), strict=True):
        found[f"{name}.weight"] = rng.normal(size=(cols, rows)) / 4
        found[f"{name}.bias"] = np.zeros(cols)
    return found


LAYOUT = """prediction = "noise"
activation = "{activation}"
frequencies = "embed.W"
data = "{data}"
[schedule]
beta_min = 0.1
beta_max = 8.0
"""


@pytest.mark.slow
def test_own_points_are_trained_and_sampled_in_their_units(points, tmp_path, run):
    csv, folder = tmp_path / "points.csv", tmp_path / "own"
    rows = [f"{x:.6g};{y:.6g};note" for x, y in points]
    csv.write_text("\n".join(["T/K;I/A;remark", "nan;1;", *rows]))
    quick = ("train.steps=10", "train.batch=64", "network.widths=8,8")
    words = [word for pair in (f"data={csv}", *quick) for word in ("--set", pair)]
    status, out, error = run(train.main, "ring-64-fresh", *words, "--out", folder)
    assert status == 0, error
    said = (
        "200 points of T/K, I/A; 1 row with a missing value left out; not read: remark"
    )
    assert said in " ".join(out.split())
    words = ("--checkpoint", folder, "--num-samples", 60, "--fidelity", "ideal")
    words = (*words, "--out", tmp_path / "run")
    status, out, error = run(sample.main, "ring-64-fresh", *words)
    assert status == 0, error
    assert f"was trained with data {csv.resolve()} (not ring): taken." in error
    assert "samples.npz and samples.png have the units of the file" in " ".join(
        out.split()
    )
    arrays = np.load(tmp_path / "run" / "samples.npz")
    for name in ("analog", "digital", "data"):
        middle, spread = arrays[name].mean(axis=0), points.std(axis=0)
        assert np.all(np.abs(middle - points.mean(axis=0)) < 5 * spread)
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["points"]["columns"] == ["T/K", "I/A"]
    assert report["points"]["rows"] == {"train": 120, "held-out": 30, "test": 50}
    assert report["config"]["points"]["scale"] == report["points"]["scale"]


@pytest.mark.long
def test_own_weights_become_a_checkpoint(tmp_path, run):
    np.savez(
        tmp_path / "m.npz", allow_pickle=False, **state_dict(np.random.default_rng(0))
    )
    layout = tmp_path / "l.toml"
    layout.write_text(LAYOUT.format(activation="relu", data="ring"))
    words = ("--layout", layout, "--out", tmp_path / "own")
    status, out, error = run(import_network.main, tmp_path / "m.npz", *words)
    assert status == 0, error
    assert "2-8-8-2, from a.weight, b.weight, c.weight" in out
    assert "digital" in out
    assert (tmp_path / "own" / "record.json").exists()


@pytest.mark.parametrize("name", ["model.pth", "state.npz", "model.safetensors"])
def test_a_file_of_weights_is_told_how_it_is_imported(name, tmp_path, run):
    (tmp_path / "state.npz").write_bytes(b"")
    status, _, error = run(sample.main, "ring", "--checkpoint", tmp_path / name)
    assert status == 2
    assert f"python -m rram_ode.import_network {tmp_path / name} --layout" in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "activation", "data", "message"),
    [
        (("--layout", "l.toml"), "silu", "ring", "cannot be written to it. Put ReLU"),
        (("--layout", "l.toml"), "relu", "digits", "have dim 64, but the checkpoint"),
        (("--layout", "nowhere.toml"), "relu", "ring", "cannot read `nowhere.toml`"),
        ((), "relu", "ring", "give `--layout FILE.toml`"),
    ],
)
def test_an_import_that_cannot_be_leaves_nothing(
    words, activation, data, message, tmp_path, run, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    np.savez("m.npz", allow_pickle=False, **state_dict(np.random.default_rng(0)))
    (tmp_path / "l.toml").write_text(LAYOUT.format(activation=activation, data=data))
    status, _, error = run(import_network.main, "m.npz", *words, "--out", "own")
    assert status == 2
    assert message in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "own").exists()
