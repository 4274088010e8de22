"""Knobs of the circuit that acts as a ReLU."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_SPICE = "SPICE's default diode"


@dataclass(frozen=True)
class RectifierConfig:
    """ReLUs between the layers: ideal, or made of a diode."""

    kind: Literal["ideal", "diode", "precision", "clamp"] = knob(
        "ideal",
        source="assumption: the circuit of the paper's board is not published",
        role="design",
        pays="joules, rectifier.ideality",
        ends=("diode", "precision", "clamp"),
        help="diode into a resistor; the same in an op-amp's loop (precision); or a "
        "resistor, then a diode to ground (clamp)",
    )
    gain: float = knob(
        1e3,
        source="assumption: 100 MHz over 100 kHz, a loop of 20 us",
        role="process",
        help="gain of the op-amp around the diode, which divides its drop (precision)",
    )
    resistance: float = knob(
        10e3,
        unit="ohm",
        source="assumption: 20 uA at crossbar.v_max",
        role="design",
        pays="area",
        ends=(100.0, 10e6),
        help="resistor that the diode drives; with clamp, the one ahead of the diode",
    )
    saturation: float = knob(
        1e-14,
        unit="A",
        source=_SPICE,
        role="process",
        help="saturation current of the diode",
    )
    ideality: float = knob(
        1.0,
        source=_SPICE,
        role="process",
        help="ideality factor of the diode, at 27 Celsius",
    )
    offset_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source="off; on-chip 1.3 mV: Pelgrom, a pair of 30 um^2, or 20 uV auto-zeroed",
        role="process",
        help="spread of the offset at a rectifier's input, ahead of the ReLU",
    )
    gain_std: float = knob(
        0.0,
        when="per chip",
        source="off; assumption: 1e-3, resistors that match to 0.1 %",
        role="process",
        help="spread of a rectifier's gain error, relative",
    )
