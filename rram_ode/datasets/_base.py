"""The interface of a data distribution."""

import abc

import equinox as eqx

from .._core._types import Key, Points


class AbstractDataset(eqx.Module):
    """A distribution that fresh points can be drawn from without end.

    Each `sample` is one compiled program for each `num_samples`, so that drawing
    outside `jax.jit` costs one compilation and not one an operation.
    """

    dim: eqx.AbstractClassVar[int]

    @abc.abstractmethod
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, dim)`, independent of one another."""
