"""A cell: its programming from target to conductance, and its read noise."""

from collections.abc import Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Integer

from .._core._random import fold_in_each
from .._core._types import Conductances, Key
from ..noise import ReadNoise
from ._base import AbstractConductanceError
from ._conductance_errors import StuckFaults
from ._iv import AbstractIV, LinearIV, PolynomialIV
from ._range import ConductanceRange


class Cell(eqx.Module):
    """A resistive cell.

    Args:
        range: Conductances that can be targets.
        errors: Errors of programming, applied in this order.
        read: Fluctuations in lab time.
        iv: Current as a function of voltage.
        cycle: Number of times that the chip was programmed before. Cycle-to-cycle
            errors are drawn afresh in each cycle; the others belong to the chip.
        parallel: Number of cells per weight, of all layers or of each: each cell has
            its own errors, currents add.
        numbers: Number of each error, which chooses its draws, so that an error keeps
            them when others come and go; `None` numbers the errors by position.
    """

    range: ConductanceRange
    errors: tuple[AbstractConductanceError, ...] = ()
    read: ReadNoise = ReadNoise()
    iv: AbstractIV = LinearIV()
    cycle: Integer[Array, ""] = eqx.field(
        converter=lambda n: jnp.asarray(n, jnp.uint32), default=0
    )
    parallel: int | tuple[int, ...] = eqx.field(static=True, default=1)
    numbers: tuple[int, ...] | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        if not self.numbers_of_cells or min(self.numbers_of_cells) < 1:
            raise ValueError(
                "`cell.devices_per_weight` must be 1 or more; got "
                f"{self._said_parallel}."
            )
        if max(self.numbers_of_cells) > 1 and isinstance(self.iv, PolynomialIV):
            raise ValueError(
                "`cell.devices_per_weight` must be 1 for a measured I-V, whose "
                "currents do not follow from the sum of conductances; got "
                f"{self._said_parallel}. Take `cell.iv.law` = linear or sinh."
            )
        self.iv.check_range(self.range)

    @property
    def numbers_of_cells(self) -> tuple[int, ...]:
        """The numbers of cells per weight: that of all layers, or that of each."""
        return (self.parallel,) if isinstance(self.parallel, int) else self.parallel

    def parallel_of(self, layers: int) -> tuple[int, ...]:
        """Number of cells per weight of each layer of a network.

        Raises:
            ValueError: If there are numbers for another number of layers.
        """
        if isinstance(self.parallel, int):
            return self.numbers_of_cells * layers
        if len(self.parallel) != layers:
            raise ValueError(
                "`cell.devices_per_weight` must be one number, or one for each of the "
                f"network's {layers} layers; got {self._said_parallel}."
            )
        return self.parallel

    @property
    def _said_parallel(self) -> str:
        return ",".join(map(str, self.numbers_of_cells))

    def program(self, g: Conductances, *, key: Key) -> Conductances:
        """Write the targets `g`, shape `(rows, cols)`, in siemens, into one array."""
        for error, own in self._keyed(key):
            g = error(g, key=own)
        return g

    def stuck(self, shape: tuple[int, ...], *, key: Key) -> Conductances:
        """Conductances of an array's stuck cells, in siemens; NaN where cells move.

        This is the fault map that a test of the array `key` shows before programming.
        """
        found = jnp.full(shape, jnp.nan)
        for error, own in self._keyed(key):
            if isinstance(error, StuckFaults):
                found = error(found, key=own)
        return found

    def _keyed(self, key: Key) -> Iterator[tuple[AbstractConductanceError, Key]]:
        """Each error with its key, which for a redrawn error changes by cycle."""
        if not self.errors:
            return
        numbers = range(len(self.errors)) if self.numbers is None else self.numbers
        keys = fold_in_each(key, np.array(numbers))
        redrawn = jax.vmap(lambda own: jr.fold_in(own, self.cycle))(keys)
        redrawn = jnp.where(self.cycle == 0, keys, redrawn)
        for n, error in enumerate(self.errors):
            yield error, (redrawn if error.is_redrawn else keys)[n]
