"""The U-Net: its convolution, its samples apart, its counts, its preconditioning."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.scores import (
    ConvolutionLayer,
    DenoisingPreconditioning,
    GaussianScore,
    NoisePreconditioning,
    unet_score,
    UNetScore,
)
from rram_ode.sdes import VPSDE


SDE = VPSDE(0.1, 12.0)


def network(**settings):
    """A random U-Net whose last layer gives an output, too."""
    score = unet_score(
        8, NoisePreconditioning(SDE), num_classes=3, key=jr.key(0), **settings
    )
    *others, last = score.convolutions
    w = jr.normal(jr.key(1), last.weights.shape) / 17
    last = ConvolutionLayer(w, jnp.ones(1), last.window, last.stride)
    return UNetScore(  # pyright: ignore[reportCallIssue]  # `dim` is a property
        (*others, last),
        score.norms,
        score.to_blocks,
        score.embedding,
        score.preconditioning,
        score.side,
        score.activation,
    )


@pytest.mark.parametrize(("window", "stride"), [(3, 1), (3, 2), (1, 1), (5, 1)])
def test_convolution_is_that_of_jax(getkey, window, stride):
    w = jr.normal(getkey(), (window**2 * 6, 5))
    x = jr.normal(getkey(), (6, 8, 8, 3))
    layer = ConvolutionLayer(w, jnp.zeros(5), window, stride)
    margin = (window // 2, window // 2)
    numbers = jax.lax.conv_dimension_numbers(
        (3, 6, 8, 8), (5, 6, window, window), ("NCHW", "OIHW", "NCHW")
    )
    kernel = w.reshape(window, window, 6, 5).transpose(3, 2, 0, 1)
    wanted = jax.lax.conv_general_dilated(
        x.transpose(3, 0, 1, 2),
        kernel,
        (stride, stride),
        (margin, margin),
        dimension_numbers=numbers,
    )
    found = layer.sums(w, x)
    np.testing.assert_allclose(found, wanted.transpose(1, 2, 3, 0), atol=1e-12)
    # The mutant: rows and columns of the window are exchanged.
    if window > 1:
        turned = w.reshape(window, window, 6, 5).transpose(1, 0, 2, 3).reshape(w.shape)
        assert np.max(np.abs(layer.sums(turned, x) - found)) > 0.1


@pytest.mark.slow
def test_samples_with_labels_and_times_of_their_own(getkey):
    score, x = network(channels=8), jr.normal(getkey(), (64, 4))
    label, t = jnp.array([2, -1, 0, 1]), jnp.array([0.9, 0.4, 0.1, 0.01])
    together = score(t, x, label=label)
    for n in range(4):
        alone = score(t[n], x[:, n], label=label[n])
        np.testing.assert_allclose(together[:, n], alone, rtol=1e-9, atol=1e-9)
    of_class = score.of_class(label)
    np.testing.assert_array_equal(of_class(t, x), together)
    anyone = score(t[1], x[:, 1])  # no label is the null label
    np.testing.assert_allclose(together[:, 1], anyone, rtol=1e-9, atol=1e-9)
    # Labels and times matter: exchanged, they give other scores.
    for t_, label_ in ((t[::-1], label), (t, label[::-1])):
        assert np.max(np.abs(score(t_, x, label=label_) - together)) > 1e-3


@pytest.mark.long
def test_sizes_by_hand():
    """Products inside the picture; 20 of 24 along an edge of 8 with a window of 3."""
    sizes = network(channels=8).sizes()
    full = sum(min(i + 2, 8) - max(i - 1, 0) for i in range(8)) ** 2  # 22^2
    assert full == 484
    half = sum(min(2 * i + 2, 8) - max(2 * i - 1, 0) for i in range(4)) ** 2  # 11^2
    small = sum(min(i + 2, 4) - max(i - 1, 0) for i in range(4)) ** 2  # 10^2
    few, many = 8, 16
    wanted = [
        full * few,
        full * few**2,
        full * few**2,
        half * few * many,
        *[small * many**2] * 4,
        small * many * few,
        full * 2 * few * few,
        full * few**2,
        64 * 2 * few * few,
        full * few,
    ]
    assert [size.products for size in sizes] == wanted
    assert [size.inputs for size in sizes[:4]] == [64, 512, 512, 512]
    assert [size.sums for size in sizes[:4]] == [512, 512, 512, 256]


def test_blocks_have_every_layer_once():
    score = network(channels=8)
    flat = [number for block in score.blocks for number in block]
    assert flat == list(range(len(score.layers)))


def test_preconditioning_of_a_gaussian(getkey):
    r"""With the exact denoiser of N(0, s^2) the score is exactly -x / v(t)."""
    pre, spread = DenoisingPreconditioning(SDE, 0.7), 0.4
    exact = GaussianScore(SDE, jnp.zeros(3), spread**2 * jnp.eye(3))
    x = jr.normal(getkey(), (3, 5))
    for t in (1e-3, 0.1, 0.6, 1.0):
        t = jnp.asarray(t)
        mean, std = SDE.marginal(t)
        sigma = std / mean
        denoised = spread**2 / (spread**2 + sigma**2) * x / mean
        skip = 0.7**2 / (sigma**2 + 0.7**2)
        out = sigma * 0.7 / jnp.sqrt(sigma**2 + 0.7**2)
        network_output = (denoised - skip * x / mean) / out
        found = pre.score(t, x, network_output)
        np.testing.assert_allclose(found, exact(t, x), rtol=1e-9)
        # Data of the stated size reach the network with unit variance.
        own = jnp.sqrt(std**2 + (0.7 * mean) ** 2)
        np.testing.assert_allclose(pre.inputs(t, own * x), x, rtol=1e-12)


def test_refusals():
    for side, channels in ((7, 8), (8, 12), (0, 8)):
        with pytest.raises(ValueError, match="`side` must be even and `channels` a"):
            unet_score(
                side, NoisePreconditioning(SDE), channels=channels, key=jr.key(0)
            )
