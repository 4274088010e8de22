"""The autoencoder, its loss and its training."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.config import LatentsConfig
from rram_ode.datasets.pictures import distort, LabelledImages
from rram_ode.latents import (
    anchors,
    batch_loss,
    check_latents,
    divergence,
    fit_autoencoder,
    nearest_anchor,
    untrained_autoencoder,
)
from scipy import integrate, stats


def bars(num=96, *, seed=0):
    """Images of 8 x 8 with one bright row (class 0) or column (class 1)."""
    rng = np.random.default_rng(seed)
    images = np.zeros((num, 8, 8), np.float32)
    labels, places = rng.integers(0, 2, num), rng.integers(1, 7, num)
    for image, label, place in zip(images, labels, places, strict=True):
        image[(place, slice(None)) if label == 0 else (slice(None), place)] = 1
    return LabelledImages(images, labels, ("row", "column"), "made here", "train")


def small(**changes):
    plan = LatentsConfig(epochs=100, batch=16, distortion=0.0, kl_weight=0.3)
    return dataclasses.replace(plan, **changes)


@pytest.fixture(scope="module")
def trained():
    return fit_autoencoder(bars(), small())


@pytest.mark.long
@pytest.mark.parametrize(("dim", "shape"), [(2, (12, 12)), (8, (8, 16))])
def test_shapes_and_the_sizes_of_the_paper(dim, shape):
    model = untrained_autoencoder(dim, shape, key=jr.key(0))
    image = jnp.ones(shape)
    mean, log_variance = model.encode(image)
    assert mean.shape == log_variance.shape == (dim,)
    assert model.decode(mean).shape == shape == model.shape
    assert model.dim == dim
    if shape == (12, 12):  # the paper's: 1-8-16 channels, 144-16 units, mirrored
        sizes = sum(leaf.size for leaf in jax.tree.leaves(model))
        conv = (9 * 1 * 8 + 8) + (9 * 8 * 16 + 16)
        units = (144 * 16 + 16) + 2 * (16 * dim + dim)
        back = (dim * 16 + 16) + (16 * 144 + 144)
        up = (9 * 16 * 8 + 8) + (9 * 8 * 1 + 1)
        assert sizes == conv + units + back + up


def test_pixels_are_brightness(getkey):
    model = untrained_autoencoder(2, (12, 12), key=getkey())
    found = model.decode(100 * jnp.ones(2))
    assert jnp.all((found >= 0) & (found <= 1))


@pytest.mark.parametrize(
    ("dim", "shape", "message"),
    [
        (0, (12, 12), "`latents.dim` must be 1 or more; got 0"),
        (2, (12, 10), "multiples of 4 pixels.*got 12 x 10"),
        (2, (0, 12), "multiples of 4 pixels"),
    ],
)
def test_impossible_sizes_are_refused(dim, shape, message):
    with pytest.raises(ValueError, match=message):
        untrained_autoencoder(dim, shape, key=jr.key(0))


def test_the_divergence_is_that_of_its_integral():
    mean, log_variance, anchor = 0.7, -1.3, 2.0
    own, prior = (mean, np.exp(log_variance / 2)), (anchor, 1)
    ratio = lambda z: stats.norm.logpdf(z, *own) - stats.norm.logpdf(z, *prior)
    integrand = lambda z: stats.norm.pdf(z, *own) * ratio(z)
    expected, _ = integrate.quad(integrand, -10, 10)
    one = lambda value: jnp.asarray([value, value])
    found = divergence(one(mean), one(log_variance), one(anchor))
    np.testing.assert_allclose(found, 2 * expected, rtol=1e-5)
    assert divergence(one(anchor), one(0.0), one(anchor)) == 0


@pytest.mark.long
def test_the_loss_is_entropy_and_divergence(getkey):
    """A second way: pixels one by one, from the decoded brightness."""
    model = untrained_autoencoder(2, (8, 8), key=getkey())
    data, key, centres = bars(2), getkey(), anchors(2, 2)
    images, labels = jnp.asarray(data.images, float), jnp.asarray(data.labels)
    weights = jnp.asarray([1.0, 3.0])
    found = batch_loss(model, images, labels, centres, weights, 3.0, key=key)
    expected = []
    encode = jax.jit(lambda image: model.encode(image))
    decode = jax.jit(lambda latent: model.decode(latent))
    for image, label, own in zip(images, labels, jr.split(key, 2), strict=True):
        mean, log_variance = encode(image)
        latent = mean + jnp.exp(log_variance / 2) * jr.normal(own, (2,))
        bright = np.asarray(decode(latent), float)
        likely = stats.bernoulli.pmf(np.asarray(image).astype(int), bright)
        apart = divergence(mean, log_variance, centres[label])
        expected.append(float(weights[label]) * (-np.log(likely).sum() + 3 * apart))
    np.testing.assert_allclose(found, np.mean(expected), rtol=1e-4)


@pytest.mark.slow
def test_training_lowers_the_loss_and_repeats(trained):
    assert trained.losses[-1] < 0.6 * trained.losses[0]
    again = fit_autoencoder(bars(), small())
    assert eqx.tree_equal(again.model, trained.model)
    other = fit_autoencoder(bars(), small(seed=1, epochs=1))
    assert not eqx.tree_equal(other.model, trained.model)


def accuracy(trained, data, centres):
    means, _ = jax.vmap(trained.model.encode)(jnp.asarray(data.images, float))
    return float((nearest_anchor(means, centres) == data.labels).mean())


def test_the_nearest_anchor_is_the_class_and_a_permuted_one_is_not(trained):
    fresh, centres = bars(60, seed=1), anchors(2, 2)
    assert accuracy(trained, fresh, centres) > 0.95
    assert accuracy(trained, fresh, centres[::-1]) < 0.05


def test_decoded_images_are_nearer_than_the_mean_image(trained):
    data = bars(60, seed=1)
    images = jnp.asarray(data.images, float)
    means, _ = jax.vmap(trained.model.encode)(images)
    apart = np.asarray(jax.vmap(trained.model.decode)(means)) - data.images
    plain = np.mean(bars().images, axis=0) - data.images
    assert np.mean(apart**2) < 0.7 * np.mean(plain**2)


@pytest.mark.slow
def test_weights_of_classes_are_off_exactly_and_balance():
    """With as many images of each class the weights are 1, whatever the exponent."""
    data = bars()
    rows = np.concatenate([np.flatnonzero(data.labels == k)[:40] for k in (0, 1)])
    even = data.take(rows)
    one, other = (
        fit_autoencoder(even, small(epochs=2, balance=b)).model for b in (0.0, 1.0)
    )
    assert eqx.tree_equal(one, other)
    odd = data.take(rows[:60])
    one, other = (
        fit_autoencoder(odd, small(epochs=2, balance=b)).model for b in (0.0, 1.0)
    )
    assert not eqx.tree_equal(one, other)


def test_distortion_is_off_exactly_and_moves_as_far_as_it_says(getkey):
    spot = jnp.zeros((2_000, 16, 16)).at[:, 7:9, 7:9].set(1.0)
    still, moved = (
        jax.jit(distort)(spot, jnp.asarray(amount), key=getkey())
        for amount in (0.0, 0.1)
    )
    np.testing.assert_array_equal(still, spot)
    rows = jnp.arange(16.0) - 7.5
    centres = jnp.einsum("nij,i->n", moved, rows) / moved.sum(axis=(1, 2))
    assert float(jnp.std(centres)) == pytest.approx(0.1 * 8, rel=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dim": 0}, "`latents.dim` must be 1 or more; got 0"),
        ({"epochs": 0}, "`latents.epochs`"),
        ({"batch": 0}, "`latents.batch`"),
        ({"learning_rate": 0.0}, "`latents.learning_rate` must be positive"),
        ({"kl_weight": -1.0}, "`latents.kl_weight` must be 0 or more; got -1"),
        ({"balance": float("nan")}, "`latents.balance`"),
        ({"distortion": float("inf")}, "`latents.distortion`"),
    ],
)
def test_a_knob_out_of_range_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        check_latents(small(**changes))


@pytest.mark.long
def test_images_that_cannot_be_learnt_are_refused():
    with pytest.raises(ValueError, match="at most the 96 images; got 97"):
        fit_autoencoder(bars(), small(batch=97))
    one_class = bars().of_class("row")
    with pytest.raises(ValueError, match="each class must have an image"):
        fit_autoencoder(one_class, small())
    with pytest.raises(ValueError, match="not finite in epoch 1; lower"):
        fit_autoencoder(bars(), small(learning_rate=1e30))
