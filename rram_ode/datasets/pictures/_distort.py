"""Images moved, turned, sheared and stretched at random."""

import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from ..._core._types import Key, Scalar


def distort(
    images: Float[Array, "batch height width"], amount: Scalar, *, key: Key
) -> Float[Array, "batch height width"]:
    r"""Images p under random affine maps, $p'(x) = p(c + (I + a E)(x - c) + a s e)$.

    Values between pixels are bilinear, and 0 outside of the image. E, two by two, and e
    are of N(0, I), drawn for each image; c is the image's middle and s half its side.

    Args:
        images: Images.
        amount: a; 0 returns the images.
        key: Key of all draws.
    """
    keys = jr.split(key, images.shape[0])
    return jax.vmap(lambda image, key: _one(image, amount, key))(images, keys)


def warp(
    image: Float[Array, "height width"],
    matrix: Float[Array, "2 2"],
    shift: Float[Array, "2"],
) -> Float[Array, "height width"]:
    r"""The image $p'(x) = p(c + A (x - c) + d)$ around its middle c.

    Between pixels brightness is bilinear, and 0 outside of the image.

    Args:
        image: p.
        matrix: A, rows first.
        shift: d, in pixels.
    """
    middle = (jnp.asarray(image.shape, image.dtype) - 1) / 2
    axes = [jnp.arange(side, dtype=image.dtype) for side in image.shape]
    places = jnp.stack(jnp.meshgrid(*axes, indexing="ij")) - middle[:, None, None]
    places = jnp.tensordot(matrix, places, 1) + (middle + shift)[:, None, None]
    return jax.scipy.ndimage.map_coordinates(image, list(places), order=1)


def _one(image: Array, amount: Scalar, key: Key) -> Array:
    turn_key, move_key = jr.split(key)
    half = jnp.asarray(image.shape, image.dtype) / 2
    turn = jnp.eye(2) + amount * jr.normal(turn_key, (2, 2))
    return warp(image, turn, amount * half * jr.normal(move_key, (2,)))
