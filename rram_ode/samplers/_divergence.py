"""The divergence of a vector field: exact, or estimated by random probes."""

import abc
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._types import Key, State


Vector = Float[Array, " dim"]


Probes = Float[Array, "samples probes dim"]


class AbstractDivergence(eqx.Module):
    r"""Probes with which $\sum_k \epsilon_k^T J \epsilon_k$ is the trace of J."""

    @abc.abstractmethod
    def probes(self, x: State, *, key: Key | None) -> Probes:
        """What each sample keeps for its whole path."""


class ExactDivergence(AbstractDivergence):
    """The unit vectors: one product with the Jacobian for each coordinate."""

    def probes(self, x: State, *, key: Key | None) -> Probes:
        """No key is needed."""
        del key
        dim, num = x.shape
        return jnp.broadcast_to(jnp.eye(dim, dtype=x.dtype)[None], (num, dim, dim))


class HutchinsonDivergence(AbstractDivergence):
    r"""Random signs over $\sqrt n$: no bias.

    The probes stay the same along a path, so that the estimate is a smooth function.

    Source: Hutchinson 1989; Grathwohl et al. 2019, arXiv 1810.01367.

    Args:
        num_probes: n, 1 or more.
    """

    num_probes: int = eqx.field(static=True, default=1)

    def __check_init__(self):
        if self.num_probes < 1:
            raise ValueError(f"`num_probes` must be 1 or more; got {self.num_probes}.")

    def probes(self, x: State, *, key: Key | None) -> Probes:
        """A key is needed.

        Raises:
            ValueError: Without one.
        """
        if key is None:
            raise ValueError("`HutchinsonDivergence` needs a `key` for its probes.")
        shape = (x.shape[1], self.num_probes, x.shape[0])
        return jr.rademacher(key, shape, x.dtype) / self.num_probes**0.5


def with_divergence(
    field: Callable[[Vector], Vector], x: Vector, probes: Float[Array, "probes dim"]
) -> Float[Array, " dim_and_one"]:
    """The field at `x`, then its divergence by `probes`, as one vector."""
    value, push = jax.linearize(field, x)
    return jnp.append(value, jnp.sum(probes * jax.vmap(push)(probes)))
