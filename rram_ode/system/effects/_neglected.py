"""What a line of an effect that is not simulated is made from."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

from ..._core._units import format_quantity
from ._scale import Scale


class Size(NamedTuple):
    """An estimate of an effect.

    Args:
        text: The arithmetic, with its numbers.
        moves: Displacement of the ends of a solve in units of x, rms; `None` for what
            moves no sample, such as wear.
    """

    text: str
    moves: float | None = None


@dataclasses.dataclass(frozen=True)
class Neglected:
    """An effect that no setting turns on.

    Args:
        name: What it is.
        size: Estimate for the circuit of a configuration.
        why: Why it may be left out, or what stands in its place.
        source: Where the numbers of the estimate come from.
    """

    name: str
    size: Callable[[Scale], Size]
    why: str
    source: str


def amount(value: float, unit: str = "") -> str:
    """`value` with two digits and its unit."""
    return format_quantity(float(f"{value:.2g}"), unit, 3)
