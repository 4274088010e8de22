"""The interface of a data distribution."""

import abc

import equinox as eqx

from .._core._types import Key, Points


class AbstractDataset(eqx.Module):
    """A distribution that gives any number of fresh points.

    `sample` is one compiled program per `num_samples`, so that a draw outside `jax.jit`
    costs one compilation, not one per operation.
    """

    dim: eqx.AbstractClassVar[int]

    @abc.abstractmethod
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, dim)`, independent of one another."""
