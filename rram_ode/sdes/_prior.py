"""What generation starts from: a Gaussian, and the classes that are asked for."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int, Integer

from .._core._arrays import scalar
from .._core._random import standard_normal
from .._core._streams import RunStream
from .._core._types import Key, State
from ._classes import AbstractClasses


class Prior(eqx.Module):
    r"""The Gaussian of the starts at `t1`, $x_1 = \sigma z$ with z standard normal.

    Args:
        std: $\sigma$, dimensionless.
        classes: The classes that samples are asked for; `None` for those of a network
            without labels, or with its null label.
    """

    std: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    classes: AbstractClasses | None = None

    def labels(
        self, key: Key, first: Integer[Array, ""], num_samples: int
    ) -> Int[Array, "*samples"] | None:
        """The classes of samples `first` and following; `None` where none is asked for.

        Arguments are those of `sample`.
        """
        if self.classes is None:
            return None
        return self.classes.sample(key, first, num_samples)

    def sample(
        self, key: Key, first: Integer[Array, ""], num_samples: int, dim: int
    ) -> State:
        """The starts of samples `first` and following, `(dim, samples)`.

        The start of a sample depends on `key` and its number alone.

        Args:
            key: Key of a run.
            first: Number of the first sample, unsigned.
            num_samples: How many.
            dim: Number of coordinates.
        """
        indices = first + jnp.arange(num_samples, dtype=first.dtype)
        unit = standard_normal(jr.fold_in(key, RunStream.STARTS), indices, (dim,))
        return self.std * unit
