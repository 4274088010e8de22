"""The unit of the reads of a wide table: their own, a row's above, or the targets'."""

import dataclasses
from typing import NamedTuple

import numpy as np

from ..._core._column_units import ColumnName, parse_name
from ..._core._sheet import SheetColumn
from ._follow import DOUBTED, REFUSED, slope_of
from ._read_headers import Reads
from ._roles import Named


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
        kind = dataclasses.replace(
            own,
            words=(),
            volts=own.volts if kind.volts is None else kind.volts,
            base_of_log=kind.base_of_log or own.base_of_log,
        )
        note = f"their reads in {_said(kind)} as the targets"
        warning = _doubt(wide, Named(target, own), kind)
    if kind.unit is not None and kind.unit.base == "A" and kind.volts is None:
        if not any(_is_voltage(column) for column in rest):
            raise ValueError(
                f"`{name}` is a current: name its voltage by a column `voltage_V`, or "
                f"in the name, such as `{name}@0.2V`"
            )
    return UnitOfReads(kind, note, warning)


def _doubt(wide: list[Reads], target: Named, kind: ColumnName) -> str:
    """Why reads are in no unit of the targets' that may be; "" if they seem to be.

    Raises:
        ValueError: If they surely are not.
    """
    first = min(wide, key=lambda each: each.time.seconds)
    read = Named(first.column, kind)
    if target.name.unit is None:
        return ""  # which is refused
    slope = slope_of(_rising(target), _rising(read))
    if slope is None or not slope.is_beyond(DOUBTED):
        return ""
    said = (
        f"the reads of `{first.column.name}` change by {slope.values[1]:.2g} where "
        f"`{target.column.name}` changes by 1"
    )
    remedy = "name the unit of the reads, such as `read_1s_uS`"
    if slope.is_beyond(REFUSED):
        raise ValueError(f"{said}: no programmed cell does in {_said(kind)}; {remedy}")
    return f"{said}, in {_said(kind)} both: if they are in another unit, {remedy}"


def _rising(named: Named) -> np.ndarray:
    """Values that rise with the conductance, in the unit of the name or its inverse."""
    values, unit = named.numbers(), named.name.unit
    if unit is None or unit.base != "ohm":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 / values


def _is_voltage(column: SheetColumn) -> bool:
    unit = parse_name(column.name, column.unit).unit
    return unit is not None and unit.base == "V"


def _said(kind: ColumnName) -> str:
    log = {None: "", 10.0: "log10 of "}.get(kind.base_of_log, "ln of ")
    return log + kind.text + ("" if kind.volts is None else f" at {kind.volts:g} V")
