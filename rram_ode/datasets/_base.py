"""The interface of a data distribution."""

import abc

import equinox as eqx

from .._core._types import Key, Points


class AbstractDataset(eqx.Module):
    """A distribution that gives any number of fresh points.

    `sample` is one compiled program per `num_samples`, so that a draw outside `jax.jit`
    costs one compilation, not one per operation. `just_noticeable` says in one phrase
    which distortion of the data a person would just accept; its distance from the data
    is the unit of all distances.
    """

    dim: eqx.AbstractClassVar[int]  # or a property, where it differs
    just_noticeable: eqx.AbstractClassVar[str]

    @abc.abstractmethod
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, dim)`, independent of one another."""

    @abc.abstractmethod
    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points distorted as `just_noticeable` says, shape `(num_samples, dim)`.

        Row i is the distorted row i of `sample` with the same key.
        """
