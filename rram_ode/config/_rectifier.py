"""The circuit that stands for a ReLU."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_SPICE = "SPICE's default diode"


@dataclass(frozen=True)
class RectifierConfig:
    """ReLUs between the layers: ideal, or made of a diode."""

    kind: Literal["ideal", "diode", "precision", "clamp"] = knob(
        "ideal",
        "",
        "never",
        "assumption: the paper's board does not tell its op-amp circuit",
        help="diode into a resistor; that in an op-amp's loop (precision); resistor, "
        "then diode to ground (clamp)",
    )
    gain: float = knob(
        1e3,
        "",
        "never",
        "assumption: 100 MHz over 100 kHz, a loop of 20 us",
        help="of the op-amp around the diode: divides its drop (precision alone)",
    )
    resistance: float = knob(
        10e3,
        "ohm",
        "never",
        "assumption: 20 uA at crossbar.v_max",
        help="that the diode drives (clamp: in front of the diode)",
    )
    saturation: float = knob(
        1e-14, "A", "never", _SPICE, help="saturation current of the diode"
    )
    ideality: float = knob(1.0, "", "never", _SPICE, help="of the diode, at 27 Celsius")
