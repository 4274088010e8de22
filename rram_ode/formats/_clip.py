"""Where a format clips: the largest magnitude, or one that was fixed by calibration."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import positive
from .._core._types import Scalar
from ._base import require_finite, require_numbers


class AbstractClip(eqx.Module):
    """A rule for the largest magnitude s of a format, for each column or for all."""

    @abc.abstractmethod
    def __call__(
        self, x: Float[Array, "rows cols"], noise: Scalar
    ) -> Float[Array, " cols"]:
        r"""The scale $s$ of each column of `x`, positive.

        Args:
            x: The numbers to encode.
            noise: Mean square error of rounding within the range, in units of $s^2$.

        Raises:
            ValueError: If the rule needs numbers, and `x` is empty, or concrete and not
                finite. Under `jit` a column with NaN has the scale NaN.
        """


class MaxClip(AbstractClip):
    """The largest magnitude, so that nothing is clipped; 1 where all are zero.

    Args:
        per_column: Whether each column has its own.
    """

    per_column: bool = eqx.field(default=False, static=True)

    def __call__(
        self, x: Float[Array, "rows cols"], noise: Scalar
    ) -> Float[Array, " cols"]:
        """The largest magnitude of each column, or of all."""
        del noise
        require_numbers(x)
        require_finite(x)
        largest = jnp.max(jnp.abs(x), axis=0 if self.per_column else None)
        largest = jnp.broadcast_to(largest, x.shape[1:])
        return jnp.where(largest == 0, 1.0, largest)


class FixedClip(AbstractClip):
    """A number that does not depend on what is encoded, such as a calibrated range.

    Args:
        scale: $s$, in the unit of the numbers.

    Raises:
        ValueError: If `scale` is concrete and not positive.
    """

    scale: Scalar = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("scale", self.scale, "the unit of the numbers")

    def __call__(
        self, x: Float[Array, "rows cols"], noise: Scalar
    ) -> Float[Array, " cols"]:
        """The fixed number, for each column."""
        del noise
        return jnp.broadcast_to(self.scale.astype(x.dtype), x.shape[1:])
