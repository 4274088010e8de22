r"""The energy of a memory by its capacity.

M. Horowitz, "Computing's energy problem", ISSCC 2014: an access of 64 bits takes 10 pJ
in 8 KB, 20 pJ in 32 KB and 100 pJ in 1 MB at 45 nm, and 1.3 to 2.6 nJ in DRAM. The rows
of 8 KB and of DRAM are quoted by github.com/stillwater-sc/universal
(`generic_45nm.hpp`); those of 32 KB and 1 MB are from memory, with their range. Between
the rows the energy of a bit is a power law of the capacity C. Its exponent is 0.50
from 8 to 32 KB and 0.46 from 32 KB to 1 MB, near the 1/2 of wires that run along the
side of a square array. Above 1 MB

$$E(C) = E(1\ \mathrm{MB}) \left(\frac{C}{1\ \mathrm{MB}}\right)^p,$$

with p the constant `sram.exponent`. A memory below 8 KB costs as one of 8 KB: the law
has no row there. What does not fit on a chip is in DRAM, whose words cross the chip
too, so that none costs less than one from the largest memory on a chip.
"""

import dataclasses
import math

import numpy as np
from jaxtyping import Bool

from ._constant import Constant, Value, Values
from ._nodes import DIGITAL_NODE, Node


KILOBYTE, MEGABYTE = 8 * 2.0**10, 8 * 2.0**20  # in bits


ROWS = {
    8 * KILOBYTE: "sram.8kb",
    32 * KILOBYTE: "sram.32kb",
    MEGABYTE: "sram.1mb",
}


MEMORIES: dict[str, Constant] = {
    "sram.exponent": Constant(
        0.4,
        0.5,
        0.6,
        "1",
        "0.50 and 0.46 between Horowitz's rows, 1/2 for wires along a square; range "
        "assumed",
    ),
    "sram.largest": Constant(
        4 * MEGABYTE,
        32 * MEGABYTE,
        32 * MEGABYTE,
        "bit",
        "32 MB on the chip of POWER7 at 45 nm (IBM, Power 750 overview); low end "
        "assumed, a chip of ordinary size",
        45e-9,
    ),
    "dram.bandwidth": Constant(
        12.8e9 * 8,
        25.6e9 * 8,
        256e9 * 8,
        "bit/s",
        "assumed: half a channel of LPDDR4 to a stack of HBM2",
    ),
    "dram.standby": Constant(
        10e-3, 50e-3, 200e-3, "W", "assumed: one device, refresh and interface"
    ),
}


@dataclasses.dataclass(frozen=True)
class Memory:
    """A memory of a stated capacity: on the chip if it fits, else DRAM.

    Args:
        capacity: Bits that it stores.
        node: Technology of the chip.

    Raises:
        ValueError: If the capacity is negative or not finite.
    """

    capacity: float | int
    node: Node = DIGITAL_NODE

    def __post_init__(self):
        if not (math.isfinite(self.capacity) and self.capacity >= 0):
            raise ValueError(
                f"`capacity` must be 0 or more bits, and finite; got {self.capacity:g}."
            )

    def is_on_chip(self, values: Values) -> Bool[np.ndarray, "*draws"]:
        """Whether the capacity fits on a chip of this node."""
        return np.asarray(self.capacity <= values["sram.largest"] * self.node.density)

    def per_bit(self, values: Values) -> Value:
        """Energy to read or write one bit, in joules."""
        inside = self._array(float(self.capacity), values)
        largest = values["sram.largest"] * self.node.density
        if np.all(self.capacity <= largest):
            return inside
        outside = np.maximum(values["dram"], self._array(largest, values))
        return _plain(np.where(self.capacity <= largest, inside, outside))

    def standby(self, values: Values) -> Value:
        """Power that holds the content, in watts: leakage, or the refresh of DRAM."""
        held = float(self.capacity) * self.node.leakage("sram", values)
        if np.all(self.is_on_chip(values)):
            return held
        return _plain(np.where(self.is_on_chip(values), held, values["dram.standby"]))

    def level(self, values: Values) -> str:
        """Name of the level, such as `SRAM of 512 KB` or `DRAM`."""
        if not np.all(self.is_on_chip(values)):
            return "DRAM"
        kilobytes = max(self.capacity / KILOBYTE, 8.0)
        if kilobytes < 1024:
            return f"SRAM of {kilobytes:.3g} KB"
        return f"SRAM of {kilobytes / 1024:.3g} MB"

    def _array(self, capacity: Value, values: Values) -> Value:
        """Energy of a bit in an SRAM of `capacity` bits, in joules."""
        ends = list(ROWS)
        joules = [values[name] for name in ROWS.values()]
        place = np.log(np.maximum(capacity, ends[0]))
        found = np.log(joules[-1]) + values["sram.exponent"] * (
            place - math.log(ends[-1])
        )
        for k in (1, 0):
            low, high = math.log(ends[k]), math.log(ends[k + 1])
            fraction = (place - low) / (high - low)
            between = (1 - fraction) * np.log(joules[k]) + fraction * np.log(
                joules[k + 1]
            )
            found = np.where(place <= high, between, found)
        return _plain(self.node.scaling.factor * np.exp(found))


def _plain(value) -> Value:
    """A float for a number, an array for samples."""
    return float(value) if np.ndim(value) == 0 else value
