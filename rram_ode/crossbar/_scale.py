"""How much weight one conductance range stands for."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._types import Weights


class AbstractScale(eqx.Module):
    """Chooses the weight that the full conductance range stands for."""

    @abc.abstractmethod
    def __call__(self, weights: Weights) -> Float[Array, " cols"]:
        """The largest weight of each column's range; positive."""


class ColumnScale(AbstractScale):
    """Each column its own: its transimpedance amplifier has a resistor of its own."""

    def __call__(self, weights: Weights) -> Float[Array, " cols"]:
        """The largest magnitude of each column, or 1 for a column of zeros."""
        return _or_one(jnp.max(jnp.abs(weights), axis=0))


class LayerScale(AbstractScale):
    """One for all columns of a layer."""

    def __call__(self, weights: Weights) -> Float[Array, " cols"]:
        """The largest magnitude of the layer, or 1 for a layer of zeros."""
        return jnp.full((weights.shape[1],), _or_one(jnp.max(jnp.abs(weights))))


def _or_one(x):
    return jnp.where(x > 0, x, 1.0)
