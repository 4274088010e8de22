"""A number of the energy model with its range, its unit and its source."""

import dataclasses
import math
from collections.abc import Iterable, Mapping

import numpy as np
from jaxtyping import Float

from .._core._quantities import parse_quantity


Value = float | Float[np.ndarray, "*draws"]


Values = Mapping[str, Value]


UNITS = ("1", "A", "F", "Hz", "J", "J/bit", "V", "W", "W/bit", "bit", "bit/s")
UNITS += ("F/m^2", "m", "m^2", "m^2/A", "ohm", "op/s", "s")


@dataclasses.dataclass(frozen=True)
class Constant:
    """A sourced number in SI units; `1` is the unit of a pure number.

    Args:
        low: Lower end of the range.
        nominal: Value that a model uses where it propagates no range.
        high: Upper end of the range.
        unit: One of `UNITS`.
        source: Paper, data sheet or code; or "assumed: " and the reason.
        node: Node of the technology in metres, or `None` where it does not matter.
        voltage: Supply voltage in volts, or `None` where it does not matter.

    Raises:
        ValueError: If the unit or the source is missing, or unless
            low <= nominal <= high.
    """

    low: float
    nominal: float
    high: float
    unit: str
    source: str
    node: float | None = None
    voltage: float | None = None

    def __post_init__(self):
        if self.unit not in UNITS:
            raise ValueError(
                f"a constant needs a unit, one of {', '.join(UNITS)}; got "
                f"`{self.unit}`."
            )
        if not self.source.strip():
            raise ValueError(
                f"a constant needs a source, or `assumed: ` and why; {self.nominal:g} "
                f"{self.unit} has none."
            )
        ends = (self.low, self.nominal, self.high)
        if not (all(map(math.isfinite, ends)) and 0 <= ends[0] <= ends[1] <= ends[2]):
            raise ValueError(
                "a constant needs 0 <= low <= nominal <= high, all finite; got "
                f"{self.low:g}, {self.nominal:g}, {self.high:g} {self.unit}."
            )

    @property
    def is_assumed(self) -> bool:
        """Whether the number is an assumption that nobody published."""
        return self.source.startswith("assumed")


Constants = Mapping[str, Constant]


def sourced(
    nominal: float,
    unit: str,
    source: str,
    *,
    span: tuple[float, float] = (1.0, 1.0),
    node: float | None = None,
    voltage: float | None = None,
) -> Constant:
    """A constant whose ends are `nominal` times the two factors of `span`."""
    low, high = (nominal * factor for factor in span)
    return Constant(low, nominal, high, unit, source, node, voltage)


def nominals(table: Constants) -> dict[str, float]:
    """The nominal value of each constant."""
    return {name: constant.nominal for name, constant in table.items()}


def assume(table: Constants, pairs: Iterable[str]) -> dict[str, Constant]:
    """`table` with the constant of each `NAME=VALUE` fixed to that value.

    Raises:
        ValueError: If a name does not exist (the message lists those that do), or a
            value has no unit or another unit, or lies outside the constant's range.
    """
    found = dict(table)
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"`--assume {pair}` must have the form NAME=VALUE.")
        if name not in found:
            group = name.partition(".")[0]
            near = [n for n in found if n.startswith(group + ".")] or list(found)
            raise ValueError(f"no constant `{name}`; there are {', '.join(near)}.")
        found[name] = _fix(name, found[name], text)
    return found


def _fix(name: str, constant: Constant, text: str) -> Constant:
    unit = "" if constant.unit == "1" else constant.unit
    if unit and text.strip()[-1:].isdigit():
        raise ValueError(f"`--assume {name}={text}` needs its unit, {unit}.")
    try:
        value = parse_quantity(text, unit)
    except ValueError as error:
        raise ValueError(f"`--assume {name}`: {error}.") from error
    slack = 1e-9 * constant.high
    if not constant.low - slack <= value <= constant.high + slack:
        raise ValueError(
            f"`{name}` lies between {constant.low:g} and {constant.high:g} "
            f"{constant.unit} ({constant.source}); got {value:g}."
        )
    source = f"assumed: given on the command line; nominally {constant.nominal:g}"
    return dataclasses.replace(
        constant, low=value, nominal=value, high=value, source=source
    )
