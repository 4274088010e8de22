import dataclasses
import json

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.datasets import figures
from rram_ode.datasets.pictures import digits
from rram_ode.training import (
    draw_batch,
    load_picture_network,
    picture_loss,
    PICTURE_NETWORKS,
    shipped_picture_network,
    train_picture_network,
)


PLAN = dataclasses.replace(PICTURE_NETWORKS["attention"].plan, steps=60, batch=16)
KEY = jr.key(3)


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attention")
    return folder, train_picture_network("attention", folder, plan=PLAN)


def leaves(network):
    return [np.asarray(x) for x in jax.tree.leaves(network.score)]


@pytest.mark.long
def test_training_lowers_the_loss_and_says_how(trained):
    _, network = trained
    dataset = figures()
    batch = draw_batch(
        dataset, network.score.preconditioning.sde, 256, 1e-3, dropout=0.1, key=KEY
    )
    before = PICTURE_NETWORKS["attention"].untrained(jr.key(0))
    assert picture_loss(network.score, batch) < 0.8 * picture_loss(before, batch)
    assert network.record["train"]["steps"] == PLAN.steps
    assert network.record["seconds"] > 0


@pytest.mark.slow
def test_a_killed_training_resumes_bit_for_bit(trained, tmp_path):
    def kill(progress):
        if progress.step < PLAN.steps:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rram_ode.training._picture_fit.SAVE_SECONDS", 0.0)
        with pytest.raises(Killed):
            train_picture_network("attention", tmp_path, plan=PLAN, report=kill)
    assert not (tmp_path / "record.json").exists()
    seen = []
    again = train_picture_network("attention", tmp_path, plan=PLAN, report=seen.append)
    assert [each.step for each in seen] == [PLAN.steps]
    for one, other in zip(leaves(trained[1]), leaves(again), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.long
def test_another_training_is_not_resumed(tmp_path):
    def kill(progress):
        raise Killed

    short = dataclasses.replace(PLAN, steps=50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rram_ode.training._picture_fit.SAVE_SECONDS", 0.0)
        with pytest.raises(Killed):
            train_picture_network("attention", tmp_path, plan=PLAN, report=kill)
    with pytest.raises(ValueError, match=r"another `train.steps`"):
        train_picture_network("attention", tmp_path, plan=short)


def test_damaged_files_are_refused(trained, tmp_path):
    folder, _ = trained
    record = json.loads((folder / "record.json").read_text())
    (tmp_path / "record.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match=r"holds no `weights.eqx`"):
        load_picture_network(tmp_path)
    (tmp_path / "weights.eqx").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="is not the file of its record"):
        load_picture_network(tmp_path)
    record["name"] = "nothing"
    (tmp_path / "record.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match="no picture network `nothing`; there are"):
        load_picture_network(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("digits-unet", 0.14),
        ("digits-unet-relu", 0.14),
    ],
)
def test_the_shipped_ones_know_test_pictures(name, most):
    """The loss on pictures that no training saw, and that of a mutant: wrong labels."""
    score, pictures = shipped_picture_network(name).score, digits()
    x, labels = pictures.part("test")
    t_key, noise_key = jr.split(KEY)
    t = jnp.linspace(0.02, 1.0, len(x))
    order = jr.permutation(t_key, len(x))
    x, labels = x[order].T, labels[order]
    mean, std = jax.vmap(score.preconditioning.sde.marginal)(t)
    noise = jr.normal(noise_key, x.shape)
    noised = mean[None] * x + std[None] * noise

    def loss(labels):
        found = std[None] * score(t, noised, label=labels)
        return float(jnp.mean((found + noise) ** 2))

    assert loss(labels) < most
    assert loss((labels + 1) % 10) > 1.05 * loss(labels)


def test_each_has_at_most_300_thousand_parameters():
    for name in PICTURE_NETWORKS:
        arrays = jax.tree.leaves(shipped_picture_network(name).score)
        assert sum(x.size for x in arrays) <= 300_000
