"""Knobs of the array's wires."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_OFF = (
    "off; gf180mcu open PDK, docs/analog/spice/elec_specs: metal of 76 to 104 mohm a "
    "square; 0.18 ohm in lines of 1 um at a pitch of 2 um (assumed), 0.64 ohm in the "
    "least ones"
)


_END = "assumption: an ideal driver and amplifier"


@dataclass(frozen=True)
class WiresConfig:
    """Resistances and capacitance of word and bit lines."""

    word_line: float = knob(
        0.0,
        unit="ohm",
        source=_OFF,
        role="process",
        help="resistance of a word line from cell to cell",
    )
    bit_line: float = knob(
        0.0,
        unit="ohm",
        source=_OFF,
        role="process",
        help="resistance of a bit line from cell to cell",
    )
    driver: float = knob(
        0.0,
        unit="ohm",
        source=_END,
        role="process",
        help="output resistance of a row's driver",
    )
    sense: float = knob(
        0.0,
        unit="ohm",
        source=_END,
        role="process",
        help="resistance between a bit line and its virtual ground",
    )
    capacitance: float = knob(
        0.0,
        unit="F",
        source="off; NeuroSim: 0.2 fF/um, 0.4 fF at 2 um, and 0.6 fF of a transistor's "
        "junction: 1 fF, an assumption",
        role="process",
        help="of each line from cell to cell to ground (fidelity=dynamic)",
    )
    sensing: Literal["opposite", "same", "interleaved"] = knob(
        "opposite",
        source="assumption",
        role="design",
        pays="area, crossbar.wires.bit_line",
        help="sensed end of bit lines: far from row 0, next to it, or in turn",
    )
    driving: Literal["left", "interleaved"] = knob(
        "left",
        source="assumption",
        role="design",
        pays="area, crossbar.wires.word_line",
        help="driven end of word lines: column 0, or either end by row in turn",
    )
