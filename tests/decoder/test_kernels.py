"""A transposed convolution as a small array, against Equinox's own."""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.decoder import kernel_of, stages_of
from rram_ode.latents import find_autoencoder, load_autoencoder, untrained_autoencoder


@pytest.fixture(scope="module")
def model():
    return load_autoencoder(find_autoencoder("letters-vae")).model


def convolution(size: Any = 3, stride=2, padding=1, more=1, **others):
    return eqx.nn.ConvTranspose2d(
        5,
        4,
        size,
        stride,
        padding=padding,
        output_padding=more,
        key=jr.key(1),
        **others,
    )


def by_windows(conv, image):
    kernel = kernel_of(conv, image.shape[1:])
    rows = kernel.windows.rows(image.reshape(-1))
    out = kernel.weights.T @ rows + kernel.biases[:, None]
    return kernel.windows.join(out)


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "stride", "padding", "more"),
    [(3, 2, 1, 1), (4, 2, 1, 0), (2, 2, 0, 0), (5, 3, 1, 0), (3, 1, 1, 0)],
)
@pytest.mark.parametrize("use_bias", [True, False])
def test_a_kernel_read_by_windows_is_the_convolution(
    size, stride, padding, more, use_bias
):
    conv = convolution(size, stride, padding, more, use_bias=use_bias)
    image = jr.normal(jr.key(0), (5, 3, 4))
    wanted = conv(image)
    found = by_windows(conv, image)
    assert wanted.shape == (4, 3 * stride, 4 * stride)
    np.testing.assert_allclose(found, wanted.ravel(), atol=1e-12)


def test_a_kernel_has_the_cells_that_its_taps_need():
    """9 of the 16 weights of a window are taps; unrolled, few of a row's are."""
    kernel = kernel_of(convolution(), (3, 3))
    assert kernel.weights.shape == (4 * 5, 4 * 4)
    assert int(jnp.sum(kernel.weights != 0)) == 9 * 5 * 4
    assert kernel.windows.num_reads == 9


def test_a_convolution_of_another_kind_is_refused():
    """Mutant: the wrong output padding gives a pixel too few."""
    for other in (
        convolution(more=0),
        convolution(padding=0),
        convolution(size=(3, 5)),
        convolution(dilation=2),
    ):
        with pytest.raises(ValueError, match="gives `stride` times the pixels"):
            kernel_of(other, (3, 3))


def turned(stages, number):
    """Mutant: the kernel of a stage is transposed, its height and width exchanged."""
    where = lambda s: s.parts[number].score.network.weights[0]
    weights = where(stages)
    channels, cols = weights.shape[0] // 4, weights.shape[1] // 4
    parts = weights.reshape(channels, 2, 2, cols, 2, 2).transpose(0, 2, 1, 3, 5, 4)
    return eqx.tree_at(where, stages, parts.reshape(weights.shape))


def shifted(stages, number):
    """Mutant: output padding at the wrong side, all windows one pixel early."""
    where = lambda s: s.parts[number].windows.places
    return eqx.tree_at(where, stages, jnp.roll(where(stages), 1, axis=1))


def unbiased(stages, number):
    """Mutant: the last biases of a stage are missing."""
    where = lambda s: s.parts[number].score.network.biases[-1]
    return eqx.tree_at(where, stages, jnp.zeros_like(where(stages)))


@pytest.mark.long
def test_the_stages_are_the_decoder(model):
    stages, x = stages_of(model), jr.normal(jr.key(2), (2, 6)) / 2
    wanted = jax.vmap(model.decoder)(8 * x.T).reshape(6, -1).T
    logits = eqx.filter_jit(lambda stages, x: stages(x))
    np.testing.assert_allclose(logits(stages, x), wanted, atol=1e-12)
    assert stages.num_reads == 2 + 9 + 36
    arrays = [p.score.network.weights[-1].shape for p in stages.parts]
    assert arrays == [(16, 144), (64, 32), (32, 4)]
    for mutant in (turned, shifted):
        for number in (1, 2):
            apart = logits(mutant(stages, number), x) - wanted
            assert jnp.max(jnp.abs(apart)) > 0.1, (mutant, number)
    for number in range(3):
        apart = logits(unbiased(stages, number), x) - wanted
        assert jnp.max(jnp.abs(apart)) > 0.1, number


@pytest.mark.long
def test_other_sizes_and_dimensions():
    model = untrained_autoencoder(5, (8, 16), key=jr.key(3))
    stages, x = stages_of(model), jr.normal(jr.key(4), (5, 3))
    wanted = jax.vmap(model.decoder)(8 * x.T).reshape(3, -1).T
    np.testing.assert_allclose(stages(x), wanted, atol=1e-12)
    assert stages.shape == (8, 16)
    wrong = eqx.nn.ConvTranspose2d(16, 8, 3, 2, padding=1, key=jr.key(5))
    decoder = dataclasses.replace(model.decoder, first=wrong)
    with pytest.raises(ValueError, match="output padding"):
        stages_of(dataclasses.replace(model, decoder=decoder))
