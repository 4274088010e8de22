"""Measured conductances: the target, the conductance read, the time and the device."""

import dataclasses
import os

import numpy as np

from ..._core._sheet import read_sheet, Sheet, SheetColumn
from ..._core._units import format_quantity
from ._conductances import LARGEST, OFFSET, require_offset, to_siemens
from ._roles import find_roles, Named, Roles
from ._summary_rows import without_summaries
from ._wide import lengthen


MICRO = 1e-6
MOST_LOST = 0.5  # of the reads: more without a value are warned of (assumed)
APART = 100.0  # factor between reads and targets beyond which a unit must be wrong


@dataclasses.dataclass(frozen=True)
class MeasuredTable:
    """A table whose rows are reads, each of one cell.

    Args:
        target: Target conductances, `(num,)`, in siemens.
        read: Conductances read, `(num,)`, in siemens; a meter's offset may take them
            slightly below 0.
        time: Seconds after programming, `(num,)`; `None` if that was not recorded.
        device: Number of the device of each row, `(num,)`; `None` if not recorded.
        notes: What was read and what was left out, in sentences.
        warnings: What a user must know before the numbers are used.

    Raises:
        ValueError: If a value is not finite, negative, or cannot be a conductance.
    """

    target: np.ndarray
    read: np.ndarray
    time: np.ndarray | None = None
    device: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self):
        for name in ("target", "read", "time", "device"):
            values = getattr(self, name)
            if values is None:
                continue
            if np.ndim(values) != 1 or np.shape(values) != np.shape(self.target):
                raise ValueError(
                    f"`{name}` must have one axis and as many values as `target`; got "
                    f"shape {np.shape(values)}."
                )
            least = -OFFSET * np.max(self.read, initial=0.0) if name == "read" else 0.0
            most = LARGEST if name in ("target", "read") else np.inf
            good = np.isfinite(values) & (values >= least) & (values <= most)
            if not np.all(good):
                row = int(np.argmin(good))
                raise ValueError(
                    f"row {row + 1}, `{name}`: a value must be finite, 0 or more"
                    + (f", and {most:g} S at most" if most < np.inf else "")
                    + f"; got {values[row]:g}."
                )


def read_table(path: str | os.PathLike) -> MeasuredTable:
    """The table in a file of text, Excel, numpy or MATLAB.

    Columns are a target and a read, such as `target_uS` and `read_uS`, a time since
    programming and a device if they were recorded, in any order. A conductance may be
    in siemens, in ohms, or a current with its voltage; the name or a row under it says
    the unit, in any of the usual ways. Other columns are left out and named.

    A wide table has a column of reads for each time, such as `10 s` or `read_1h_uS`.

    Rows without a target, a read or a time are dropped and counted. A read below 0 is
    kept and counted if it is a meter's offset, at most 1 % of the largest read.

    Raises:
        ValueError: If a column is missing, has no unit or is there twice, or a value is
            not a number, negative, or cannot be a conductance; with line and column.
        OSError: If the file cannot be read.
    """
    sheet = read_measured(path)
    return table_of(path, sheet, find_roles(path, sheet))


def read_measured(path: str | os.PathLike) -> Sheet:
    """The columns of a file of measurements, with one row for each read.

    Raises:
        ValueError: If the file cannot be read as columns.
        OSError: If it cannot be read.
    """
    sheet = read_sheet(path)
    try:
        return lengthen(without_summaries(sheet))
    except ValueError as error:
        raise ValueError(f"`{path}`: {str(error).rstrip('.')}.") from None


def table_of(path: str | os.PathLike, sheet: Sheet, roles: Roles) -> MeasuredTable:
    """The table of a sheet whose roles are known."""
    for role in ("target", "read"):
        if role not in roles.one:
            names = ", ".join(column.name for column in sheet.columns)
            raise ValueError(
                f"`{path}` has no column `{role}_uS` (or in another unit: `{role}_nS`, "
                f"`{role}_kohm`, `{role}_uA` with a voltage); it has {names[:300]}."
            )
    try:
        return _table(sheet, roles)
    except ValueError as error:
        raise ValueError(f"`{path}`: {str(error).rstrip('.')}.") from None


