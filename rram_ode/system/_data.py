"""Data to judge by: fresh points of a law, or pictures of a finite set."""

import jax.random as jr
import numpy as np

from .._core._types import Key
from ..datasets import AbstractDataset
from ..datasets.pictures import AbstractPictures


def draw_data(
    dataset: AbstractDataset, num: int, split: str, *, key: Key
) -> np.ndarray:
    """Data, `(num, dim)`; of pictures at most as many rows as the part has, each once.

    A law gives fresh points for every key. Pictures are a finite set: a key gives
    another order of the same rows, so that results with two keys share their pictures.

    Args:
        dataset: The data.
        num: Number of points.
        split: The part of pictures: `test` to judge by, and `train` for what is judged
            beside samples, as a network that learnt perfectly would give it. A law has
            no parts.
        key: Key of the points, or of the order.
    """
    if not isinstance(dataset, AbstractPictures):
        return np.asarray(dataset.sample(num, key=key))
    rows = np.asarray(dataset.part(split)[0])
    return rows[np.asarray(jr.permutation(key, len(rows)))[:num]]
