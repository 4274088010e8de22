"""Rows of words from an Excel workbook, by openpyxl: values only, no formula is run."""

import datetime
import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

from ._archives import check_archive, LARGEST_FILE
from ._numbers import is_number
from ._text_rows import COMMENTS, MOST_CELLS, MOST_ROWS, Row, Rows, too_large


# 100,000 rows of 20 numbers: some 12 s, as a million numbers took 6.6 s.
MOST_TAGS = 8_000_000


def read_workbook(path: pathlib.Path) -> Rows:
    """The rows of the sheet that holds most numbers; the first of equals.

    A formula has the value that Excel saved with it.

    Raises:
        ValueError: If openpyxl is not there, or the file is not a workbook.
    """
    try:
        import openpyxl
    except ImportError:
        raise ValueError(
            f"`{path}` is an Excel file: save it as CSV, or install what reads it by "
            '`pip install "rram_ode[tables]"`.'
        ) from None
    if check_archive(path, LARGEST_FILE, "an Excel workbook") > MOST_TAGS:
        raise ValueError(too_large(path, f"{MOST_TAGS} tags of a workbook"))
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # of styles and of extensions
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheets = _sheets(book)
            book.close()
    except Exception as error:  # of many kinds, by what is broken
        text = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"`{path}` is not an Excel workbook: {text}.") from error
    if sheets is None:
        raise ValueError(too_large(path, f"{MOST_ROWS} rows and {MOST_CELLS} cells"))
    full = [name for name, rows in sheets.items() if rows]
    if not full:
        raise ValueError(f"`{path}` is an Excel workbook without values.")
    numbers = lambda name: sum(map(is_number, _words(sheets[name])))
    best = max(full, key=numbers)
    others = ", ".join(f"`{name}`" for name in full if name != best)
    notes = (f"sheet `{best}` was read, not {others}",) if others else ()
    return Rows(sheets[best], "row", None, notes)


def _words(rows: list[Row]) -> Iterator[str]:
    return (word for row in rows if not row.is_comment for word in row.words)


def _sheets(book: Any) -> dict[str, list[Row]] | None:
    """The rows of each sheet by its title; `None` if they are too many."""
    found, num_rows, num_cells = {}, 0, 0
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        rows = found[sheet.title] = []
        for place, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            num_rows += 1  # also one of no cells, above another one
            num_cells += len(cells)
            if num_rows > MOST_ROWS or num_cells > MOST_CELLS:
                return None
            words = [_word(value) for value in cells]
            if any(words):
                rows.append(_row(place, words))
    return found


def _row(place: int, words: list[str]) -> Row:
    first = next(n for n, word in enumerate(words) if word)
    is_comment = words[first][0] in COMMENTS
    if is_comment:
        words[first] = words[first].lstrip(COMMENTS).strip()
    return Row(place, words, is_comment)


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()
