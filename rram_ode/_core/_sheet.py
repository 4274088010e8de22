"""Named columns from files of text, Excel, numpy and MATLAB, as they stand there.

The unit of a column is its reader's business: this file finds names, units and values,
and says where a value stands.
"""

import dataclasses
import os
import pathlib
from collections.abc import Callable, Sequence

import numpy as np

from ._archives import LARGEST_FILE, load_mat, load_npy, load_npz, members
from ._headers import find_header, names_of_points
from ._numbers import Decimals, find_decimals, parse_numbers
from ._own_files import open_file
from ._text_rows import read_text, require_size, Rows
from ._workbook import read_workbook


OVERFLOW = 1e37  # instruments of Keysight and Keithley write 9.9e37 or 9.91e37


@dataclasses.dataclass(frozen=True)
class SheetColumn:
    """One column of a file.

    Args:
        name: Its name in the file.
        unit: What a second row of the header says of its unit; "" if there is none.
        cells: Its words, or its values in an array of any shape.
        where: Maps an index to its place in the file, for messages.
        decimals: How words become numbers.
        above: Words of rows above the names that stand over it, the nearest first.
    """

    name: str
    unit: str
    cells: Sequence[str] | np.ndarray
    where: Callable[..., str]
    decimals: Decimals = Decimals()
    above: tuple[str, ...] = ()

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
        if self.decimals.unclear:
            raise ValueError(self.decimals.unclear)
        values, wrong = parse_numbers(words, self.decimals)
        if wrong is not None:
            raise ValueError(
                f"{self.where(wrong)}, `{self.name}`: `{words[wrong][:40]}` is not a "
                "number"
            )
        return values


@dataclasses.dataclass(frozen=True)
class Sheet:
    """The columns of a file.

    Args:
        columns: The columns, all of one length if they come from rows.
        notes: What a user has to know of how the file was read.
        is_nameless: Whether no row names the columns, which are x0, x1, ...
        warnings: What a user must know before the values are used.
    """

    columns: tuple[SheetColumn, ...]
    notes: tuple[str, ...] = ()
    is_nameless: bool = False
    warnings: tuple[str, ...] = ()


def read_sheet(path: str | os.PathLike, *, is_nameless: bool = False) -> Sheet:
    """The columns of a text file or workbook with a header, or the arrays of a file.

    Text may have any of the usual separators, encodings and line ends, decimal commas,
    comments, a header after `#` and a row of units under the names. Other files are
    Excel's (xlsx, with the extra `tables`), numpy's (npz, npy) and MATLAB's (mat).

    Args:
        path: The file.
        is_nameless: Whether text may have no header, or one of numbers, as pandas and
            numpy write it; the columns are then x0, x1, ...

    Raises:
        ValueError: If the file is of no kind that is read, is too large, has no header,
            or a row is not as long as the header.
        OSError: If the file cannot be read.
    """
    path = pathlib.Path(path)
    found = read_arrays(path)
    if found is not None:
        return Sheet(tuple(map(_as_vector, found)))
    return _with_header(path, read_rows(path), is_nameless)


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


def _with_header(path: pathlib.Path, found: Rows, is_nameless: bool) -> Sheet:
    """The columns of rows of words.

    Args:
        path: The file, for errors.
        found: Its rows.
        is_nameless: Whether a file may have no names, which are then x0, x1, ...
    """
    head, kind = find_header(path, found), found.kind
    names, data, notes = head.names, head.rows, [*found.notes, *head.notes]
    if names is None and is_nameless:
        names, data = names_of_points(path, head, kind)
        if data is not head.rows:
            notes.append(f"{kind} {head.rows[0].place} was read as the header")
    if names is None:
        first = head.rows[0]
        raise ValueError(
            f"`{path}` has no header: a first {kind} must name the columns with their "
            f"units, such as `target_uS,read_uS`; {kind} {first.place} has "
            f"{', '.join(first.words)[:60]}."
        )
    places = [row.place for row in data]
    where = lambda n: f"{kind} {places[n]}"
    words = [[row.words[n] for row in data] for n in range(len(names))]
    used = [n for n, own in enumerate(words) if any(own)]
    empty = [name for n, name in enumerate(names) if name and n not in used]
    if empty:
        notes.append(f"without any value: {', '.join(f'`{name}`' for name in empty)}")
    given = [(names[n], words[n], where) for n in used]
    decimals = find_decimals(given, found.separator)
    columns = [
        SheetColumn(names[n], head.units[n], words[n], where, reading, head.above[n])
        for n, reading in zip(used, decimals, strict=True)
    ]
    notes += [reading.note for reading in decimals if reading.note]
    return Sheet(tuple(columns), tuple(notes), head.names is None)
