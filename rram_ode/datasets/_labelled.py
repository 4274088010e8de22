"""The interface of data with labels."""

import abc

import numpy as np
from jaxtyping import Array, Float, Int

from .._core._types import Key, Points
from ._base import AbstractDataset


Labels = Int[Array, " num_samples"]


class AbstractLabelledDataset(AbstractDataset):
    """A distribution of points that each belong to a class, numbered from 0."""

    @property
    @abc.abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """What a user calls the classes, in the order of their numbers."""

    @property
    @abc.abstractmethod
    def shares(self) -> Float[Array | np.ndarray, " classes"]:
        """Fraction of the points that belong to each class; together they are 1."""

    @abc.abstractmethod
    def sample_labelled(self, num_samples: int, *, key: Key) -> tuple[Points, Labels]:
        """Fresh points, `(num_samples, dim)`, and the class of each."""

    @abc.abstractmethod
    def of_class(self, label: int) -> AbstractDataset:
        """The distribution of the points of one class."""

    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points of all classes, shape `(num_samples, dim)`."""
        return self.sample_labelled(num_samples, key=key)[0]
