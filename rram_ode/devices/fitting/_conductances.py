"""Conductances from columns in siemens, ohms or amperes, and what is refused."""

import numpy as np

from ..._core._units import format_quantity
from ._roles import Named


LARGEST = 0.1  # siemens, more than any cell has: beyond it the unit must be wrong
OFFSET = 0.01  # of the largest read: what a meter's offset may take a read below zero


def to_siemens(named: Named, voltage: np.ndarray | None) -> np.ndarray:
    """The conductances of a column; NaN where a read failed, 0 where a cell is open.

    Args:
        named: The column, in a unit of conductance, resistance or current.
        voltage: Read voltages of a current, in volts; `None` if there is no column.

    Raises:
        ValueError: If a value is not a number or more than any cell has, a resistance
            is 0, or a current has no voltage.
    """
    values, unit = named.numbers(), named.name.unit
    assert unit is not None  # `find_roles` has seen to that
    name = named.column.name
    if unit.base == "S":
        g = np.where(np.isinf(values), np.nan, values * unit.factor)
    elif unit.base == "ohm":
        is_zero = values == 0
        if is_zero.any():
            raise ValueError(f"{_at(named, is_zero)}: a resistance must not be 0")
        g = 1 / (values * unit.factor)
    else:
        volts = named.name.volts if named.name.volts is not None else voltage
        if volts is None:
            raise ValueError(
                f"`{name}` is a current: name its voltage by a column `voltage_V`, or "
                f"in the name, such as `{name}@0.2V`"
            )
        if np.shape(volts) not in ((), np.shape(values)):
            raise ValueError(
                f"`{name}` has {np.size(values)} values, and the voltage has "
                f"{np.size(volts)}"
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            g = np.where(np.asarray(volts) == 0, np.nan, values * unit.factor / volts)
        g = np.where(np.isinf(g), np.nan, g)
    is_large = g > LARGEST
    if is_large.any():
        raise ValueError(
            f"{_at(named, is_large)}: a value is beyond {LARGEST:g} S: is the unit "
            f"right; got {values[_first(is_large)]:g} {named.name.text}"
        )
    return g


def require_offset(named: Named, g: np.ndarray, largest: float) -> int:
    """The number of negative conductances, which must be small: a meter's offset.

    Raises:
        ValueError: If one is negative by more than `OFFSET` of `largest`.
    """
    with np.errstate(invalid="ignore"):
        is_bad, is_negative = g < -OFFSET * largest, g < 0
    if is_bad.any():
        values = named.numbers()
        most = format_quantity(OFFSET * largest, "S", 2)
        but = f", but for a meter's offset of {most} at most" if largest else ""
        raise ValueError(
            f"{_at(named, is_bad)}: a value must be 0 or more{but}; got "
            f"{values[_first(is_bad)]:g}"
        )
    return int(is_negative.sum())


def _first(is_bad: np.ndarray) -> tuple[int, ...]:
    return tuple(map(int, np.unravel_index(np.argmax(is_bad), is_bad.shape)))


def _at(named: Named, is_bad: np.ndarray) -> str:
    return f"{named.column.where(*_first(is_bad))}, `{named.column.name}`"
