"""Quantised conductance, with a straight-through gradient."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp

from .._types import Conductances, Key
from ._base import AbstractConductanceError
from ._range import ConductanceRange


class Levels(AbstractConductanceError):
    r"""The nearest of `num` conductances spaced evenly over the range.

    $g \leftarrow g_\text{min} + \Delta\,\mathrm{round}((g - g_\text{min}) / \Delta)$,
    $\Delta = (g_\text{max} - g_\text{min}) / (num - 1)$, clipped to the range. The
    gradient is that of the identity (straight-through; Bengio et al., arXiv 1308.3432).

    Args:
        num: Number of levels, at least 2.
        range: Lowest and highest level.
    """

    is_redrawn: ClassVar[bool] = False

    num: int = eqx.field(static=True)
    range: ConductanceRange

    def __check_init__(self):
        if self.num < 2:
            raise ValueError(
                f"`levels` must be at least 2, or None for continuous; got {self.num}."
            )

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The levels nearest to `g`, shape `(rows, cols)`, in siemens."""
        del key
        step = self.range.span / (self.num - 1)
        index = jnp.clip(jnp.round((g - self.range.g_min) / step), 0, self.num - 1)
        return g + jax.lax.stop_gradient(self.range.g_min + step * index - g)
