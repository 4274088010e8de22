"""The read noise of a cell: one slot for each process."""

import equinox as eqx

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
