"""The interface of data with labels."""

import abc

from jaxtyping import Array, Int

from .._core._types import Key, Points
from ._base import AbstractDataset


Labels = Int[Array, " num_samples"]


class AbstractLabelledDataset(AbstractDataset):
    """A distribution of points that each belong to a class, numbered from 0."""

    @property
    @abc.abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """What a user calls the classes, in the order of their numbers."""

    @abc.abstractmethod
    def sample_labelled(self, num_samples: int, *, key: Key) -> tuple[Points, Labels]:
        """Fresh points, `(num_samples, dim)`, and the class of each."""

    @abc.abstractmethod
    def of_class(self, label: int) -> AbstractDataset:
        """The distribution of the points of one class."""

    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points of all classes, shape `(num_samples, dim)`."""
        return self.sample_labelled(num_samples, key=key)[0]

    def find_class(self, name: str) -> int:
        """The number of the class called `name`.

        Raises:
            ValueError: If there is none; with the names that there are.
        """
        if name not in self.class_names:
            raise ValueError(
                f"no label `{name}`; there are {', '.join(self.class_names)}."
            )
        return self.class_names.index(name)
