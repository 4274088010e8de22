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
        parallel: Number of cells per weight: each has its own errors, currents add.
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
    parallel: int = eqx.field(static=True, default=1)
    numbers: tuple[int, ...] | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        if self.parallel < 1:
            raise ValueError(
                f"`cell.devices_per_weight` must be 1 or more; got {self.parallel}."
            )
        if self.parallel > 1 and isinstance(self.iv, PolynomialIV):
            raise ValueError(
                "`cell.devices_per_weight` must be 1 for a measured I-V, whose "
                "currents do not follow from the sum of conductances; got "
                f"{self.parallel}. Take `cell.iv.law` = linear or sinh."
            )
        self.iv.check_range(self.range)

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
