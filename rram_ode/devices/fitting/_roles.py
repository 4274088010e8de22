"""Which column of a file is what: by the words of its name and by its unit."""

import dataclasses
import os

import numpy as np

from ..._core._column_units import ColumnName, parse_name
from ..._core._sheet import Sheet, SheetColumn


TARGET = {"target", "setpoint", "desired"}
READ = {"read", "reading", "measured", "actual"}
READ |= {"iread", "imeas", "gread", "gmeas", "rread", "rmeas"}  # `Iread (uA)`
ANY = {"g", "conductance", "r", "resistance", "i", "current", "id"}
TIME = {"time", "t", "elapsed", "age", "delay", "timestamp"}
VOLTAGE = {"voltage", "v", "vread", "vmeas", "u", "bias"}
# Words of voltages and durations that a cell is written by, and not read.
WRITTEN = {"write", "prog", "program", "set", "reset", "erase", "forming", "form"}
WRITTEN |= {"gate", "pulse", "wait", "width", "vset", "vreset", "vgate", "vprog"}
DEVICE = {"device", "dev", "dut", "cell", "die", "chip", "row", "col", "column"}
DEVICE |= {"wl", "bl", "wordline", "bitline", "sample"}
CYCLE = {"cycle", "cycles", "repeat", "repetition", "run", "trial", "iteration"}
PULSE = {"pulse", "pulses"}
UP, DOWN = {"ltp", "potentiation", "set"}, {"ltd", "depression", "reset"}
# Words of numbers about reads, which are no reads.
ABOUT = {"std", "stdev", "stddev", "sd", "sigma", "sem", "err", "error", "var"}
ABOUT |= {
    "tolerance",
    "tol",
    "variance",
    "delta",
    "diff",
    "difference",
    "change",
    "uncertainty",
}
# Words of values that are no longer in the unit of their name.
LOGARITHM = {"log", "log2", "logarithm", "db"}
CHANGED = LOGARITHM | {"norm", "normalised", "normalized", "scaled", "relative", "rel"}
CHANGED |= {"percent", "ratio", "zscore"}
CURRENT = ("S", "ohm", "A")  # what becomes a conductance
EXAMPLES = {"target": "target_uS", "read": "read_uS", "time": "time_s"}


@dataclasses.dataclass(frozen=True)
class Named:
    """A column with what its name says.

    Args:
        column: The column.
        name: Its words and unit.
    """

    column: SheetColumn
    name: ColumnName

    @property
    def base(self) -> str | None:
        """The base unit, or `None`."""
        return None if self.name.unit is None else self.name.unit.base

    def numbers(self) -> np.ndarray:
        """The values in the unit of the name; a logarithm is undone."""
        values, base = self.column.numbers(), self.name.base_of_log
        if base is None:
            return values
        with np.errstate(over="ignore"):
            return base**values


@dataclasses.dataclass(frozen=True)
class Roles:
    """The columns of a file by role.

    Args:
        one: The column of each of `target`, `read`, `time`, `voltage`, `pulse`, `up`
            and `down` that there is.
        device: Columns that tell devices apart.
        ignored: Columns of no role.
        suspects: Those of them that look like a time, a device or a cycle.
    """

    one: dict[str, Named]
    device: list[Named]
    ignored: list[str]
    suspects: list[str]


def find_roles(path: str | os.PathLike, sheet: Sheet) -> Roles:
    """The role of each column.

    Raises:
        ValueError: If a role has two columns, or a column that has one has no unit or
            one of another kind.
    """
    try:
        named = [Named(c, parse_name(c.name, c.unit)) for c in sheet.columns]
        return _assign(named)
    except ValueError as error:
        raise ValueError(f"`{path}`: {error}.") from None


def _assign(named: list[Named]) -> Roles:
    has_current = any(each.base == "A" for each in named)
    found: dict[str, list[Named]] = {}
    for each in named:
        found.setdefault(find_role(each, has_current), []).append(each)
    if "read" not in found and len(found.get("any", [])) == 1:
        found["read"] = found.pop("any")
    device, rest = found.pop("device", []), found.pop("", [])
    cycles, loose = found.pop("cycle", []), found.pop("any", [])
    texts = [each for each in found.get("time", []) if _is_text(each)]
    found["time"] = [each for each in found.get("time", []) if each not in texts]
    one = {}
    for role, columns in found.items():
        if len(columns) > 1:
            both = " and ".join(f"`{each.column.name}`" for each in columns[:2])
            raise ValueError(
                f"has `{role}` twice, in {both}: leave one column out, or rename it"
            )
        for each in columns:
            one[role] = each
            _require_plain(role, each)
            _require_unit(role, each)
    names = lambda columns: [each.column.name or "(no name)" for each in columns]
    looks = [each for each in rest if set(each.name.words) & (TIME | DEVICE | CYCLE)]
    return Roles(one, device, names([*rest, *loose]), names([*looks, *cycles, *texts]))


def _is_text(named: Named) -> bool:
    return named.base is None and not named.column.is_numeric


def find_role(named: Named, has_current: bool = False) -> str:
    """The role of a column, "any" for an unnamed conductance, or "" for none."""
    words, base = set(named.name.words), named.base
    if words & ABOUT:
        return ""
    if words & TARGET and not words & TIME:
        return "target"
    if words & DEVICE and (base is None or not words & (READ | ANY)):
        return "device"
    if base == "V":
        if words & WRITTEN and not words & READ:
            return ""
        if words & VOLTAGE or (words == {"read"} and has_current):
            return "voltage"
        return "read" if words == {"read"} else ""
    if base == "s":
        if words & TIME:
            return "time"
        return "read" if words == {"read"} else ""
    if base in CURRENT:
        for role, marks in (("up", UP), ("down", DOWN), ("read", READ), ("any", ANY)):
            if words & marks:
                return role
        return ""
    if words & PULSE:
        return "pulse"
    if words & CYCLE:
        return "cycle"
    if words and words <= TIME:
        return "time"
    is_read = words and words <= READ | {"g", "conductance", "resistance", "current"}
    return "read" if is_read and words & READ else ""


def _require_plain(role: str, named: Named) -> None:
    """Refuse values that were changed, but for log10 and ln, which are undone."""
    changed = LOGARITHM if role in ("time", "pulse") else CHANGED
    for word in named.name.words:
        if word in changed:
            raise ValueError(
                f"`{named.column.name}` seems to hold changed values (`{word}`): write "
                f"plain ones (`{EXAMPLES.get(role, 'read_uS')}`), or their log10 with "
                f"its unit (`log10_{EXAMPLES.get(role, 'read_uS')}`)"
            )


def _require_unit(role: str, named: Named) -> None:
    good = {"time": ("s",), "voltage": ("V",), "pulse": (None,)}.get(role, CURRENT)
    if named.base in good:
        return
    name, example = named.column.name, EXAMPLES.get(role, "read_uS")
    unit = named.name.text
    said = f"; `{unit}` is none of a {_KINDS[role]}" if unit else ""
    raise ValueError(f"`{name}` must name its unit, such as `{example}`{said}")


_KINDS = {
    "target": "conductance",
    "read": "conductance",
    "up": "conductance",
    "down": "conductance",
    "time": "time",
    "voltage": "voltage",
    "pulse": "number of pulses",
}
