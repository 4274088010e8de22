"""Named columns from files of text, Excel, numpy and MATLAB, as they stand there.

The unit of a column is its reader's business: this file finds names, units and values,
and says where a value stands.
"""

import collections
import dataclasses
import os
import pathlib
from collections.abc import Callable, Sequence

import numpy as np

from ._archives import LARGEST_FILE, load_mat, load_npy, load_npz, members
from ._column_units import parse_unit
from ._own_files import open_file
from ._text_rows import (
    DECIMAL_COMMA,
    INFINITE,
    is_number,
    MISSING,
    NUMBER,
    read_text,
    require_size,
    Row,
    Rows,
    SAMPLE,
)
from ._workbook import read_workbook


OVERFLOW = 1e37  # instruments of Keysight and Keithley write 9.9e37 or 9.91e37
NO_UNIT = ("", "-", "--", "#", "1", "a.u.", "none", "[]", "()", "[-]", "(-)")


@dataclasses.dataclass(frozen=True)
class SheetColumn:
    """One column of a file.

    Args:
        name: Its name in the file.
        unit: What a second row of the header says of its unit; "" if there is none.
        cells: Its words, or its values in an array of any shape.
        where: Maps an index to its place in the file, for messages.
    """

    name: str
    unit: str
    cells: Sequence[str] | np.ndarray
    where: Callable[..., str]

    def numbers(self) -> np.ndarray:
        """The values; NaN where there is none, infinite beyond an instrument's range.

        Raises:
            ValueError: If a value is not a number, or it is unclear which.
        """
        if isinstance(self.cells, np.ndarray):
            if self.cells.dtype.kind not in "fiub":
                raise ValueError(
                    f"`{self.name}` must hold real numbers; got {self.cells.dtype}"
                )
            values = np.asarray(self.cells, float)
        else:
            values = self._parsed(self.cells)
        with np.errstate(invalid="ignore"):
            values = np.where(values >= OVERFLOW, np.inf, values)
            return np.where(values > -OVERFLOW, values, np.nan)

    @property
    def is_numeric(self) -> bool:
        """Whether every value is a number or missing, and one is there."""
        try:
            return bool(np.isfinite(self.numbers()).any())
        except ValueError:
            return False

    def _parsed(self, words: Sequence[str]) -> np.ndarray:
        if all(map(NUMBER.fullmatch, words)):
            return np.array(words, float)
        values, point, comma = np.full(len(words), np.nan), None, None
        for n, word in enumerate(words):
            if NUMBER.fullmatch(word):
                values[n] = float(word)
                point = n if point is None and "." in word else point
            elif DECIMAL_COMMA.fullmatch(word):
                values[n] = float(word.replace(",", "."))
                comma = n if comma is None else comma
            elif word.lower() in INFINITE:
                values[n] = np.inf
            elif word.lower() not in MISSING:
                raise ValueError(
                    f"{self.where(n)}, `{self.name}`: `{word[:40]}` is not a number"
                )
        if point is not None and comma is not None:
            raise ValueError(
                f"`{self.name}` has a decimal point in {self.where(point)} and a "
                f"decimal comma in {self.where(comma)}: write one of them"
            )
        return values


@dataclasses.dataclass(frozen=True)
class Sheet:
    """The columns of a file.

    Args:
        columns: The columns, all of one length if they come from rows.
        notes: What a user has to know of how the file was read.
    """

    columns: tuple[SheetColumn, ...]
    notes: tuple[str, ...] = ()


def read_sheet(path: str | os.PathLike) -> Sheet:
    """The columns of a text file or workbook with a header, or the arrays of a file.

    Text may have any of the usual separators, encodings and line ends, decimal commas,
    comments, a header after `#` and a row of units under the names. Other files are
    Excel's (xlsx, with the extra `tables`), numpy's (npz, npy) and MATLAB's (mat).

    Raises:
        ValueError: If the file is of no kind that is read, is too large, has no header,
            or a row is not as long as the header.
        OSError: If the file cannot be read.
    """
    path = pathlib.Path(path)
    found = read_arrays(path)
    if found is not None:
        return Sheet(tuple(map(_as_vector, found)))
    return _with_header(path, read_rows(path))


def read_arrays(path: pathlib.Path) -> list[SheetColumn] | None:
    """The arrays of a file of numpy or MATLAB; `None` for a file of another kind."""
    require_size(path)
    kind = _kind(path)
    load = {"npz": load_npz, "npy": load_npy, "mat": load_mat}.get(kind)
    if load is None:
        return None
    return [
        SheetColumn(name, "", values, lambda *place: f"element {list(place)}")
        for name, values in load(path).items()
    ]


def _as_vector(column: SheetColumn) -> SheetColumn:
    """A column along one axis, if it is a row or a column of a matrix of MATLAB."""
    cells = np.asarray(column.cells)
    is_vector = cells.ndim == 2 and 1 in cells.shape
    return dataclasses.replace(column, cells=cells.ravel()) if is_vector else column


