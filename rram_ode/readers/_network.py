"""A small convolutional network that reads pictures."""

import math
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Int

from .._core._types import Key


CHANNELS = (16, 32)


NUM_FEATURES = 32


WINDOW = 3  # pixels a side


NUM_AT_ONCE = 500  # pictures that one call of the compiled program reads


Images = Float[Array, "num height width"]


Layer = tuple[Float[Array, "_ _"], Float[Array, " _"]]


class Reader(eqx.Module):
    r"""Two convolutions of 3 x 3 pixels, features, and a class of them.

    $c_1 = \mathrm{relu}(K_1 * p)$, $c_2 = \mathrm{relu}(K_2 * c_1)$ at every second
    pixel, $f = \tanh(A c_2 + a)$, class $\mathrm{argmax}(B f + b)$; outside the picture
    there is no ink. Features lie within [-1, 1], so that no picture is infinitely far
    from others.

    Args:
        convolutions: Kernels and biases of two, of 16 and 32 channels.
        to_features: A and a: 32 features.
        to_classes: B and b.
    """

    convolutions: tuple[Layer, Layer]
    to_features: Layer
    to_classes: Layer

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return self.to_classes[1].shape[0]

    def features_of(self, images: Images) -> Float[Array, "num features"]:
        """The features of pictures with brightness within [0, 1]."""
        channels = images[..., None]
        for stride, layer in enumerate(self.convolutions, start=1):
            channels = jax.nn.relu(_affine(layer, _windows(channels, stride)))
        return jnp.tanh(_affine(self.to_features, channels.reshape(len(images), -1)))

    def logits(self, images: Images) -> Float[Array, "num classes"]:
        """Logarithms of the classes' probabilities, up to a term, for each picture."""
        return _affine(self.to_classes, self.features_of(images))

    def features(
        self, images: Float[np.ndarray, "num height width"]
    ) -> Float[np.ndarray, "num features"]:
        """The features of any number of pictures."""
        return _in_parts(_features, self, images)

    def read(
        self, images: Float[np.ndarray, "num height width"]
    ) -> Int[np.ndarray, " num"]:
        """The class that each of any number of pictures looks most like."""
        return _in_parts(_logits, self, images).argmax(axis=1)


def untrained_reader(shape: tuple[int, int], num_classes: int, *, key: Key) -> Reader:
    r"""A reader with random weights, normal with variance 2 / inputs, and no biases.

    Source: He et al. 2015, arXiv 1502.01852, eq. 10.

    Args:
        shape: Height and width of the pictures, in pixels, even numbers.
        num_classes: Number of classes, two or more.
        key: Key of all weights.

    Raises:
        ValueError: If a side is odd, or there is only one class.
    """
    height, width = shape
    if height % 2 or width % 2 or num_classes < 2:
        raise ValueError(
            "a reader takes pictures with even sides, of two classes or more; got "
            f"{height} x {width} pixels and {num_classes} classes. Resize them "
            "(`datasets.pictures.resize`)."
        )
    area = WINDOW**2
    sizes = (
        (area, CHANNELS[0]),
        (area * CHANNELS[0], CHANNELS[1]),
        (CHANNELS[1] * (height // 2) * (width // 2), NUM_FEATURES),
        (NUM_FEATURES, num_classes),
    )
    first, second, third, fourth = (
        (math.sqrt(2 / size[0]) * jr.normal(own, size), jnp.zeros(size[1]))
        for own, size in zip(jr.split(key, len(sizes)), sizes, strict=True)
    )
    return Reader((first, second), third, fourth)


def _affine(layer: Layer, values: Float[Array, "..."]) -> Array:
    weights, biases = layer
    out = values @ weights
    return out + jnp.broadcast_to(biases, out.shape)


def _windows(
    channels: Float[Array, "num height width channels"], stride: int
) -> Float[Array, "num _ _ _"]:
    """What a window around every pixel, or every second one, holds."""
    _, height, width, _ = channels.shape
    margin = WINDOW // 2
    wide = jnp.pad(channels, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    return jnp.concatenate(
        [
            wide[:, row : row + height : stride, col : col + width : stride]
            for row in range(WINDOW)
            for col in range(WINDOW)
        ],
        axis=-1,
    )


@eqx.filter_jit
def _features(reader: Reader, images: Images) -> Float[Array, "num _"]:
    return reader.features_of(images)


@eqx.filter_jit
def _logits(reader: Reader, images: Images) -> Float[Array, "num _"]:
    return reader.logits(images)


def _in_parts(
    program: Callable[[Reader, Images], Array], reader: Reader, images: np.ndarray
) -> np.ndarray:
    """The results of a program of one size for any number of pictures."""
    dtype = reader.to_classes[1].dtype
    found = []
    for start in range(0, len(images), NUM_AT_ONCE):
        part = np.asarray(images[start : start + NUM_AT_ONCE])
        lacking = ((0, NUM_AT_ONCE - len(part)), (0, 0), (0, 0))
        padded = jnp.asarray(np.pad(part, lacking), dtype)
        found.append(np.asarray(program(reader, padded), float)[: len(part)])
    return np.concatenate(found)
