r"""A node of CMOS technology, and what a chip takes beside its switching events.

Static energy is not free: transistors leak as long as a sample takes, and regulators
lose part of what they deliver. Both are charged to analog and digital chips alike.
"""

import dataclasses

import numpy as np

from ._constant import Constant, Value, Values
from ._operations import NODE, scale_energy, Scaling, VOLTAGE


OVERHEADS: dict[str, Constant] = {
    "sram.leakage": Constant(
        10e-12,
        0.5e-9,
        5e-9,
        "W/bit",
        "assumed: low-standby-power to high-performance cells; an 8-transistor cell "
        "made for low leakage holds a bit with 0.79 nW (IJRES 12 (2023) 60-69, 45 nm)",
        NODE,
        VOLTAGE,
    ),
    "sram.leakage.180nm": Constant(
        0.1e-12, 2e-12, 20e-12, "W/bit", "assumed: 1 pA a cell", 180e-9, 1.8
    ),
    "logic.leakage": Constant(
        0.01, 0.1, 0.3, "1", "assumed: leakage of logic over its switching", NODE
    ),
    "logic.leakage.180nm": Constant(
        1e-4, 1e-3, 1e-2, "1", "assumed: leakage of logic over its switching", 180e-9
    ),
    "regulator.efficiency": Constant(
        0.7,
        0.8,
        0.9,
        "1",
        "a fully integrated converter of 65 nm peaks at 0.795 (Choi and Jeong, "
        "Electronics 2020); range assumed, for linear and switched regulators",
    ),
}


@dataclasses.dataclass(frozen=True)
class Node:
    """A technology by the length of its node and the supply of its logic.

    Args:
        length: Node, in metres.
        voltage: Supply voltage of the logic, in volts.
    """

    length: float
    voltage: float

    @property
    def scaling(self) -> Scaling:
        """Factor on a switching energy that is known at 45 nm and 0.9 V."""
        return scale_energy(NODE, VOLTAGE, self.length, self.voltage)

    @property
    def density(self) -> float:
        """Bits per area over those at 45 nm: cells shrink as the node squared."""
        return (NODE / self.length) ** 2

    def leakage(self, what: str, values: Values) -> Value:
        """Leakage of `sram` in watts per bit, or of `logic` over its switching.

        The two constants, at 45 and at 180 nm, are joined by a power law of the node,
        which is flat outside.
        """
        new, old = values[f"{what}.leakage"], values[f"{what}.leakage.180nm"]
        place = np.log(self.length / NODE) / np.log(180e-9 / NODE)
        place = float(np.clip(place, 0.0, 1.0))
        return new ** (1 - place) * old**place


DIGITAL_NODE = Node(NODE, VOLTAGE)


ANALOG_NODE = Node(180e-9, 1.8)


def regulate(parts: dict[str, Value], values: Values) -> dict[str, Value]:
    r"""`parts` with the loss of the regulators that supply them.

    A regulator of the efficiency $\eta$ that delivers E loses $E (1 / \eta - 1)$.

    Args:
        parts: Energy of each part, in joules.
        values: Value of each constant.
    """
    loss = 1.0 / values["regulator.efficiency"] - 1.0
    return {**parts, "regulators": loss * sum(parts.values())}
