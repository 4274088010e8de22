"""The embedding of noise and class that each block of a network of pictures takes."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._types import Key
from ._classes import NULL
from ._preconditioning import Levels


NUM_WAVES = 16


SLOWEST, FASTEST = 0.25, 8.0  # cycles over a unit of the level


class NoiseEmbedding(eqx.Module):
    r"""$e = \mathrm{silu}(A^T (\sin 2\pi f u, \cos 2\pi f u) + c_k)$.

    It depends on step and class alone: a digital machine keeps it in a table.

    Args:
        weights: A.
        classes: $c_k$ of each class, and in the last row that of the null label.
    """

    weights: Float[Array, "waves width"]
    classes: Float[Array, "classes width"]

    def __call__(
        self, level: Levels, label: Int[Array, "..."] | None
    ) -> Float[Array, "width samples"]:
        """The embedding of each sample, or one for all.

        Args:
            level: u.
            label: Class of all samples or of each, -1 for any; `None` for any.
        """
        ratio = (FASTEST / SLOWEST) ** (1 / (NUM_WAVES - 1))
        cycles = SLOWEST * ratio ** jnp.arange(NUM_WAVES, dtype=level.dtype)
        phase = 2 * jnp.pi * cycles[:, None] * level[None]
        wave = self.weights.T @ jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])
        label = jnp.full((1,), NULL) if label is None else jnp.atleast_1d(label)
        wave, own = jnp.broadcast_arrays(wave, self.classes[label].T)
        return jax.nn.silu(wave + own)


def noise_embedding(num_classes: int, width: int, *, key: Key) -> NoiseEmbedding:
    """A random embedding.

    Args:
        num_classes: Number of classes.
        width: Number of values.
        key: Key of all values.
    """
    wave_key, class_key = jr.split(key)
    weights = jr.normal(wave_key, (2 * NUM_WAVES, width)) / math.sqrt(NUM_WAVES)
    classes = jr.normal(class_key, (num_classes + 1, width))
    return NoiseEmbedding(weights, classes)
