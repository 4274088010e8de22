"""The class embedding of a conditional network: computed digitally, played as volts."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._types import Key


NULL = -1  # the label of no class


class ClassEmbedding(eqx.Module):
    r"""$c(k) = A^T \mathrm{gelu}(E_k + a) + b$ for class k, and 0 for the null label.

    It is added to the time embedding of every hidden layer. A class that was dropped in
    training has an embedding of zeros, so that the null label is no class of its own.
    GELU is the exact one, as the authors' framework has it.

    Args:
        rows: $E$, a row for each class, with the first layer's biases $a$ in each.
        weights: $A$.
        biases: $b$.

    Source: the released code of the paper's authors: one-hot, 14 units, GELU, 14 units;
    "the dropped label is a zero embedding vector".
    """

    rows: Float[Array, "classes _"]
    weights: Float[Array, "_ embedding"]
    biases: Float[Array, " embedding"]

    @property
    def num_classes(self) -> int:
        """Number of classes, the null label aside."""
        return self.rows.shape[0]

    @property
    def table(self) -> Float[Array, "classes embedding"]:
        """The embedding of each class."""
        hidden = jax.nn.gelu(self.rows, approximate=False)
        return hidden @ self.weights + self.biases[None]

    def __call__(self, label: Int[Array, "*samples"]) -> Float[Array, "embedding ..."]:
        """The embedding of the class `label`; zeros for the null label, -1."""
        return embedding_of(self.table, label)


def embedding_of(
    table: Float[Array, "classes embedding"], label: Int[Array, "*samples"]
) -> Float[Array, "embedding ..."]:
    """Rows of `table`, features first; zeros for the null label, -1."""
    found = jnp.moveaxis(table[jnp.maximum(label, 0)], -1, 0)
    return jnp.where(label[None] < 0, jnp.zeros_like(found), found)


def class_embedding(num_classes: int, width: int, *, key: Key) -> ClassEmbedding:
    r"""A random embedding of `width` values, uniform in $\pm 1 / \sqrt{\text{rows}}$.

    Args:
        num_classes: Number of classes.
        width: Of the hidden layer, and of the result.
        key: Key of all values.

    Raises:
        ValueError: If there is less than one class.
    """
    if num_classes < 1:
        raise ValueError(f"`num_classes` must be 1 or more; got {num_classes}.")
    draw = jr.uniform(key, (num_classes + width + 1, width), minval=-1.0, maxval=1.0)
    rows, weights, biases = jnp.split(draw, [num_classes, num_classes + width])
    # One input of a one-hot is on, and each row has the biases in it.
    scale = 1 / jnp.sqrt(jnp.asarray(width, draw.dtype))
    return ClassEmbedding(rows, scale * weights, scale * biases[0])
