"""The interface of data that are a finite set of rows, in three fixed parts."""

import abc

from .._core._types import Points
from ._base import AbstractDataset


class AbstractFiniteDataset(AbstractDataset):
    """A finite set of rows: a network learns `train`, and is judged by `test`.

    The part `held-out` makes the kernel of distances, which no result is compared with.
    """

    @abc.abstractmethod
    def rows(self, split: str) -> Points:
        """All rows of a part of `SPLITS`, `(num, dim)`, in its order."""
