"""The Gaussian that generation starts from."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._core._arrays import scalar
from .._core._random import standard_normal
from .._core._streams import RunStream
from .._core._types import Key, State


class Prior(eqx.Module):
    r"""The Gaussian of the starts at `t1`, $x_1 = \sigma z$ with z standard normal.

    Args:
        std: $\sigma$, dimensionless.
    """

    std: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)

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
