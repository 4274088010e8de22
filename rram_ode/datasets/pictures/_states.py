"""Images as states of the flow, and back."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..._core._types import State


def to_states(images: Float[np.ndarray | Array, "num height width"]) -> State:
    r"""Images as states $x = 2 p - 1$ of their pixels p, `(dim, num)`, dimensionless.

    An image's pixels come row by row; black is -1 and white is 1.
    """
    return 2 * jnp.asarray(images, float).reshape(len(images), -1).T - 1


def to_images(
    states: Float[np.ndarray | Array, "dim num"], shape: tuple[int, int]
) -> Float[np.ndarray, "num height width"]:
    """Images $p = (x + 1) / 2$ of states, `(num, height, width)`.

    The inverse of `to_states`. Generated states may leave [-1, 1], and their pixels
    then leave [0, 1]: nothing is clipped here.

    Args:
        states: States, `(dim, num)`.
        shape: Height and width of an image, in pixels.

    Raises:
        ValueError: If `dim` is not height times width.
    """
    states = np.asarray(states)
    height, width = shape
    if len(states) != height * width:
        raise ValueError(
            f"`states` must have {height * width} rows for images of {height} x "
            f"{width} pixels; got {len(states)}. Give the shape of their images."
        )
    return (states.T.reshape(-1, height, width) + 1) / 2
