import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.datasets import DATASETS
from rram_ode.datasets.pictures import blur, digits, load_digits, PixelPictures, SPLITS


def test_states_are_the_pixels_of_the_parts():
    pictures = DATASETS["digits"]()
    assert pictures is digits()
    assert isinstance(pictures, PixelPictures)
    assert pictures.dim == 64
    assert pictures.class_names == tuple("0123456789")
    for split, part in zip(SPLITS, load_digits(), strict=True):
        x, labels = pictures.part(split)
        assert x.dtype == jnp.result_type(float)
        assert np.array_equal(labels, part.labels)
        assert np.abs(x).max() == 1
        assert np.allclose(pictures.to_images(x), part.images, atol=1e-7)
        blurred = pictures.to_images(pictures.blurred(split))
        assert np.allclose(blurred, blur(part.images, 0.5), atol=1e-6)
    with pytest.raises(ValueError, match="must be one of train, held-out, test"):
        pictures.part("all")


def test_draws_are_pictures_to_train_on(getkey):
    pictures, key = digits(), getkey()
    x, labels = pictures.sample_labelled(2_000, key=key)
    rows = {
        tuple(row): label
        for row, label in zip(*map(np.asarray, pictures.part("train")), strict=True)
    }
    found = [rows.get(tuple(row)) for row in np.asarray(x)]
    assert found == labels.tolist()
    assert np.array_equal(x, pictures.sample(2_000, key=key))
    counts = np.bincount(np.asarray(labels), minlength=10)
    assert np.abs(counts - 200).max() < 4 * np.sqrt(180)
    blurred = pictures.sample_noticeable(2_000, key=key)
    assert 0.05 < np.abs(np.asarray(blurred - x)).mean() < 0.4


def test_pictures_of_one_class():
    three = digits().of_class(3)
    for split, part in zip(SPLITS, load_digits(), strict=True):
        x, labels = three.part(split)
        assert (np.asarray(labels) == 3).all()
        assert np.allclose(three.to_images(x), part.of_class("3").images, atol=1e-7)
        assert len(three.blurred(split)) == len(x)
    with pytest.raises(ValueError, match="`label` must be a class .*; got 10 of 10"):
        digits().of_class(10)


def test_pictures_enter_a_program_as_arrays(getkey):
    """Other pictures of the same size take no second compilation."""
    pictures = digits()
    other = PixelPictures.of(load_digits())
    draw = eqx.filter_jit(
        eqx.debug.assert_max_traces(
            lambda data, key: data.sample(5, key=key), max_traces=1
        )
    )
    assert np.array_equal(draw(pictures, key := getkey()), draw(other, key))
