"""Readers: shipped ones read as their records say, and damaged ones are refused."""

import json
import shutil

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.ndimage
from rram_ode.datasets.pictures import LabelledImages, load_digits, load_letters
from rram_ode.readers import (
    _augment as augment,
    distort,
    fit_reader,
    load_reader,
    ReaderPlan,
    shipped_reader,
    untrained_reader,
)
from rram_ode.readers._store import SHIPPED


def simple(num=40, size=4):
    """Pictures with ink on the left, or on the right."""
    rng = np.random.default_rng(0)
    images = 0.2 * rng.random((num, size, size))
    labels = np.arange(num) % 2
    images[labels == 0, :, : size // 2] += 0.7
    images[labels == 1, :, size // 2 :] += 0.7
    return LabelledImages(images, labels, ("left", "right"), "a test", "held-out")


@pytest.mark.parametrize(
    ("load", "name"), [(load_digits, "digits-reader"), (load_letters, "letters-reader")]
)
def test_a_shipped_reader_reads_as_its_record_says(load, name):
    test = load().test
    found = shipped_reader(test)
    assert found.record == json.loads((SHIPPED / name / "record.json").read_text())
    read = found.reader.read(test.images)
    for number, label in enumerate(test.classes):
        right = np.mean(read[test.labels == number] == number)
        # Another precision may turn a picture between two classes.
        assert (
            abs(right - found.record["recall"][label][0]) < 1.5 / test.counts()[label]
        )
    assert found.record["balanced_accuracy"][0] >= 0.95
    features = found.reader.features(test.images)
    assert features.shape == (len(test), 32)
    assert np.abs(features).max() <= 1


def test_the_convolution_is_that_of_scipy():
    """Features of one picture, one window at a time, in another library."""
    reader = untrained_reader((6, 4), 3, key=jr.key(0))
    image = np.random.default_rng(1).random((6, 4))
    channels = image[None]
    for stride, (weights, biases) in enumerate(reader.convolutions, start=1):
        kernels = np.asarray(weights).reshape(3, 3, len(channels), -1)
        channels = np.array(
            [
                sum(
                    scipy.ndimage.correlate(one, kernels[:, :, n, out], mode="constant")
                    for n, one in enumerate(channels)
                )
                + bias
                for out, bias in enumerate(np.asarray(biases))
            ]
        ).clip(min=0)[:, ::stride, ::stride]
    weights, biases = map(np.asarray, reader.to_features)
    expected = np.tanh(np.moveaxis(channels, 0, -1).ravel() @ weights + biases)
    assert np.allclose(reader.features(image[None])[0], expected, atol=1e-6)


def test_any_number_of_pictures_is_read():
    reader = untrained_reader((4, 4), 2, key=jr.key(0))
    images = np.random.default_rng(0).random((501, 4, 4))
    assert np.array_equal(reader.read(images)[-1:], reader.read(images[-1:]))


@pytest.mark.long
def test_a_reader_learns_the_same_from_the_same_seed():
    data, plan = simple(), ReaderPlan(steps=200, batch=32)
    reader = fit_reader(data, plan)
    assert (reader.read(data.images) == data.labels).all()
    again = fit_reader(data, plan)
    for one, other in zip(*map(jax.tree.leaves, (reader, again)), strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(ValueError, match="each class must have a picture.*'right': 0"):
        fit_reader(data.take(np.flatnonzero(data.labels == 0)), plan)
    with pytest.raises(ValueError, match="even sides, .*; got 5 x 4 pixels and 2"):
        untrained_reader((5, 4), 2, key=jr.key(0))


def test_a_distortion_of_size_zero_is_none(monkeypatch):
    image = jnp.asarray(np.random.default_rng(0).random((8, 6)))
    moved = distort(image, key=jr.key(1))
    assert 0.01 < float(jnp.abs(moved - image).mean()) < 0.4
    for name in ("TURN", "STRETCH", "SHEAR", "SHIFT"):
        monkeypatch.setattr(augment, name, 0.0)
    assert np.allclose(distort(image, key=jr.key(1)), image, atol=1e-6)


def test_a_shift_alone_moves_the_centre_of_ink(monkeypatch):
    for name in ("TURN", "STRETCH", "SHEAR"):
        monkeypatch.setattr(augment, name, 0.0)
    image = np.zeros((12, 12))
    image[5:7, 5:7] = 1
    found = [
        scipy.ndimage.center_of_mass(np.asarray(distort(jnp.asarray(image), key=k)))
        for k in jr.split(jr.key(0), 40)
    ]
    apart = np.array(found) - 5.5
    assert np.abs(apart).max() <= 1.2 + 1e-6  # a tenth of 12 pixels
    assert np.abs(apart).max() > 0.8
    assert abs(apart.mean()) < 4 * 1.2 / np.sqrt(3 * apart.size)


def changed(record):
    record["shape"] = [8, 10]


def other(record):
    record["format"] = "another"


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda f: (f / "weights.eqx").unlink(), "holds no `weights.eqx`"),
        (
            lambda f: (f / "record.json").write_text("{"),
            "is no record of a",
        ),
        (
            lambda f: (f / "weights.eqx").write_bytes(b"no"),
            "is not the file of its",
        ),
        (lambda f: edit(f, changed), r"does not hold the 8 x 10, 10 classes, reader"),
        (lambda f: edit(f, other), "is a record of `another`"),
    ],
)
def test_damaged_readers_are_refused(spoil, text, tmp_path):
    folder = tmp_path / "reader"
    shutil.copytree(SHIPPED / "digits-reader", folder)
    assert load_reader(folder).classes == tuple("0123456789")
    spoil(folder)
    with pytest.raises(ValueError, match=text):
        load_reader(folder)


def edit(folder, change):
    record = json.loads((folder / "record.json").read_text())
    change(record)
    (folder / "record.json").write_text(json.dumps(record))


def test_pictures_without_a_reader_say_so():
    with pytest.raises(ValueError, match=r"no reader is shipped .* left, right: train"):
        shipped_reader(simple())
