"""Programming (write) noise by law: the stored conductance misses its target, once.

Not to be confused with read noise, which goes on in lab time.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._draws import normal
from .._misc import as_float, non_negative, scalar
from .._types import Conductances, Key
from ._base import AbstractConductanceError


class ProgrammingNoise(AbstractConductanceError):
    r"""Additive write noise, $g \leftarrow \max(g + \sigma\epsilon, 0)$.

    Args:
        std: $\sigma$, in siemens, the same for every conductance.
    """

    std: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        non_negative("write.std", self.std, "S")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, jnp.broadcast_to(self.std, g.shape), key)


class ProportionalNoise(AbstractConductanceError):
    r"""Write noise in proportion, $g \leftarrow \max(g (1 + \sigma\epsilon), 0)$.

    Args:
        std_rel: $\sigma$, relative to the target.
    """

    std_rel: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        non_negative("write.std_rel", self.std_rel, "of g")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, self.std_rel * g, key)


class PolynomialNoise(AbstractConductanceError):
    r"""Write noise by a measured law, $\sigma(g) = \max(\sum_k c_k g^k, 0)$.

    Args:
        coefficients: $c_0, c_1, \dots$, in S, 1, 1/S, ...: lowest power first.
    """

    coefficients: Float[Array, " powers"] = eqx.field(converter=as_float)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, self.std(g), key)

    def std(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """The spread at conductance `g`, both in siemens."""
        powers = reversed(self.coefficients)
        total = jnp.zeros_like(g)
        for coefficient in powers:
            total = total * g + coefficient
        return jnp.maximum(total, 0.0)


def _perturb(g: Conductances, std: Conductances, key: Key) -> Conductances:
    return jnp.maximum(g + std * normal(key, g.shape), 0.0)
