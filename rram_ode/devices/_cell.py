"""A cell: how a target becomes a conductance, and how that fluctuates when read."""

from collections.abc import Iterator

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Integer

from .._types import Conductances, Key
from ._base import AbstractConductanceError, AbstractReadNoise
from ._iv import AbstractIV, LinearIV, PolynomialIV
from ._range import ConductanceRange
from ._stuck import StuckFaults
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
        iv: Current at voltages that are not small.
        cycle: How often the chip was programmed before. Errors that are cycle-to-cycle
            are drawn afresh in each cycle; the others belong to the chip.
        parallel: Cells that share one weight: each misses on its own, currents add.
        numbers: Of each error, its position where `None`: it chooses the draws, so that
            an error keeps them when others come and go.
    """

    range: ConductanceRange
    errors: tuple[AbstractConductanceError, ...] = ()
    read: ReadNoise = ReadNoise()
    iv: AbstractIV = LinearIV()
    cycle: Integer[Array, ""] = eqx.field(
        converter=lambda n: jnp.asarray(n, jnp.uint32), default=0
    )
    parallel: int = eqx.field(static=True, default=1)
    numbers: tuple[int, ...] | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        if self.parallel < 1:
            raise ValueError(
                f"`cell.devices_per_weight` must be 1 or more; got {self.parallel}."
            )
        if self.parallel > 1 and isinstance(self.iv, PolynomialIV):
            raise ValueError(
                "`cell.devices_per_weight` must be 1 for a measured I-V, which is not "
                f"one of sums of conductances; got {self.parallel}. Take `cell.iv.law` "
                "= linear or sinh."
            )
        self.iv.check_range(self.range)

    def program(self, g: Conductances, *, key: Key) -> Conductances:
        """Write the targets `g`, shape `(rows, cols)`, in siemens, into one array."""
        for number, error in self._numbered():
            g = error(g, key=self._key(error, jr.fold_in(key, number)))
        return g

    def stuck(self, shape: tuple[int, ...], *, key: Key) -> Conductances:
        """What the cells of one array are stuck at, in siemens; NaN where they move.

        The fault map that a test of the array `key` shows before it is programmed.
        """
        found = jnp.full(shape, jnp.nan)
        for number, error in self._numbered():
            if isinstance(error, StuckFaults):
                found = error(found, key=jr.fold_in(key, number))
        return found

    def _numbered(self) -> Iterator[tuple[int, AbstractConductanceError]]:
        numbers = range(len(self.errors)) if self.numbers is None else self.numbers
        return zip(numbers, self.errors, strict=True)

    def _key(self, error: AbstractConductanceError, key: Key) -> Key:
        """That of this cycle; the first cycle takes `key` itself."""
        if not error.is_redrawn:
            return key
        return jnp.where(self.cycle == 0, key, jr.fold_in(key, self.cycle))
