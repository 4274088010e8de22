"""The read noise of a cell: one slot for each process."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._types import Scalar
from ._base import AbstractReadNoise
from ._telegraph import TelegraphReadNoise
from ._thermal import ThermalNoise


class ReadNoise(eqx.Module):
    """The read noise of a cell; a slot with `None` is off.

    Args:
        white: Fast noise, drawn for each column.
        flicker: Slow noise, drawn for each cell.
        telegraph: Traps, drawn for each cell.
        thermal: Thermal and shot noise, drawn for each column. It uses the draws of
            `white` where both have the same bandwidth.
    """

    white: AbstractReadNoise | None = None
    flicker: AbstractReadNoise | None = None
    telegraph: TelegraphReadNoise | None = None
    thermal: ThermalNoise | None = None

    def averaged(
        self, g: Float[Array, "..."], time: Scalar
    ) -> Float[Array, "..."] | None:
        """Variance of conductances `g` read as means over `time` seconds, in S^2.

        Thermal noise, a current, is left out. `None` without any noise.
        """
        laws = (self.white, self.flicker, self.telegraph)
        found = [
            law.spread(g) ** 2 * law.averaged(time) for law in laws if law is not None
        ]
        return sum(found[1:], found[0]) if found else None
