"""The divergence of a vector field: exact, or estimated by random probes."""

import abc
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._types import Key, State


Vector = Float[Array, " dim"]
Probes = Float[Array, "samples probes dim"]


class AbstractDivergence(eqx.Module):
    """How the trace of the Jacobian is taken."""

    @abc.abstractmethod
    def check(self, key: Key | None) -> None:
        """Raise a `ValueError` if a key is missing."""

    @abc.abstractmethod
    def probes(self, x: State, *, key: Key | None) -> Probes:
        """What each sample keeps for its whole path."""

    @abc.abstractmethod
    def __call__(
        self,
        field: Callable[[Vector], Vector],
        x: Vector,
        probes: Float[Array, "probes dim"],
    ) -> Float[Array, " dim_and_one"]:
        """The field at `x`, then its divergence, as one vector."""


class ExactDivergence(AbstractDivergence):
    """The trace by one product with the Jacobian for each coordinate."""

    def check(self, key: Key | None) -> None:
        """No key is needed."""
        del key

    def probes(self, x: State, *, key: Key | None) -> Probes:
        """The unit vectors."""
        del key
        dim, num = x.shape
        return jnp.broadcast_to(jnp.eye(dim, dtype=x.dtype)[None], (num, dim, dim))

    def __call__(
        self,
        field: Callable[[Vector], Vector],
        x: Vector,
        probes: Float[Array, "probes dim"],
    ) -> Float[Array, " dim_and_one"]:
        """The field at `x` and its divergence."""
        value, products = _products(field, x, probes)
        return jnp.append(value, jnp.sum(probes * products))


class HutchinsonDivergence(AbstractDivergence):
    r"""$\frac1n \sum_k \epsilon_k^T J \epsilon_k$ with signs $\epsilon_k$: no bias.

    The probes stay the same along a path, so that the estimate is a smooth function.

    Source: Hutchinson 1989; Grathwohl et al. 2019, arXiv 1810.01367.

    Args:
        num_probes: n, 1 or more.
    """

    num_probes: int = eqx.field(static=True, default=1)

    def __check_init__(self):
        if self.num_probes < 1:
            raise ValueError(f"`num_probes` must be 1 or more; got {self.num_probes}.")

    def check(self, key: Key | None) -> None:
        """A key is needed."""
        if key is None:
            raise ValueError("`HutchinsonDivergence` needs a `key` for its probes.")

    def probes(self, x: State, *, key: Key | None) -> Probes:
        """Random signs."""
        assert key is not None  # by `check`
        shape = (x.shape[1], self.num_probes, x.shape[0])
        return jr.rademacher(key, shape, x.dtype)

    def __call__(
        self,
        field: Callable[[Vector], Vector],
        x: Vector,
        probes: Float[Array, "probes dim"],
    ) -> Float[Array, " dim_and_one"]:
        """The field at `x` and the estimate of its divergence."""
        value, products = _products(field, x, probes)
        return jnp.append(value, jnp.sum(probes * products) / self.num_probes)


def _products(
    field: Callable[[Vector], Vector], x: Vector, probes: Float[Array, "probes dim"]
) -> tuple[Vector, Float[Array, "probes dim"]]:
    """The field, and its Jacobian times each probe."""
    value, push = jax.linearize(field, x)
    return value, jax.vmap(push)(probes)
