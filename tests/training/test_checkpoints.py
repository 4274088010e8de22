import hashlib
import json
import pathlib
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode
from rram_ode import train
from rram_ode.chip import Ranges
from rram_ode.config import NetworkConfig
from rram_ode.datasets import Ring
from rram_ode.metrics import kl_1d
from rram_ode.samplers import draw_digital, Heun
from rram_ode.scores import NetworkScore, NoiseReadout
from rram_ode.sdes import flow_along, Prior, VPSDE
from rram_ode.training import load_checkpoint, save_checkpoint, untrained


SHIPPED = pathlib.Path(rram_ode.__file__).parent / "checkpoints"
RECORD = {
    "network": {"widths": [4, 6], "prediction": "noise", "output_factor": 2.0},
    "sde": {"beta_min": 0.1, "beta_max": 8.0},
}
RANGES = Ranges(3.5, (1.25, 2.0), 0.1)


@pytest.fixture
def score():
    config = NetworkConfig((4, 6), "noise", 2.0)
    sde = VPSDE(0.1, 8.0)
    return untrained(2, config, sde, key=jr.key(0), frequency_key=jr.key(1))


@pytest.fixture
def folder(tmp_path, score):
    save_checkpoint(tmp_path / "mine", score, RANGES, RECORD)
    return tmp_path / "mine"


def edit(folder, **changes):
    record = json.loads((folder / "record.json").read_text()) | changes
    (folder / "record.json").write_text(json.dumps(record))


def replace_weights(folder, content):
    """Other weights with a hash that fits."""
    (folder / "weights.eqx").write_bytes(content)
    edit(folder, sha256=hashlib.sha256(content).hexdigest())


def single(tree):
    return [np.asarray(leaf, np.float32) for leaf in jax.tree.leaves(tree)]


