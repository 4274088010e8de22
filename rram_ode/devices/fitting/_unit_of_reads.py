"""The unit of the reads of a wide table: their own, a row's above, or the targets'."""

import dataclasses
import re
from typing import NamedTuple

import numpy as np

from ..._core._column_units import ColumnName, parse_name
from ..._core._sheet import SheetColumn
from ._follow import DOUBTED, is_shuffled, REFUSED, slope_of
from ._read_headers import Reads
from ._roles import find_role, Named


# Words of a quantity, its unit, and a name of reads that says it.
_KINDS = (
    ({"i", "current", "id", "iread", "imeas"}, "A", "read_1s_uA@0.2V"),
    ({"r", "resistance", "rread", "rmeas"}, "ohm", "read_1s_kohm"),
    ({"g", "conductance", "gread", "gmeas"}, "S", "read_1s_uS"),
)


class UnitOfReads(NamedTuple):
    """The unit of all reads of a wide table.

    Attributes:
        kind: The unit, with the voltage of a current and the base of a logarithm.
        note: Where it comes from, as the end of a sentence; "" if from the names.
        warning: Why it may be another one; "" if nothing says so.
    """

    kind: ColumnName
    note: str = ""
    warning: str = ""


def find_unit_of_reads(
    wide: list[Reads], target: SheetColumn, rest: list[SheetColumn]
) -> UnitOfReads:
    """The unit of the reads.

    Raises:
        ValueError: If the columns have several, none that is known, or a current has no
            voltage; or if the unit is that of the targets and the reads do not follow
            them, which no programmed cell does.
    """
    first = wide[0]
    name, kind = first.column.name, first.kind
    names = f"the columns `{name}` to `{wide[-1].column.name}`"
    if len({(e.kind.unit, e.kind.volts, e.kind.base_of_log) for e in wide}) > 1:
        raise ValueError(f"{names} have several units: write all reads in one")
    if kind.text and kind.unit is None:
        raise ValueError(
            f"`{name}` must name its unit, such as `read_1s_uS`; `{kind.text}` is none "
            "of a conductance"
        )
    own, note, warning = parse_name(target.name, target.unit), "", ""
    if first.above:
        note = f"their reads in {_said(kind)}, as `{first.above}` above them says"
    elif not kind.text:
        _require_kind(first, own)
        kind = dataclasses.replace(
            own,
            words=(),
            volts=own.volts if kind.volts is None else kind.volts,
            base_of_log=kind.base_of_log or own.base_of_log,
        )
        note = f"their reads in {_said(kind)} as the targets"
    is_own = not note or bool(first.above)
    warning = _doubt(wide, Named(target, own), kind, is_own=is_own)
    if kind.unit is not None and kind.unit.base == "A" and kind.volts is None:
        if not any(_is_voltage(column) for column in rest):
            raise ValueError(
                f"`{name}` is a current: name its voltage by a column `voltage_V`, or "
                f"in the name, such as `{name}@0.2V`"
            )
    return UnitOfReads(kind, note, warning)


def _require_kind(first: Reads, own: ColumnName) -> None:
    """Refuse the unit of the targets for what a name calls another quantity.

    Raises:
        ValueError: If it is a current, or a resistance beside conductances.
    """
    words = set(re.findall("[a-z]+", first.column.name.lower()))
    base = "" if own.unit is None else own.unit.base
    for known, what, example in _KINDS:
        is_named = bool(words & known) or (what == "A" and first.kind.volts is not None)
        if is_named and base and base != what:
            raise ValueError(
                f"`{first.column.name}` is in another unit than the targets, by its "
                f"name: name it, such as `{example}`"
            )


def _doubt(wide: list[Reads], target: Named, kind: ColumnName, *, is_own: bool) -> str:
    """Why reads are in no unit that may be; "" if they seem to be in theirs.

    A unit that is `is_own` is doubted only where it is surely beyond `REFUSED`.

    Raises:
        ValueError: If reads in the targets' unit surely are not.
    """
    first = min(wide, key=lambda each: each.time.seconds)
    read = Named(first.column, kind)
    if is_own and any(x.base == "A" and not x.name.volts for x in (target, read)):
        return ""  # its voltages are in a column
    if target.name.unit is None:
        return ""  # which is refused
    wanted, found = _siemens(target), _siemens(read)
    first_name, target_name = first.column.name, target.column.name
    look = "look at the units and the order of the rows"
    slope = slope_of(wanted, found)
    if slope is None:
        return ""
    said = (
        f"the reads of `{first_name}` change by {slope.values[1]:.2g} where "
        f"`{target_name}` changes by 1"
    )
    remedy = "name the unit of the reads, such as `read_1s_uS`"
    is_far = slope.is_beyond(REFUSED)
    if is_far and not is_own:
        raise ValueError(f"{said}: no programmed cell does in {_said(kind)}; {remedy}")
    if is_shuffled(wanted, found):
        return f"the reads of `{first_name}` do not rise with `{target_name}`: {look}"
    if is_far:
        return f"{said}: {look}"
    if is_own or not slope.is_beyond(DOUBTED):
        return ""
    return f"{said}, in {_said(kind)} both: if they are in another unit, {remedy}"


def _siemens(named: Named) -> np.ndarray:
    """Conductances; currents of no known voltage as at 1 V."""
    unit = named.name.unit
    assert unit is not None  # by the caller
    values = unit.factor * named.numbers()
    if unit.base == "A":
        return values / (named.name.volts or 1.0)
    if unit.base != "ohm":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 / values


def _is_voltage(column: SheetColumn) -> bool:
    return find_role(Named(column, parse_name(column.name, column.unit)), True) == (
        "voltage"
    )


def _said(kind: ColumnName) -> str:
    log = {None: "", 10.0: "log10 of "}.get(kind.base_of_log, "ln of ")
    return log + kind.text + ("" if kind.volts is None else f" at {kind.volts:g} V")
