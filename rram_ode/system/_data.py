"""Data to judge by: fresh points of a law, or rows of a finite set."""

import jax.random as jr
import numpy as np

from .._core._types import Key
from ..datasets import AbstractDataset, AbstractFiniteDataset
from ..datasets.tables import LabelledTable, Table


def draw_data(
    dataset: AbstractDataset, num: int, split: str, *, key: Key
) -> np.ndarray:
    """Data, `(num, dim)`; of a finite set at most the rows of the part, each once.

    A law gives fresh points for every key. Of a finite set, as pictures are and the
    points of a file, a key gives another order of the same rows, so that results with
    two keys share them.

    Args:
        dataset: The data.
        num: Number of points.
        split: The part of a finite set: `test` to judge by, and `train` for what is
            judged beside samples, as a network that learnt perfectly would give it. A
            law has no parts.
        key: Key of the points, or of the order.
    """
    if not isinstance(dataset, AbstractFiniteDataset):
        return np.asarray(dataset.sample(num, key=key))
    rows = np.asarray(dataset.rows(split))
    return rows[np.asarray(jr.permutation(key, len(rows)))[:num]]


def in_units(dataset: AbstractDataset, x: np.ndarray) -> np.ndarray:
    """Samples `(num, dim)` in the units of a user's file; of other data as they are."""
    if isinstance(dataset, Table | LabelledTable):
        return dataset.scaling.to_units(x)
    return x


def columns_of(dataset: AbstractDataset) -> tuple[str, ...]:
    """Names of the coordinates of a user's file; none of data of the package."""
    return dataset.columns if isinstance(dataset, Table | LabelledTable) else ()
