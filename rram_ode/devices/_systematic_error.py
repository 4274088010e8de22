"""A mean error of programming: what all cells miss their target by."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import as_float
from .._types import Conductances, Key, Scalar
from ._base import AbstractConductanceError


class SystematicError(AbstractConductanceError):
    r"""$g \leftarrow \max(g + \sum_k c_k g^k, 0)$, the same for all cells and chips.

    Args:
        coefficients: $c_0, c_1, \dots$, in S, 1, 1/S, ...: lowest power first.
    """

    is_redrawn: ClassVar[bool] = False

    coefficients: Float[Array, " powers"] = eqx.field(converter=as_float)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Shift `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        del key
        return jnp.maximum(g + jnp.polyval(self.coefficients[::-1], g), 0.0)

    def scaled(self, factor: Scalar | float) -> "SystematicError":
        """The same law with `factor` times the error."""
        return SystematicError(factor * self.coefficients)