def read_rows(path: pathlib.Path) -> Rows:
    """The rows of words of a text file or workbook."""
    kind = _kind(path)
    if kind == "xls":
        raise ValueError(
            f"`{path}` is a file of an old Excel or Word: save it as CSV or xlsx."
        )
    if kind == "zip":
        raise ValueError(
            f"`{path}` is an archive, but not of Excel or numpy: save a table as CSV."
        )
    rows = read_workbook(path) if kind == "xlsx" else read_text(path)
    if sum(not row.is_comment for row in rows.rows) < 1:
        raise ValueError(
            f"`{path}` must have a header and at least one {rows.kind} of values."
        )
    return rows


def _kind(path: pathlib.Path) -> str:
    """The kind of a file by its first bytes, whatever its name says."""
    with open_file(path, LARGEST_FILE) as file:
        first = file.read(16)
    if first.startswith(b"PK\x03\x04") or path.suffix in (".npz", ".xlsx"):
        if not first.startswith(b"PK"):
            kind = "npz file of plain arrays" if path.suffix == ".npz" else "workbook"
            raise ValueError(f"`{path}` is not an {kind}: it is no zip archive.")
        names = [info.filename for info in members(path)]
        if "[Content_Types].xml" in names:
            return "xlsx"
        is_npz = path.suffix == ".npz" or any(n.endswith(".npy") for n in names)
        return "npz" if is_npz else "zip"
    if first.startswith(b"\x93NUMPY") or path.suffix == ".npy":
        return "npy"
    if first.startswith((b"MATLAB", b"\x89HDF")) or path.suffix == ".mat":
        return "mat"
    return "xls" if first.startswith(b"\xd0\xcf\x11\xe0") else "text"


def _with_header(path: pathlib.Path, found: Rows) -> Sheet:
    rows, kind = found.rows, found.kind
    if kind == "row":  # a sheet is as wide as its widest row
        width = max(len(row.words) for row in rows)
        rows = [
            dataclasses.replace(r, words=r.words + [""] * (width - len(r.words)))
            for r in rows
        ]
    full = [row for row in rows[:SAMPLE] if _has_number(row)]
    if not full:
        raise ValueError(
            f"`{path}` must have a header and at least one {kind} of values; it has "
            "no numbers."
        )
    width = _width(rows, full)
    start = next(
        n for n, r in enumerate(rows) if _has_number(r) and len(r.words) == width
    )
    data = [row for row in rows[start:] if not row.is_comment]
    for row in data:
        if len(row.words) != width and any(row.words[width:]) | (
            len(row.words) < width
        ):
            raise ValueError(
                f"`{path}`: {kind} {row.place} has {len(row.words)} values, the header "
                f"has {width}."
            )
    used = [n for n in range(width) if any(row.words[n] for row in data)]
    names, units, first = _header(rows[:start], width, used)
    if names is None:
        raise ValueError(
            f"`{path}` has no header: a first {kind} must name the columns with their "
            f"units, such as `target_uS,read_uS`; {kind} {rows[start].place} has "
            f"{', '.join(rows[start].words)[:60]}."
        )
    _require_no_gap(path, rows[first:start], kind, width)
    places = [row.place for row in data]
    where = lambda n: f"{kind} {places[n]}"
    columns = [
        SheetColumn(names[n], units[n], [row.words[n] for row in data], where)
        for n in used
    ]
    notes = list(found.notes)
    preamble = [r.place for r in rows[: max(first - 1, 0)] if not r.is_comment]
    if preamble:
        notes.append(f"{len(preamble)} {kind}s above the header were left out")
    return Sheet(tuple(columns), tuple(notes))


def _width(rows: list[Row], full: list[Row]) -> int:
    """The number of columns: that of the names, if a row of values has as many."""
    found = collections.Counter(len(row.words) for row in full)
    above = rows[: rows.index(full[0])]
    names = [len(row.words) for row in above if not row.is_comment]
    if names and names[-1] in found:
        return names[-1]
    return found.most_common(1)[0][0]


def _has_number(row: Row) -> bool:
    return not row.is_comment and any(map(is_number, row.words))


def _header(
    above: list[Row], width: int, used: list[int]
) -> tuple[list[str] | None, list[str], int]:
    """Names and units of the columns, and the index of the row after the names.

    The nearest row above the values that could name them, one without a comment sign if
    there is any; of two such rows, the lower may be that of the units.
    """
    fits = [
        n
        for n, row in enumerate(above)
        if len(row.words) >= width
        and not any(row.words[width:])
        and not any(map(is_number, row.words))
        and any(row.words[c] for c in used)
    ]
    plain = [n for n in fits if not above[n].is_comment]
    fits = plain if plain else fits
    if not fits:
        return None, [], 0
    last = fits[-1]
    units = [""] * width
    under = [above[last].words[c] for c in used]
    known = [word for word in under if parse_unit(word) is not None]
    if known and all(word in known or word.lower() in NO_UNIT for word in under):
        if len(fits) < 2 or fits[-2] != last - 1:
            return None, [], 0
        units = ["" if word.lower() in NO_UNIT else word for word in above[last].words]
        last -= 1
    return above[last].words, units, last + 1


def _require_no_gap(
    path: pathlib.Path, between: list[Row], kind: str, width: int
) -> None:
    """Refuse a row under the header that is neither units nor values."""
    for row in between:
        if not row.is_comment and len(row.words) != width:
            raise ValueError(
                f"`{path}`: {kind} {row.place} has {len(row.words)} values, the header "
                f"has {width}."
            )
