"""The read noise of a cell, by named slots."""

import equinox as eqx

from ._base import AbstractReadNoise
from ._telegraph import TelegraphReadNoise
from ._thermal import ThermalNoise


class ReadNoise(eqx.Module):
    """Read noise by slot; `None` is off.

    Args:
        white: Fast noise, drawn for a column at a time.
        flicker: Slow noise, drawn for each cell.
        telegraph: Traps, drawn for each cell.
        thermal: Thermal and shot noise, drawn for a column at a time; it shares the
            draws of `white` where both have the same bandwidth.
    """

    white: AbstractReadNoise | None = None
    flicker: AbstractReadNoise | None = None
    telegraph: TelegraphReadNoise | None = None
    thermal: ThermalNoise | None = None
