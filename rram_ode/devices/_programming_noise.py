"""Programming noise (write noise): the stored conductance misses its target, once.

The noise is cycle-to-cycle: programming the chip again draws it afresh. Errors that a
cell repeats are `DeviceToDevice`. Read noise is another thing: it goes on in lab time.
"""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import as_float, root, scalar
from .._core._checks import is_concrete, non_negative
from .._core._random import normal
from .._core._types import Conductances, Key, Scalar
from ._base import AbstractWriteNoise


class ProgrammingNoise(AbstractWriteNoise):
    r"""Additive write noise, $g \leftarrow \max(g + \sigma\epsilon, 0)$.

    Args:
        std: $\sigma$, in siemens, the same for every conductance.
    """

    is_redrawn: ClassVar[bool] = True

    std: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        non_negative("write.std", self.std, "S")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, self.spread(g), key)

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """The spread `std` at every target, in siemens."""
        return jnp.broadcast_to(self.std, g.shape)

    def scaled(self, factor: Scalar | float) -> "ProgrammingNoise":
        """The same law with `factor` times the spread."""
        return ProgrammingNoise(factor * self.std)


class ProportionalNoise(AbstractWriteNoise):
    r"""Proportional write noise, $g \leftarrow \max(g (1 + \sigma\epsilon), 0)$.

    Args:
        std_rel: $\sigma$, relative to the target.
    """

    is_redrawn: ClassVar[bool] = True

    std_rel: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        non_negative("write.std_rel", self.std_rel, "of g")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, self.spread(g), key)

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """The spread in proportion to the target, in siemens."""
        return self.std_rel * g

    def scaled(self, factor: Scalar | float) -> "ProportionalNoise":
        """The same law with `factor` times the spread."""
        return ProportionalNoise(factor * self.std_rel)


class PolynomialNoise(AbstractWriteNoise):
    r"""Write noise by a measured law, $\sigma(g) = \max(\sum_k c_k g^k, 0)$.

    Args:
        coefficients: $c_0, c_1, \dots$, in S, 1, 1/S, ...: lowest power first.
    """

    is_redrawn: ClassVar[bool] = True

    coefficients: Float[Array, " powers"] = eqx.field(converter=as_float)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, self.spread(g), key)

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """The polynomial at the target `g`, or 0 where that is negative, in siemens."""
        powers = reversed(self.coefficients)
        total = jnp.zeros_like(g)
        for coefficient in powers:
            total = total * g + coefficient
        return jnp.maximum(total, 0.0)

    def scaled(self, factor: Scalar | float) -> "PolynomialNoise":
        """The same law with `factor` times the spread."""
        return PolynomialNoise(factor * self.coefficients)

    @staticmethod
    def in_microsiemens(*coefficients: float) -> "PolynomialNoise":
        r"""The law $\sigma / \mu S = \sum_k c_k (g / \mu S)^k$, as papers print it."""
        scaled = [c * 10.0 ** (6 * k - 6) for k, c in enumerate(coefficients)]
        return PolynomialNoise(jnp.array(scaled))


class TabulatedNoise(AbstractWriteNoise):
    """Write noise by a table with linear interpolation.

    A target beyond the table has the spread of the nearest end; the range of the `Cell`
    keeps targets within the table.

    Args:
        g_points: Targets of the table in rising order, in siemens.
        sigma_points: Spreads at these targets, in siemens.
    """

    is_redrawn: ClassVar[bool] = True

    g_points: Float[Array, " points"] = eqx.field(converter=as_float)
    sigma_points: Float[Array, " points"] = eqx.field(converter=as_float)

    def __check_init__(self):
        if self.g_points.shape[0] < 2:
            raise ValueError(
                "a table of write noise must have 2 points or more; got "
                f"{self.g_points.shape[0]}."
            )
        if not is_concrete(self.g_points, self.sigma_points):
            return
        if not bool(jnp.all(jnp.diff(self.g_points) > 0)):
            raise ValueError(
                "`g_points` must rise from point to point, in siemens; got "
                f"{self.g_points.tolist()}."
            )
        good = (self.sigma_points >= 0) & jnp.isfinite(self.sigma_points)
        if not bool(jnp.all(good)):
            raise ValueError(
                "`sigma_points` must be 0 or more, in siemens; got "
                f"{self.sigma_points.tolist()}."
            )

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, self.spread(g), key)

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """The table at the target `g`, in siemens."""
        return jnp.interp(g, self.g_points, self.sigma_points)

    def scaled(self, factor: Scalar | float) -> "TabulatedNoise":
        """The same law with `factor` times the spread."""
        return TabulatedNoise(self.g_points, factor * self.sigma_points)


class SumNoise(AbstractWriteNoise):
    """The sum of independent write noises, whose variances add.

    Args:
        laws: The write noises; an empty tuple is no noise.
    """

    is_redrawn: ClassVar[bool] = True

    laws: tuple[AbstractWriteNoise, ...]

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        return _perturb(g, self.spread(g), key)

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """The root of the summed variances, in siemens."""
        variances = (law.spread(g) ** 2 for law in self.laws)
        return root(sum(variances, jnp.zeros_like(g)))

    def scaled(self, factor: Scalar | float) -> "SumNoise":
        """The same law with `factor` times the spread."""
        return SumNoise(tuple(law.scaled(factor) for law in self.laws))


def _perturb(g: Conductances, std: Conductances, key: Key) -> Conductances:
    return jnp.maximum(g + std * normal(key, g.shape), 0.0)