def _table(sheet: Sheet, roles: Roles) -> MeasuredTable:
    volts = voltage_of(roles)
    target, read = (to_siemens(roles.one[r], volts) for r in ("target", "read"))
    time = times_of(roles)
    for name, values in (("target", target), ("read", read), ("time", time)):
        if values is not None and (values.ndim != 1 or values.shape != target.shape):
            raise ValueError(
                f"`{roles.one[name].column.name}` must have one axis and as many "
                f"values as the target; got shape {values.shape}"
            )
    largest = float(np.nanmax(read, initial=0.0))
    notes, lost = list(sheet.notes), np.zeros(target.shape, bool)
    require_offset(roles.one["target"], target, 0.0)
    negative = require_offset(roles.one["read"], read, largest)
    for role, values in (("target", target), ("read", read), ("time", time)):
        if values is None:
            continue
        is_lost, column = np.isnan(values), roles.one[role].column
        if is_lost.any():
            first = column.where(int(np.argmax(is_lost)))
            notes.append(
                f"{is_lost.sum()} of {is_lost.size} rows without a value in "
                f"`{column.name}` were left out (the first in {first})"
            )
        lost |= is_lost
    if lost.all():
        raise ValueError("no row has both a target and a read")
    warnings = (*sheet.warnings, *suspects_of(roles))
    if lost.mean() > MOST_LOST:
        warnings += (
            f"{lost.sum()} of {lost.size} reads have no value or no target and are not "
            "used: a cell that is merged over rows has its value in the first alone",
        )
    if negative:
        lowest = format_quantity(float(np.nanmin(read)), "S", 3)
        notes.append(
            f"{negative} reads below 0, to {lowest}, were kept: the offset of a meter"
        )
    keep = ~lost
    target, read = target[keep], read[keep]
    _require_alike(roles, target, read)
    return MeasuredTable(
        target,
        read,
        None if time is None else time[keep],
        devices_of(roles.device, keep),
        (*notes, *_left_out(roles)),
        warnings,
    )


def voltage_of(roles: Roles) -> np.ndarray | None:
    """The read voltages of a file, in volts; `None` if there is no such column."""
    found = roles.one.get("voltage")
    if found is None or found.name.unit is None:
        return None
    return found.numbers() * found.name.unit.factor


def times_of(roles: Roles) -> np.ndarray | None:
    """The times of a file, in seconds; `None` if there is no such column.

    Raises:
        ValueError: If a time is negative.
    """
    found = roles.one.get("time")
    if found is None or found.name.unit is None:
        return None
    time = found.numbers() * found.name.unit.factor
    time = np.where(np.isinf(time), np.nan, time)
    if (time < 0).any():
        at = found.column.where(int(np.argmax(time < 0)))
        raise ValueError(
            f"{at}, `{found.column.name}`: a value must be 0 or more; got "
            f"{np.nanmin(time) / found.name.unit.factor:g}"
        )
    return time


def devices_of(columns: list[Named], keep: np.ndarray) -> np.ndarray | None:
    """A number for each device, `(rows kept,)`, of which all columns agree."""
    cells = [np.asarray(each.column.cells) for each in columns]
    cells = [each.astype(str)[keep] for each in cells if each.shape == keep.shape]
    if not cells:
        return None
    number = np.zeros(int(keep.sum()), int)
    for each in cells:
        index = np.unique(each, return_inverse=True)[1].reshape(-1)
        number = np.unique(number * (index.max() + 1) + index, return_inverse=True)[
            1
        ].reshape(-1)
    return number


def suspects_of(roles: Roles) -> tuple[str, ...]:
    """A warning that names the columns which look as if they mattered."""
    if not roles.suspects:
        return ()
    named = ", ".join(f"`{name}`" for name in dict.fromkeys(roles.suspects))
    return (
        f"{named} looks like a time, a device or a cycle and is not used: a time needs "
        "its unit (`time_s`), a device the name `device`",
    )


def _left_out(roles: Roles) -> list[str]:
    names = [name for name in roles.ignored if name not in roles.suspects]
    names += [
        each.column.name
        for each in (roles.one.get(r) for r in ("up", "down", "pulse"))
        if each is not None
    ]
    return [f"left out: {', '.join(f'`{n}`' for n in names)}"] if names else []


def _require_alike(roles: Roles, target: np.ndarray, read: np.ndarray) -> None:
    """Refuse reads that lie orders of magnitude beside their targets."""
    good = (target > 0) & (read > 0)
    if not good.any():
        return
    ratio = float(np.median(read[good] / target[good]))
    if not 1 / APART < ratio < APART:
        names = [_said(roles.one[role].column) for role in ("read", "target")]
        raise ValueError(
            f"{names[0]} is {ratio:.3g} times {names[1]} in the middle: is a unit wrong"
        )


def _said(column: SheetColumn) -> str:
    return f"`{column.name}`" + (f" ({column.unit})" if column.unit else "")