@pytest.mark.lowest
def test_a_checkpoint_comes_back_bit_for_bit(folder, score):
    got = load_checkpoint(folder)
    pairs = zip(single(score.network), jax.tree.leaves(got.score.network), strict=True)
    for mine, theirs in pairs:
        assert theirs.dtype == jnp.result_type(float)
        np.testing.assert_array_equal(theirs, mine)
    assert isinstance(got.score.readout, NoiseReadout)
    assert isinstance(got.sde, VPSDE)
    assert (float(got.sde.beta_min), float(got.sde.beta_max)) == (0.1, 8.0)
    assert eqx.tree_equal(got.ranges, RANGES)
    again = folder.with_name("again")
    save_checkpoint(again, got.score, got.ranges, got.record)
    for name in ("weights.eqx", "record.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()
    assert sorted(p.name for p in folder.iterdir()) == ["record.json", "weights.eqx"]


def test_no_folder(tmp_path):
    with pytest.raises(ValueError, match="there is no checkpoint folder `.*nowhere`"):
        load_checkpoint(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["weights.eqx", "record.json"])
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(ValueError, match=f"mine` holds no `{name}`"):
        load_checkpoint(folder)


@pytest.mark.parametrize("text", ["", "[]", "3", '{"a": 1}', "\udcff"])
def test_a_file_that_is_no_record(folder, text):
    content = text.encode("utf-8", "surrogateescape")
    (folder / "record.json").write_bytes(content)
    with pytest.raises(ValueError, match="is no record of a checkpoint"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "torch"}, "is a record of `torch`, not of `rram_ode checkpoint`"),
        ({"format_version": 2}, "has format version 2; this rram_ode reads version 1"),
        ({"dim": "2"}, "`dim` must be an integer of 1 or more; got '2'"),
        ({"network": {}}, "`network.` must have .*widths.*; got"),
        (
            {"network": RECORD["network"] | {"widths": [3]}},
            r"`network.widths` must be even; got \(3,\)",
        ),
        ({"sde": {"beta_min": 2.0, "beta_max": 1.0}}, "0 <= beta_min <= beta_max"),
        ({"ranges": None}, "`ranges` must hold `state`"),
        ({"ranges": {"state": 1, "hidden": [1], "output": 1}}, "2 x `hidden`"),
        (
            {"ranges": {"state": 1, "hidden": [1, float("nan")], "output": 1}},
            "positive; got",
        ),
        ({"sha256": "0"}, "weights.eqx` is not the file of its record"),
    ],
)
def test_a_record_that_cannot_be(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(ValueError, match=message) as info:
        load_checkpoint(folder)
    assert "\n" not in str(info.value)


def test_truncated_weights(folder):
    content = (folder / "weights.eqx").read_bytes()
    (folder / "weights.eqx").write_bytes(content[:-20])
    with pytest.raises(ValueError, match=r"is not the file of its record \(truncated"):
        load_checkpoint(folder)
    for wrong in (content[:-20], b"", b"PK\x03\x04 no array"):
        replace_weights(folder, wrong)
        with pytest.raises(ValueError, match="does not hold the 2-4-6-2 network"):
            load_checkpoint(folder)
    replace_weights(folder, content + b"more")
    with pytest.raises(ValueError, match="holds more than the network of its record"):
        load_checkpoint(folder)


def test_weights_of_other_shapes(folder, score):
    edit(folder, network=RECORD["network"] | {"widths": [4, 8]})
    with pytest.raises(ValueError, match="does not hold the 2-4-8-2 network"):
        load_checkpoint(folder)
    # A record that claims terabytes is refused as fast: only shapes are compared.
    edit(folder, network=RECORD["network"] | {"widths": [1000_000, 1000_000]})
    with pytest.raises(ValueError, match="does not hold the 2-1000000-1000000-2"):
        load_checkpoint(folder)


def test_weights_that_are_not_finite(folder, score):
    broken = eqx.tree_at(
        lambda s: s.network.biases[1], score, replace_fn=lambda b: b.at[0].set(jnp.nan)
    )
    with pytest.raises(ValueError, match="a weight is NaN or infinite"):
        save_checkpoint(folder, broken, RANGES, RECORD)
    stream = (folder / "weights.eqx").read_bytes()
    value = np.float32(score.network.biases[1][0]).tobytes()
    assert stream.count(value) == 1
    replace_weights(folder, stream.replace(value, np.float32(np.nan).tobytes()))
    with pytest.raises(ValueError, match="weights.eqx`: a weight is NaN or infinite"):
        load_checkpoint(folder)


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


def test_loading_executes_nothing(folder, tmp_path):
    payload = np.array([Payload(tmp_path / "executed")], dtype=object)
    with (tmp_path / "weights").open("wb") as file:
        np.save(file, payload, allow_pickle=True)
    replace_weights(folder, (tmp_path / "weights").read_bytes())
    with pytest.raises(ValueError, match="does not hold the 2-4-6-2 network"):
        load_checkpoint(folder)
    assert not (tmp_path / "executed").exists()


@pytest.mark.long
@pytest.mark.parametrize("name", ["ring", "ring-64", "ring-64-fresh", "ring-flow"])
@pytest.mark.lowest
def test_shipped_checkpoints_generate_rings(name, getkey):
    got = load_checkpoint(SHIPPED / name)
    sampling, num = got.record["sampling"], 4000
    (x,) = draw_digital(
        Heun(),
        flow_along(got.sde, sampling["beta_factor"]),
        got.score,
        jnp.linspace(sampling["t1"], sampling["t0"], 101),
        num,
        key=getkey(),
        prior=Prior(sampling["start_std"]),
    )
    x = np.asarray(x).T
    # So many that no bin at the rim is empty by chance.
    data = np.asarray(Ring().sample(40 * num, key=getkey()))
    radius = np.linalg.norm(x, axis=1)
    error = 0.04 / np.sqrt(num)
    assert abs(radius.mean() - 0.7) < 0.02 + 4 * error
    assert 0.03 < radius.std() < 0.06
    # The samples' histogram fluctuates: (filled bins) / 2 num nats, chi-squared / 2.
    recorded = np.mean([q["kl_1d"] for q in got.record["quality"]["digital"]])
    filled = np.sum(np.histogram(data, 50, (-4, 4))[0] > 0)
    spread = np.sqrt(2 * filled) / (2 * num)
    assert kl_1d(x, data) < 1.5 * recorded + filled / (2 * num) + 4 * spread
    assert float(got.ranges.state) > np.abs(x).max()
    assert got.record["steps"] == got.record["train"]["steps"]
    assert len(got.record["losses"]) <= 200


@pytest.mark.long
@pytest.mark.lowest
def test_the_command_trains(tmp_path, monkeypatch, capsys):
    words = ["ring-fresh", "--seed", "5", "--out", str(tmp_path / "out")]
    for pair in ("steps=3", "batch=16", "noise_draws=1", "weight_noise=0"):
        words += ["--set", f"train.{pair}"]
    monkeypatch.setattr("rram_ode.system._training.JUDGED", 64)
    monkeypatch.setattr("rram_ode.system._training.NUM_STEPS", 4)
    monkeypatch.setattr(sys, "argv", ["train", *words])
    train.main()
    assert "final loss" in capsys.readouterr().out
    got = load_checkpoint(tmp_path / "out")
    assert isinstance(got.score, NetworkScore)
    assert (got.record["seed"], got.record["steps"]) == (5, 3)
    assert got.record["train"]["seed"] == 5
    assert not (tmp_path / "out" / ".partial").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rings"], "no preset `rings`; there are ring, .*digits-unet, .*attention"),
        (["ring-fresh", "--set", "train.steps=0"], "`train.steps` must be 1 or more"),
        (["ring-fresh", "--set", "network.widths=14,13"], "even numbers"),
        (
            ["ring-fresh", "--set", "train.step=1"],
            "no setting `train.step`; there are tra",
        ),
        (["ring-fresh", "--set", "data=cube"], "no data set `cube`; there are ring, "),
        (["ring-fresh", "--out", "/dev/null/x"], "cannot write to the output folder"),
    ],
)
def test_the_command_refuses(words, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train", *words])
    with pytest.raises((ValueError, OSError), match=message):
        train.main()
