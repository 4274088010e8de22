"""Cells that do not move when programmed."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._misc import is_concrete, scalar
from .._types import Conductances, Key
from ._base import AbstractConductanceError
from ._range import ConductanceRange


class StuckFaults(AbstractConductanceError):
    """A share of cells is stuck at LRS (`g_max`), another at HRS (`g_min`).

    Which cells is drawn once a chip, independently for each cell.

    Args:
        lrs: Probability that a cell is stuck at `g_max`.
        hrs: Probability that a cell is stuck at `g_min`.
        range: Gives `g_min` and `g_max`.
    """

    is_redrawn: ClassVar[bool] = False

    lrs: Float[Array, ""] = eqx.field(converter=scalar)
    hrs: Float[Array, ""] = eqx.field(converter=scalar)
    range: ConductanceRange

    def __check_init__(self):
        if not is_concrete(self.lrs, self.hrs):
            return
        lrs, hrs = float(self.lrs), float(self.hrs)
        if not (lrs >= 0 and hrs >= 0 and lrs + hrs <= 1):
            raise ValueError(
                "`stuck.lrs` and `stuck.hrs` must be shares with a sum of 1 at most; "
                f"got {lrs:g} and {hrs:g}."
            )

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Replace the stuck cells of `g`, shape `(rows, cols)`, in siemens."""
        u = jr.uniform(key, g.shape, g.dtype)
        g = jnp.where(u < self.lrs, self.range.g_max, g)
        return jnp.where(u >= 1 - self.hrs, self.range.g_min, g)
