"""Pictures in a latent space, and the shipped autoencoder of the letters."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.datasets.pictures import blur, load_digits, load_letters, SPLITS
from rram_ode.latents import (
    find_autoencoder,
    latent_pictures,
    latent_quality,
    load_autoencoder,
    save_autoencoder,
    untrained_autoencoder,
)


@pytest.fixture(scope="module")
def shipped():
    return load_autoencoder(find_autoencoder("letters-vae"))


@pytest.fixture(scope="module")
def letters(shipped):
    return latent_pictures(shipped, load_letters())


def test_the_shipped_one_reaches_its_record(shipped, letters):
    for split in SPLITS:
        found = dataclasses.asdict(latent_quality(letters, load_letters(), split))
        said = shipped.record["quality"][split]
        assert found["accuracy"] == pytest.approx(said["accuracy"], abs=2e-3)
        assert found["recall"] == pytest.approx(said["recall"], abs=1e-2)
        assert found["error"] == pytest.approx(said["error"], rel=1e-3)
        assert found["error"] < 0.65 * found["mean_image_error"]
    assert shipped.record["quality"]["test"]["accuracy"] >= 0.93
    assert shipped.record["quality"]["test"]["balanced_accuracy"] >= 0.93


@pytest.mark.parametrize("mutant", ["anchors of other classes", "swapped axes"])
def test_wrong_anchors_and_axes_are_seen(letters, mutant):
    states, labels = letters.part("test")
    own = np.asarray(labels)
    if mutant == "swapped axes":
        found = letters.nearest(states[:, ::-1])
    else:
        moved = jnp.roll(letters.anchors, 1, axis=0)
        found = dataclasses.replace(letters, anchors=moved).nearest(states)
    recall = [(found[own == k] == k).mean() for k in range(3)]
    assert np.mean(recall) < 0.5 < 0.93 < (letters.nearest(states) == own).mean()


def test_states_are_eighths_of_the_means(shipped, letters):
    assert letters.dim == shipped.model.dim == 2
    assert letters.class_names == ("h", "k", "u")
    for number, split in enumerate(SPLITS):
        images, (states, labels) = load_letters()[number], letters.part(split)
        np.testing.assert_array_equal(labels, images.labels)
        some = jnp.asarray(images.images[:5], float)
        np.testing.assert_allclose(
            8 * states[:5], jax.vmap(shipped.model.encode)(some)[0], atol=2e-5
        )
        soft = jnp.asarray(blur(images.images[:5], 0.5), float)
        np.testing.assert_allclose(
            8 * letters.blurred(split)[:5],
            jax.vmap(shipped.model.encode)(soft)[0],
            atol=2e-5,
        )
    np.testing.assert_allclose(np.linalg.norm(letters.anchors, axis=1), 0.5, rtol=1e-5)
    np.testing.assert_allclose(letters.shares.sum(), 1)


def test_images_are_decoded(shipped, letters, getkey):
    x = letters.sample(5, key=getkey())
    images = letters.to_images(np.asarray(x))
    assert images.shape == (5, 12, 12)
    one = shipped.model.decode(8 * x[2])
    np.testing.assert_allclose(images[2], one, atol=1e-5)


@pytest.mark.slow
def test_one_class_alone(letters, getkey):
    for label in range(3):
        own = letters.of_class(label)
        for split in SPLITS:
            states, labels = own.part(split)
            assert states.shape[0] == labels.shape[0] == own.blurred(split).shape[0]
            assert (labels == label).all()
    assert (letters.of_class(1).sample_labelled(20, key=getkey())[1] == 1).all()
    total = sum(letters.of_class(k).part("test")[0].shape[0] for k in range(3))
    assert total == letters.part("test")[0].shape[0]
    with pytest.raises(ValueError, match="`label` must be from 0 to 2; got 3"):
        letters.of_class(3)


def test_rows_of_distorted_samples_are_those_of_the_samples(letters, getkey):
    key = getkey()
    plain, distorted = (
        letters.sample(50, key=key),
        letters.sample_noticeable(50, key=key),
    )
    states, soft = map(np.asarray, (letters.part("train")[0], letters.blurred("train")))
    for x, y in zip(np.asarray(plain), np.asarray(distorted), strict=True):
        row = int(((states - x) ** 2).sum(axis=1).argmin())
        np.testing.assert_allclose(soft[row], y, atol=1e-6)


def test_a_part_that_does_not_exist_lists_those_that_do(letters):
    with pytest.raises(ValueError, match="train, held-out, test"):
        letters.part("all")
    with pytest.raises(ValueError, match="train, held-out, test"):
        letters.blurred("all")


def test_an_autoencoder_of_other_pictures_is_refused(shipped):
    with pytest.raises(ValueError, match="knows the classes h, k, u; the images"):
        latent_pictures(shipped, load_digits())
    other = untrained_autoencoder(2, (8, 8), key=jr.key(0))
    with pytest.raises(ValueError, match="takes images of 8 x 8 pixels; got 12 x 12"):
        latent_pictures(dataclasses.replace(shipped, model=other), load_letters())


@pytest.fixture
def folder(tmp_path):
    model = untrained_autoencoder(3, (8, 8), key=jr.key(0))
    save_autoencoder(tmp_path / "mine", model, ("a", "b"), {"data": "mine"})
    return tmp_path / "mine"


def test_an_autoencoder_comes_back_bit_for_bit(folder, tmp_path):
    found = load_autoencoder(folder)
    model = untrained_autoencoder(3, (8, 8), key=jr.key(0))
    pairs = zip(jax.tree.leaves(model), jax.tree.leaves(found.model), strict=True)
    for one, other in pairs:
        np.testing.assert_array_equal(one.astype(jnp.float32), other)
    assert found.classes == ("a", "b")
    assert found.record["data"] == "mine"
    save_autoencoder(tmp_path / "again", found.model, found.classes, found.record)
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["record.json", "weights.eqx"]
    for name in files:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def edit(folder, **changes):
    path = folder / "record.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "rram_ode checkpoint"}, "is a record of `rram_ode checkpoint`"),
        ({"format_version": 9}, "has format version 9; .* Train the autoencoder again"),
        ({"dim": 0}, "`dim` must be an integer from 1 to 1024; got 0"),
        ({"dim": "2"}, "`dim` must be an integer"),
        ({"dim": 4}, "does not hold the 8x8 to 4 autoencoder of its record"),
        ({"shape": [8]}, "`shape` must be height and width in pixels"),
        ({"shape": [8, 10]}, r"`shape` must be multiples of 4 from 4 to 1024"),
        ({"shape": [4_000, 8]}, r"`shape` must be multiples of 4 from 4 to 1024"),
        ({"classes": ["a", "a"]}, "`classes` must be different names"),
        ({"classes": []}, "`classes` must be different names"),
        ({"sha256": "0"}, r"is not the file of its record \(truncated"),
    ],
)
def test_a_record_that_cannot_be_is_refused(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(ValueError, match=message) as info:
        load_autoencoder(folder)
    assert "\n" not in str(info.value)


def test_a_damaged_folder_is_refused(folder, tmp_path):
    content = (folder / "weights.eqx").read_bytes()
    (folder / "weights.eqx").write_bytes(content[:-4])
    with pytest.raises(ValueError, match=r"is not the file of its record \(truncated"):
        load_autoencoder(folder)
    (folder / "weights.eqx").unlink()
    with pytest.raises(ValueError, match="holds no `weights.eqx`; `python -m"):
        load_autoencoder(folder)
    with pytest.raises(ValueError, match="there is no autoencoder folder"):
        load_autoencoder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="`latents.checkpoint` must be letters-vae or"):
        find_autoencoder("nowhere")


def test_weights_that_are_not_finite_are_refused(tmp_path):
    model = untrained_autoencoder(3, (8, 8), key=jr.key(0))
    broken = jax.tree.map(lambda leaf: leaf * jnp.nan, model)
    with pytest.raises(ValueError, match="a weight is NaN or infinite"):
        save_autoencoder(tmp_path, broken, ("a",), {})
    assert not list(tmp_path.iterdir())
