"""Pictures moved, turned and stretched a little: what does not change their class."""

import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._types import Key
from ..datasets.pictures import warp


# Half of the width of a uniform law each, all assumed.
TURN = 0.26  # radians, 15 degrees


STRETCH = 0.15  # of the length of either axis, relative


SHEAR = 0.2


SHIFT = 0.1  # of a side: 0.8 pixels of 8


def distort(image: Float[Array, "height width"], *, key: Key) -> Float[Array, "_ _"]:
    r"""A picture whose pixel r is that of `image` at $c + A (r - c) + d$.

    A turns, stretches and shears around the centre c, and d shifts; between pixels
    brightness is bilinear, and outside the picture there is no ink.

    Args:
        image: Brightness, `(height, width)`.
        key: Key of A and d.
    """
    turn, shear, tall, wide, down, right = jr.uniform(key, (6,), image.dtype, -1.0, 1.0)
    cos, sin = jnp.cos(TURN * turn), jnp.sin(TURN * turn)
    rotation = jnp.stack([cos, -sin, sin, cos]).reshape(2, 2)
    shape = [
        1 + STRETCH * tall,
        SHEAR * shear,
        jnp.zeros_like(shear),
        1 + STRETCH * wide,
    ]
    sides = jnp.array(image.shape, image.dtype)
    shift = SHIFT * sides * jnp.stack([down, right])
    return warp(image, rotation @ jnp.stack(shape).reshape(2, 2), shift)


def distort_all(
    images: Float[Array, "num height width"], *, key: Key
) -> Float[Array, "num height width"]:
    """Each picture with a distortion of its own."""
    keys = jr.split(key, len(images))
    return jax.vmap(lambda image, own: distort(image, key=own))(images, keys)
