"""A cell: how a target becomes a conductance, and how that fluctuates when read."""

import equinox as eqx
import jax.random as jr

from .._types import Conductances, Key
from ._base import AbstractConductanceError, AbstractReadNoise
from ._range import ConductanceRange
from ._telegraph_noise import TelegraphReadNoise
from ._thermal_noise import ThermalNoise


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


class Cell(eqx.Module):
    """A resistive cell.

    Args:
        range: Conductances that can be asked for.
        errors: Applied in this order when an array is programmed.
        read: Fluctuations in lab time.
    """

    range: ConductanceRange
    errors: tuple[AbstractConductanceError, ...] = ()
    read: ReadNoise = ReadNoise()

    def program(self, g: Conductances, *, key: Key) -> Conductances:
        """Write the targets `g`, shape `(rows, cols)`, in siemens, into one array."""
        for number, error in enumerate(self.errors):
            g = error(g, key=jr.fold_in(key, number))
        return g
