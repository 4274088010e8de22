"""Wide tables, which have a row for each cell and a column of reads for each time."""

import math

import numpy as np

from ..._core._column_units import ColumnName, parse_name
from ..._core._sheet import Sheet, SheetColumn
from ._follow import has_same_order
from ._read_headers import find_reads, is_about, is_changed, Reads
from ._roles import ABOUT, CURRENT, DEVICE, find_role, Named, TARGET, TIME, WRITTEN
from ._unit_of_reads import find_unit_of_reads


MOST_NAMED = 12  # times that a note lists


def lengthen(sheet: Sheet) -> Sheet:
    """A sheet with one row for each read, as the fit takes it.

    A wide sheet has a column of targets and two or more columns whose names are times,
    such as `10 s`, `t=1h` or `read_1day_uS`. Reads without a unit of their own have
    that of a row above them, or of the targets. A row is a cell, unless a column tells
    devices apart. Any other sheet stays as it is.

    Raises:
        ValueError: If a time may be several, or reads have none, the columns of the
            times have several units or none that is known, reads do not follow the
            targets whose unit they take, or a value is no number.
    """
    found = [find_reads(column, sheet.columns) for column in sheet.columns]
    wide = [each for each in found if each is not None]
    rest = [c for c, each in zip(sheet.columns, found, strict=True) if each is None]
    words = [set(parse_name(column.name).words) for column in rest]
    targets = [
        c
        for c, own in zip(rest, words, strict=True)
        if own & TARGET and not own & ABOUT
    ]
    if len(wide) < 2 or len(targets) != 1 or _has_times(rest):
        return sheet
    num = len(targets[0].cells)
    if any(len(column.cells) != num for column in sheet.columns):
        return sheet
    for each in wide:
        if each.time.doubt:
            raise ValueError(f"`{each.column.name}` {each.time.doubt}")
    for column in rest:
        named = Named(column, parse_name(column.name, column.unit))
        if named.base in CURRENT and find_role(named) == "read":
            raise ValueError(
                f"`{column.name}` has reads, and so have `{wide[0].column.name}` to "
                f"`{wide[-1].column.name}`: name its time as well, such as `0 s`, or "
                "leave it out"
            )
    unit = find_unit_of_reads(wide, targets[0], rest)
    of = lambda n: wide[n // num].column
    where = lambda n: f"{of(n).where(n % num)}, `{of(n).name}`"
    seconds = np.repeat([each.time.seconds for each in wide], num)
    reads = np.concatenate([each.column.numbers() for each in wide])
    out = [column for column in rest if _is_duration(column)]
    kept = [column for column in rest if not _is_duration(column)]
    columns = [_repeated(column, len(wide)) for column in kept]
    columns += [
        SheetColumn("time", "s", seconds, where),
        SheetColumn(_name_of(unit.kind), unit.kind.text, reads, where),
    ]
    if not any(own & DEVICE for own in words):
        cells = np.tile(np.arange(num), len(wide))
        columns.append(SheetColumn("cell", "", cells, where))
    note = f"{len(wide)} columns were read as times after programming: {_listed(wide)}"
    note += f"; {unit.note}" if unit.note else ""
    note += "".join(f"; `{column.name}` is no time of reads" for column in out)
    warnings = [unit.warning, _groups_above(wide), _unread(rest, targets[0])]
    return Sheet(
        tuple(columns),
        (*sheet.notes, note),
        warnings=(*sheet.warnings, *filter(None, warnings)),
    )


def _listed(wide: list[Reads]) -> str:
    """The names with the seconds that were read; the first and last ones of many."""
    said = [f"`{each.column.name}` = {each.time.seconds:.10g} s" for each in wide]
    half = MOST_NAMED // 2
    if len(said) > MOST_NAMED:
        said = [*said[:half], "...", *said[-half:]]
    return ", ".join(said)


def _name_of(kind: ColumnName) -> str:
    """A name that says of reads what `kind` does, besides the unit."""
    log = {None: "", math.e: "ln_"}.get(kind.base_of_log, "log10_")
    return f"{log}read" + ("" if kind.volts is None else f"@{kind.volts!r}V")


def _groups_above(wide: list[Reads]) -> str:
    """A warning of one time that several words of a row above have; "" without one."""
    groups: dict[float, set[str]] = {}
    for each in wide:
        if each.column.above:
            groups.setdefault(each.time.seconds, set()).add(each.column.above[0])
    several = [words for words in groups.values() if len(words) > 1]
    if not several:
        return ""
    named = ", ".join(f"`{words}`" for words in sorted(several[0])[:MOST_NAMED])
    return (
        f"the row above the names has {named}, and reads of one time below them are "
        "taken together: give a file for each if they are not alike"
    )


def _unread(rest: list[SheetColumn], target: SheetColumn) -> str:
    """A warning of columns that follow the targets as reads do; "" without any."""
    wanted, found = target.numbers(), []
    for column in rest:
        words = (column.name, *column.above)
        if column is target or any(is_about(w) or is_changed(w) for w in words):
            continue
        named = Named(column, parse_name(column.name, column.unit))
        if named.base not in (None, "s", *CURRENT) or not column.is_numeric:
            continue
        if find_role(named) in ("target", "device", "pulse", "cycle"):
            continue
        values = column.numbers()
        is_state = np.unique(values).size <= np.unique(wanted).size  # a level's number
        if not is_state and has_same_order(wanted, values):
            found.append(f"`{column.name}`")
    if not found:
        return ""
    return (
        f"{', '.join(found)} follows the targets as reads do and is not used: name a "
        "column of reads by their time, such as `0 s` or `read_1h_uS`"
    )


def _has_times(columns: list[SheetColumn]) -> bool:
    return any(
        found.unit is not None and found.unit.base == "s" and set(found.words) & TIME
        for column in columns
        if not _is_duration(column)
        for found in (parse_name(column.name, column.unit),)
    )


def _is_duration(column: SheetColumn) -> bool:
    """Whether a column has durations by which cells were written."""
    found = parse_name(column.name, column.unit)
    is_time = found.unit is not None and found.unit.base == "s"
    return is_time and bool(set(found.words) & WRITTEN)


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
