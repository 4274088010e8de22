"""Knobs of the array's wires."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_OFF = "assumption: off; a sweep of 0.5 to 10 ohm is usual"


_END = "assumption: an ideal driver and amplifier"


@dataclass(frozen=True)
class WiresConfig:
    """Resistance of word and bit lines; all at zero is no IR drop."""

    word_line: float = knob(
        0.0, "ohm", "never", _OFF, help="of a word line, from cell to cell"
    )
    bit_line: float = knob(
        0.0, "ohm", "never", _OFF, help="of a bit line, from cell to cell"
    )
    driver: float = knob(0.0, "ohm", "never", _END, help="output of a row's driver")
    sense: float = knob(
        0.0, "ohm", "never", _END, help="between a bit line and its virtual ground"
    )
    sensing: Literal["opposite", "same", "interleaved"] = knob(
        "opposite",
        "",
        "never",
        "assumption",
        help="bit lines end far from row 0, next to it, or column by column in turn",
    )
    driving: Literal["left", "interleaved"] = knob(
        "left",
        "",
        "never",
        "assumption",
        help="word lines are driven at column 0, or row by row at either end",
    )
