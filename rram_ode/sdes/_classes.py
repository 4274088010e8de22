"""Which class each sample of a run is asked for."""

import abc

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int, Integer

from .._core._random import uniform
from .._core._streams import RunStream
from .._core._types import Key


class AbstractClasses(eqx.Module):
    """The classes of a run's samples, numbered from 0; -1 is the null label."""

    @abc.abstractmethod
    def sample(
        self, key: Key, first: Integer[Array, ""], num_samples: int
    ) -> Int[Array, "*samples"]:
        """The classes of samples `first` and following, or one of all.

        The class of a sample depends on `key` and its number alone.

        Args:
            key: Key of a run.
            first: Number of the first sample, unsigned.
            num_samples: How many.
        """


class OneClass(AbstractClasses):
    """One class of all samples.

    Args:
        label: Its number; -1 is the null label.
    """

    label: Int[Array, ""] = eqx.field(converter=jnp.asarray)

    def sample(
        self, key: Key, first: Integer[Array, ""], num_samples: int
    ) -> Int[Array, ""]:
        """The class, without an axis of samples."""
        del key, first, num_samples
        return self.label


class MixedClasses(AbstractClasses):
    """Classes that are drawn for each sample on its own.

    Args:
        shares: Probability of each class; the last one has what is left of 1.
    """

    shares: Float[Array, " classes"]

    def sample(
        self, key: Key, first: Integer[Array, ""], num_samples: int
    ) -> Int[Array, " samples"]:
        """The classes, one a sample."""
        indices = first + jnp.arange(num_samples, dtype=first.dtype)
        draw = uniform(jr.fold_in(key, RunStream.CLASSES), indices, ())
        ends = jnp.cumsum(self.shares)[:-1]
        return jnp.sum(draw[None] > ends[:, None], axis=0)
