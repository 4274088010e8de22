"""The integrated analog chip at the node of the digital engines.

The simulated circuit keeps its volts, so its supply and the currents of its op-amps do
not shrink. What shrinks is digital (memory, controller), the converter at hand-over,
and the part of an op-amp's load that is wire.
"""

import dataclasses

from ._analog import AbstractAnalogRow
from ._analog_rows import Integrated
from ._constant import Constant, Value, Values
from ._converters import DigitalSide
from ._nodes import ANALOG_NODE, DIGITAL_NODE, Node
from ._parts import PartCounts


SHRUNK: dict[str, Constant] = {
    "shrunk.amplifier_load": Constant(
        0.25,
        0.5,
        1.0,
        "1",
        "assumed: load of an op-amp at 45 nm over that at 180 nm; a bit line shrinks "
        "with the node, an input transistor sized for noise does not",
    ),
}


@dataclasses.dataclass(frozen=True)
class Shrunk(AbstractAnalogRow):
    """The integrated chip in another node, at the volts of the simulated circuit.

    A projection twice over: nothing of it was measured.

    Args:
        digital: What converters and controller are built for.
        node: Technology of the chip.
    """

    digital: DigitalSide = DigitalSide()
    node: Node = DIGITAL_NODE

    @property
    def name(self) -> str:
        """Name of the row."""
        return f"integrated-{self.node.length * 1e9:.0f}nm"

    @property
    def is_regulated(self) -> bool:
        """`True`: the parts are supplied by regulators on the chip."""
        return True

    def supply(self, values: Values) -> Value:
        """Supply voltage from rail to rail, in volts: that of the larger node."""
        return self._inner.supply(values)

    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""
        terms = circuit.op_amps
        c_load = terms.design.c_load * values["shrunk.amplifier_load"]
        design = dataclasses.replace(terms.design, c_load=c_load)
        small = dataclasses.replace(terms, design=design)
        static = self._inner.static(dataclasses.replace(circuit, op_amps=small), values)
        logic = self.node.scaling.factor / ANALOG_NODE.scaling.factor
        return {**static, "controller": logic * static["controller"]}

    def takes_load(self, circuit: PartCounts) -> bool:
        """Whether the op-amps are of class AB."""
        return self._inner.takes_load(circuit)

    def notes(self, circuit: PartCounts, values: Values) -> tuple[str, ...]:
        """Those of the chip at its own node, and that the volts are the same."""
        own = self._inner.notes(circuit, values)
        return (*own, "the volts are those of the simulated circuit, whatever the node")

    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""
        return self._inner.events(circuit, values)

    @property
    def _inner(self) -> Integrated:
        digital = dataclasses.replace(self.digital, node=self.node.length)
        return Integrated(digital, self.node)
