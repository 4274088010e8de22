"""The interface of pictures with labels as states of a flow."""

import abc

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Int

from ..._core._types import Key, Points
from .._finite import AbstractFiniteDataset
from .._labelled import AbstractLabelledDataset, Labels
from ._splits import TRAIN


class AbstractPictures(AbstractLabelledDataset, AbstractFiniteDataset):
    """Pictures of a finite data set as states: their pixels, or latents of them.

    There are three fixed parts, `SPLITS`. `sample` draws from `train` with replacement,
    as a training needs it; results are compared with the whole part `test`.
    """

    @abc.abstractmethod
    def part(self, split: str) -> tuple[Points, Labels]:
        """States `(num, dim)` and labels of all pictures of a part, in its order."""

    def rows(self, split: str) -> Points:
        """States of all pictures of a part, in its order."""
        return self.part(split)[0]

    @abc.abstractmethod
    def blurred(self, split: str) -> Points:
        """States `(num, dim)` of the same pictures, distorted as `just_noticeable`."""

    @abc.abstractmethod
    def to_images(
        self, x: Float[Array | np.ndarray, "num dim"]
    ) -> Float[np.ndarray, "num height width"]:
        """The images of states `(num, dim)`: brightness, of data within [0, 1]."""

    @property
    def shares(self) -> Float[np.ndarray, " classes"]:
        """Fraction of the training pictures of each class."""
        labels = np.asarray(self.part(TRAIN)[1])
        return np.bincount(labels, minlength=len(self.class_names)) / len(labels)

    def sample_labelled(self, num_samples: int, *, key: Key) -> tuple[Points, Labels]:
        """States and labels of `train`, drawn with replacement."""
        states, labels = self.part(TRAIN)
        return _draw(states, labels, num_samples, key)

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Row i is row i of `sample` with the same key, distorted."""
        _, labels = self.part(TRAIN)
        return _draw(self.blurred(TRAIN), labels, num_samples, key)[0]


@eqx.filter_jit
def _draw(
    states: Float[Array, "all dim"],
    labels: Int[Array, " all"],
    num_samples: int,
    key: Key,
) -> tuple[Points, Labels]:
    rows = jr.randint(key, (num_samples,), 0, states.shape[0])
    return jnp.take(states, rows, axis=0), jnp.take(labels, rows)
