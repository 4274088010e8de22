"""Wide tables, which have a row for each cell and a column of reads for each time."""

import re

import numpy as np

from ..._core._column_units import parse_name, parse_unit, plain_text
from ..._core._sheet import Sheet, SheetColumn
from ._roles import ANY, CURRENT, DEVICE, READ, TARGET, TIME


# `1 h`, `t=10s`, `read after 1.5 min`, `G@1day`
_AT_TIME = re.compile(r"(?P<words>.*?)(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-zA-Z]+)")
_WORDS = READ | ANY | TIME | {"after", "at"}


def lengthen(sheet: Sheet) -> Sheet:
    """A sheet with one row for each read, as the fit takes it.

    A wide sheet has a column of targets and two or more columns whose names are times,
    such as `10 s`, `t=1h` or `read_1day_uS`. Reads without a unit of their own have
    that of the targets. A row is a cell, unless a column tells devices apart. Any other
    sheet stays as it is.

    Raises:
        ValueError: If the columns of the times have several units, or a value in them
            is no number.
    """
    times = {c.name: found for c in sheet.columns if (found := _time_of(c)) is not None}
    rest = [column for column in sheet.columns if column.name not in times]
    words = {column.name: set(parse_name(column.name).words) for column in rest}
    targets = [column for column in rest if words[column.name] & TARGET]
    if len(times) < 2 or len(targets) != 1 or _has_times(rest):
        return sheet
    wide = [column for column in sheet.columns if column.name in times]
    num, own = len(targets[0].cells), _unit_of(targets[0])
    if any(len(column.cells) != num for column in sheet.columns):
        return sheet
    if len({parse_unit(unit) for _, unit in times.values()}) > 1:
        raise ValueError(
            f"the columns `{wide[0].name}` to `{wide[-1].name}` have several units: "
            "write all reads in one"
        )
    unit = times[wide[0].name][1]
    where = lambda n: f"{wide[n // num].where(n % num)}, `{wide[n // num].name}`"
    seconds = np.repeat([times[column.name][0] for column in wide], num)
    reads = np.concatenate([column.numbers() for column in wide])
    columns = [_repeated(column, len(wide)) for column in rest]
    columns += [
        SheetColumn("time", "s", seconds, where),
        SheetColumn("read", unit or own, reads, where),
    ]
    if not any(found & DEVICE for found in words.values()):
        cells = np.tile(np.arange(num), len(wide))
        columns.append(SheetColumn("cell", "", cells, where))
    note = (
        f"{len(wide)} columns were read as times after programming, `{wide[0].name}` "
        f"to `{wide[-1].name}`"
        + ("" if unit else f", their reads in {own} as the targets")
    )
    return Sheet(tuple(columns), (*sheet.notes, note))


def _time_of(column: SheetColumn) -> tuple[float, str] | None:
    """Seconds and the unit of the reads, of a column that is named by a time."""
    name, unit = plain_text(column.name), column.unit
    known = parse_name(name)
    if known.unit is not None and known.unit.base in CURRENT:
        unit = known.text
        name = name[: name.rfind(unit)].rstrip(" _([{/")
    found = _AT_TIME.fullmatch(name.strip())
    if found is None:
        return None
    scale = parse_unit(found["unit"])
    words = re.findall(r"[a-z]+", found["words"].lower())
    if scale is None or scale.base != "s" or not set(words) <= _WORDS:
        return None
    return float(found["number"]) * scale.factor, unit


def _has_times(columns: list[SheetColumn]) -> bool:
    return any(
        found.unit is not None and found.unit.base == "s" and set(found.words) & TIME
        for found in (parse_name(column.name, column.unit) for column in columns)
    )


def _unit_of(column: SheetColumn) -> str:
    return parse_name(column.name, column.unit).text


def _repeated(column: SheetColumn, times: int) -> SheetColumn:
    """A column whose rows stand there once for each time."""
    num, where = len(column.cells), column.where
    cells = (
        np.tile(column.cells, times)
        if isinstance(column.cells, np.ndarray)
        else [*column.cells] * times
    )
    again = lambda n: where(n % num)
    return SheetColumn(column.name, column.unit, cells, again, column.decimals)
