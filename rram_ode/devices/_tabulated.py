"""Errors of programming by tables of measurements: a bent mean error, uneven levels."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import as_float, straight_through
from .._core._checks import is_concrete
from .._core._types import Conductances, Key, Scalar
from ._base import AbstractConductanceError


class TabulatedError(AbstractConductanceError):
    r"""An error of all cells alike, $g \leftarrow \max(g + m(g), 0)$, by a table.

    Between the points of the table the error is linear; beyond it, it is that of the
    nearest end. For a polynomial see `SystematicError`.

    Args:
        g_points: Targets of the table in rising order, in siemens.
        mean_points: Mean errors at these targets, in siemens.
    """

    is_redrawn: ClassVar[bool] = False

    g_points: Float[Array, " points"] = eqx.field(converter=as_float)
    mean_points: Float[Array, " points"] = eqx.field(converter=as_float)

    def __check_init__(self):
        _require_rising("g_points", self.g_points)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Shift `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        del key
        return jnp.maximum(g + jnp.interp(g, self.g_points, self.mean_points), 0.0)

    def scaled(self, factor: Scalar | float) -> "TabulatedError":
        """The same table with `factor` times the error."""
        return TabulatedError(self.g_points, factor * self.mean_points)


class UnevenLevels(AbstractConductanceError):
    r"""The nearest of measured conductances, which need not be evenly spaced.

    The border between two levels is half way. In the gradient the level is taken for
    the target itself within the table, and for its end beyond it (straight-through).
    For even levels see `Levels`.

    Args:
        g_points: The levels in rising order, in siemens.
    """

    is_redrawn: ClassVar[bool] = False

    g_points: Float[Array, " points"] = eqx.field(converter=as_float)

    def __check_init__(self):
        _require_rising("levels", self.g_points)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The levels nearest to `g`, shape `(rows, cols)`, in siemens."""
        del key
        points = self.g_points
        borders = (points[1:] + points[:-1]) / 2
        nearest = points[jnp.searchsorted(borders, g)]
        return straight_through(nearest, jnp.clip(g, points[0], points[-1]))


def _require_rising(name: str, points: Array) -> None:
    if points.shape[0] < 2:
        raise ValueError(f"`{name}` must have 2 points or more; got {points.shape[0]}.")
    if is_concrete(points) and not bool(jnp.all(jnp.diff(points) > 0)):
        raise ValueError(
            f"`{name}` must rise from point to point, in siemens; got "
            f"{points.tolist()}."
        )
