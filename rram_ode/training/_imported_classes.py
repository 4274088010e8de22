r"""The class embedding of a network of another program, in our form.

Ours is $c(k) = A^T \mathrm{gelu}(E_k + a) + b$, with zeros for the null label. A table
of any embedding becomes $A = 1$, $E_k + a = c(k) - b$ and $b = \min_k c(k) - 6$: GELU
of 6 and more is its argument to 1e-8. What the network adds for its null label moves
into the biases of its layers, since ours adds nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy.special import erf

from ..scores import ClassEmbedding
from ._layout import ClassLayout
from ._tensors import bias_of, matrix, offsets


LINEAR = 6.0  # from here on GELU is its argument to 1e-8 of it: 1 - Phi(6) = 1e-9


class ImportedClasses(NamedTuple):
    """The classes of a network.

    Args:
        table: What is added to the time embedding for each class, less that of the null
            label, `(classes, width)`.
        null: What is added for the null label, `(width,)`.
        used: Names of the tensors that this is made of.
    """

    table: np.ndarray
    null: np.ndarray
    used: tuple[str, ...]

    def embedding(self) -> ClassEmbedding:
        """The table as an embedding of our form."""
        width = self.table.shape[1]
        low = self.table.min(axis=0) - LINEAR
        rows = jnp.asarray(self.table - low, float)
        return ClassEmbedding(rows, jnp.eye(width), jnp.asarray(low, float))

    def turned(self) -> "ImportedClasses":
        """The same with sines before cosines, where cosines come first."""
        half = self.table.shape[1] // 2
        table, null = (np.roll(a, half, axis=-1) for a in (self.table, self.null))
        return self._replace(table=table, null=null)


def import_classes(
    tensors: Mapping[str, np.ndarray], layout: ClassLayout
) -> ImportedClasses:
    """The classes in `tensors`.

    Args:
        tensors: A state dict.
        layout: Which of them hold the embedding of classes.

    Raises:
        ValueError: If a tensor is missing or of another shape, or no class is left; the
            text is one line.
    """
    if layout.table is not None:
        table, used = matrix(tensors, layout.table), (layout.table,)
    else:
        table, used = _of_one_hot(tensors, layout)
    null = np.zeros(table.shape[1])
    if layout.null_row is not None:
        if not 0 <= layout.null_row < len(table):
            raise ValueError(
                f"`classes.null_row` must be a row of `{used[0]}`, 0 to "
                f"{len(table) - 1}; got {layout.null_row}."
            )
        null = table[layout.null_row]
        table = np.delete(table, layout.null_row, axis=0)
    if not len(table):
        raise ValueError(f"`{used[0]}` must have a row of a class.")
    return ImportedClasses(table - null, null, used)


def _of_one_hot(
    tensors: Mapping[str, np.ndarray], layout: ClassLayout
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The table of two dense layers with GELU between, of a one-hot."""
    assert layout.hidden is not None
    assert layout.output is not None
    names = layout.hidden, bias_of(layout.hidden), layout.output, bias_of(layout.output)
    hidden, output = matrix(tensors, names[0]), matrix(tensors, names[2])
    before, after = offsets(tensors, names[1]), offsets(tensors, names[3])
    if hidden.shape[0] != len(before) or output.shape != (len(after), len(before)):
        raise ValueError(
            f"`{names[0]}` must have a row for each value of `{names[1]}`, and "
            f"`{names[2]}` a column for it and a row for each of `{names[3]}`; shapes "
            f"are {hidden.shape}, {before.shape}, {output.shape}, {after.shape}."
        )
    drive = hidden.T + before
    return 0.5 * drive * (1 + erf(drive / np.sqrt(2))) @ output.T + after, names
