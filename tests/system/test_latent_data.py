"""Data in a latent space: found by their autoencoder, which a user may train."""

import dataclasses
import json
import shutil
import sys

import numpy as np
import pytest
from rram_ode import train
from rram_ode.commands import print_idle
from rram_ode.config import from_dict, override_all, RunConfig
from rram_ode.datasets import Ring
from rram_ode.latents import find_autoencoder, LatentPictures, load_autoencoder
from rram_ode.presets import find_preset
from rram_ode.system import System, train_latents
from rram_ode.system.build import dataset_key, find_dataset


QUICK = ("epochs=1", "batch=512", "distortion=0")


def config(**settings):
    given = {name.replace("__", "."): value for name, value in settings.items()}
    return override_all(RunConfig(), given)


@pytest.fixture
def own(tmp_path):
    """A copy of the shipped autoencoder."""
    return shutil.copytree(find_autoencoder("letters-vae"), tmp_path / "own")


def test_data_sets_are_found_by_name():
    assert isinstance(find_dataset(config()), Ring)
    letters = find_dataset(config(data="letters"))
    assert isinstance(letters, LatentPictures)
    assert (letters.dim, letters.class_names) == (2, ("h", "k", "u"))
    assert find_dataset(config(data="letters")) is letters  # encoded once
    with pytest.raises(ValueError, match="no data set `lettres`; there are .*letters"):
        find_dataset(config(data="lettres"))


def test_another_autoencoder_gives_other_data_also_in_the_same_folder(own):
    """A yardstick is kept by this key: what was trained anew has one of its own."""
    there = config(data="letters", latents__checkpoint=str(own))
    before = dataset_key(there)
    assert before != dataset_key(config(data="letters"))
    assert before == dataset_key(there)
    record = json.loads((own / "record.json").read_text())
    (own / "record.json").write_text(json.dumps(record | {"seconds": 0}))
    assert dataset_key(there) != before
    # Where nothing is in a latent space, nothing depends on it.
    assert dataset_key(config()) == dataset_key(config(latents__checkpoint="nowhere"))


def test_a_checkpoint_that_is_not_there_is_refused(own, tmp_path):
    with pytest.raises(ValueError, match="`latents.checkpoint` must be letters-vae or"):
        find_dataset(config(data="letters", latents__checkpoint="nowhere"))
    (own / "weights.eqx").unlink()
    with pytest.raises(ValueError, match="holds no `weights.eqx`"):
        find_dataset(config(data="letters", latents__checkpoint=str(own)))
    with pytest.raises(ValueError, match="are in no latent space; those that are: let"):
        train_latents("ring", folder=tmp_path)


@pytest.mark.slow
def test_settings_of_latents_are_named_where_they_do_nothing(own, capsys):
    given = {"latents.dim": 8, "latents.checkpoint": str(own)}
    plain = System.from_preset("ring-fresh", given)
    assert len(print_idle(plain, "ring-fresh", plain.program(0))) == 2
    system = System.from_preset("letters-fresh", given)
    (text,) = print_idle(system, "letters-fresh", system.program(0))
    assert "`latents.dim` = 8 has no effect" in text
    assert text in " ".join(capsys.readouterr().out.split())


def run(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["train", *words])
    train.main()


@pytest.mark.slow
def test_the_command_trains_an_autoencoder_that_data_take(
    tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "mine"
    words = [f"--set=latents.{pair}" for pair in (*QUICK, "dim=3")]
    run(monkeypatch, "letters-vae", "--seed", "5", "--out", str(folder), *words)
    printed = capsys.readouterr().out
    assert "nearest anchor" in printed
    assert "wrote" in printed
    found = load_autoencoder(folder)
    assert found.record["train"]["seed"] == 5
    assert found.record["data"] == "letters"
    assert set(found.record["quality"]) == {"train", "held-out", "test"}
    letters = find_dataset(config(data="letters", latents__checkpoint=str(folder)))
    assert isinstance(letters, LatentPictures)
    assert letters.dim == 3
    x, _ = letters.part("test")
    recorded = found.record["quality"]["test"]["accuracy"]
    labels = np.asarray(letters.part("test")[1])
    assert (letters.nearest(x) == labels).mean() == pytest.approx(recorded, abs=2e-3)
    with pytest.raises(ValueError, match="the data `letters` have dim 3, but the chec"):
        System.from_preset("letters-fresh", {"latents.checkpoint": str(folder)})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "train.steps=5"], "`train.steps` has no effect on the training of"),
        (["--set", "latents.checkpoint=x"], "`latents.checkpoint` has no effect"),
        (["--set", "latents.epochs=0"], "`latents.epochs` must be 1 or more; got 0"),
        (["--set", "latents.dims=2"], "no setting `latents.dims`; there are latents.c"),
        (["--out", "/dev/null/x"], "cannot write to the output folder"),
    ],
)
def test_the_command_refuses(words, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, OSError), match=message):
        run(monkeypatch, "letters-vae", *words)
    assert not list(tmp_path.iterdir())


def test_a_report_without_latents_is_one_of_an_older_version():
    plain = dataclasses.asdict(find_preset("ring"))
    del plain["latents"]
    assert from_dict(RunConfig, plain) == find_preset("ring")
