"""Laws by which a quantity is spread over the traps of a chip."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import is_concrete, non_negative
from .._core._random import normal, uniform
from .._core._types import Key


NODES = 64  # of the quadrature: four per e-fold over seven decades


class LogUniform(eqx.Module):
    """A law that is even on a logarithmic axis between two limits.

    Equal limits give one value.


    Args:
        low: Lower limit, positive.
        high: Upper limit, in the same unit.
    """

    low: Float[Array, ""] = eqx.field(converter=scalar)
    high: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        if not is_concrete(self.low, self.high):
            return
        if not 0 < float(self.low) <= float(self.high) < np.inf:
            raise ValueError(
                "the lower limit must be positive and not above the upper one; got "
                f"{float(self.low):g} and {float(self.high):g}."
            )

    def draw(self, key: Key, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
        """Independent values."""
        u = uniform(key, jnp.zeros(1, jnp.uint32), shape)[..., 0]
        return self._at(u)

    def quadrature(self) -> tuple[Float[Array, " nodes"], Float[Array, " nodes"]]:
        """Values and weights whose weighted sum is the mean over the law."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        dtype = self.low.dtype
        return self._at(jnp.asarray((nodes + 1) / 2, dtype)), jnp.asarray(
            weights / 2, dtype
        )

    def _at(self, part: Float[Array, "..."]) -> Float[Array, "..."]:
        return self.low * (self.high / self.low) ** part


class LogNormal(eqx.Module):
    r"""The lognormal law $m\,e^{\sigma\epsilon}$; with no spread the constant m.

    Args:
        median: m, 0 or more.
        sigma: $\sigma$, the spread of the natural logarithm.
    """

    median: Float[Array, ""] = eqx.field(converter=scalar)
    sigma: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("read.telegraph.amplitude", self.median, "of g")
        non_negative("read.telegraph.amplitude_sigma", self.sigma, "e-folds")

    def draw(self, key: Key, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
        """Independent values."""
        return self.median * jnp.exp(self.sigma * normal(key, shape))

    @property
    def mean_square(self) -> Float[Array, ""]:
        """Mean square of the values."""
        return self.median**2 * jnp.exp(2 * self.sigma**2)
