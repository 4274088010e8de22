"""Rows of words from an Excel workbook, by openpyxl: values only, no formula is run."""

import datetime
import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

from ._archives import check_archive, LARGEST_FILE
from ._numbers import is_number
from ._text_rows import COMMENTS, Row, Rows


MOST_CELLS = 20_000_000  # of a sheet, empty ones too: 100,000 rows of 200 columns


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
    check_archive(path, LARGEST_FILE, "an Excel workbook")
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # of styles and of extensions
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheets = {s.title: _rows(s) for s in book.worksheets}
            book.close()
    except Exception as error:  # of many kinds, by what is broken
        text = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"`{path}` is not an Excel workbook: {text}.") from error
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


def _rows(sheet: Any) -> list[Row]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    found, num = [], 0
    for place, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        words = [_word(value) for value in cells]
        num += len(words)
        if num > MOST_CELLS:
            raise ValueError(f"it has more than {MOST_CELLS} cells in rows and columns")
        if not any(words):
            continue
        first = next(n for n, word in enumerate(words) if word)
        is_comment = words[first][0] in COMMENTS
        if is_comment:
            words[first] = words[first].lstrip(COMMENTS).strip()
        found.append(Row(place, words, is_comment))
    return found


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()
