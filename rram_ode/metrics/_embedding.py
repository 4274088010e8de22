"""The mean of a sample's features, kept as sums over groups of points."""

import dataclasses

import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from ._kernel import Kernel
from ._points import Samples


MAX_GROUPS = 250  # pairs within a group, 1 of 250, are left out


MIN_GROUPS = 4  # fewer do not tell how the means of groups scatter


_SEED = 0  # of the assignment of independent points to groups


Blocks = Shaped[Array | np.ndarray, " _"]  # whole numbers, which the callee checks


@dataclasses.dataclass(frozen=True, eq=False)
class Embedding:
    r"""Sums of features over groups of points that are independent of one another.

    The distance of two samples, its standard error and its permutations need these sums
    alone. A group is one block of lab time, or several; points that are independent are
    assigned to at most 250 groups by a fixed seed, one point each if there are fewer.

    Args:
        sums: $s_g = \sum_{i \in g} \psi(x_i)$, `(groups, features)`.
        counts: Number of points of each group.
    """

    sums: Float[np.ndarray, "groups features"]
    counts: Int[np.ndarray, " groups"]

    @classmethod
    def of(
        cls, kernel: Kernel, points: Samples, *, blocks: Blocks | None = None
    ) -> "Embedding":
        """Embed `points`, `(num, dim)`.

        Args:
            kernel: Of the data that the points are compared with.
            points: Generated points or data.
            blocks: A whole number for each point, equal for points of one block of lab
                time; `None` if all points are independent.

        Raises:
            ValueError: If points are not finite or not of the kernel's dimension, or
                there are fewer than four points or blocks, or `blocks` is not a list of
                whole numbers, one per point.
        """
        points = kernel.check("samples", points)
        if blocks is None:
            num = len(points)
            order = np.random.default_rng(_SEED).permutation(num)
            unit, num_units, noun = np.arange(num), num, "points"
        else:
            label = _labels(blocks, len(points))
            order = np.argsort(label, kind="stable")
            unit, num_units, noun = label[order], int(label.max()) + 1, "`blocks`"
        if num_units < MIN_GROUPS:
            raise ValueError(
                f"a distance needs {MIN_GROUPS} independent {noun} or more; got "
                f"{num_units}. Take more samples."
            )
        num_groups = min(num_units, MAX_GROUPS)
        groups = unit * num_groups // num_units
        sums = kernel.group_sums(points[order], groups, num_groups)
        return cls(sums, np.bincount(groups, minlength=num_groups))

    @property
    def num(self) -> int:
        """Number of points."""
        return int(self.counts.sum())

    @property
    def mean(self) -> Float[np.ndarray, " features"]:
        """The mean of the features over all points."""
        return self.sums.sum(axis=0) / self.num

    @property
    def residuals(self) -> Float[np.ndarray, "groups features"]:
        r"""$R$: $R^T R$ is the covariance of `mean`, without bias for equal groups."""
        num = len(self.counts)
        centred = self.sums - self.counts[:, None] * self.mean
        return centred / self.num * np.sqrt(num / (num - 1))

    def merged(self, num_groups: int) -> "Embedding":
        """The same points in at most `num_groups` groups of neighbouring groups."""
        num = len(self.counts)
        if num <= num_groups:
            return self
        begins = -(-np.arange(num_groups) * num // num_groups)
        return Embedding(
            np.add.reduceat(self.sums, begins, axis=0),
            np.add.reduceat(self.counts, begins),
        )


def _labels(blocks: Blocks, num: int) -> np.ndarray:
    """Blocks numbered from 0 in rising order of their labels."""
    array = np.asarray(blocks)
    if array.shape != (num,) or not np.issubdtype(array.dtype, np.integer):
        raise ValueError(
            f"`blocks` must hold a whole number for each of {num} samples; got shape "
            f"{array.shape} of {array.dtype}."
        )
    return np.unique(array, return_inverse=True)[1].reshape(num)
