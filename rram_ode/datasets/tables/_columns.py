"""Columns of a user's points from a table: coordinates, labels, and what is neither."""

import pathlib
from typing import NamedTuple

import numpy as np

from ..._core._headers import LABELS, numbers_rows
from ..._core._numbers import is_missing
from ..._core._sheet import read_sheet, SheetColumn


INDEX = ("", "index", "idx", "id", "row", "no", "nr", "unnamed: 0")


class Columns(NamedTuple):
    """Columns of numbers or text, by name, and what was not read.

    Attributes:
        columns: The columns, all of one length.
        ignored: Names of columns without numbers, or that count the rows.
        notes: What a user has to know of how the file was read.
    """

    columns: dict[str, np.ndarray]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]


def columns_of_table(path: pathlib.Path) -> Columns:
    """The columns of a text or workbook: numbers where all values are, else text.

    The file is read as a table of measurements is, but need not have a header. A column
    that counts the rows is left out if it is called so, or has no name.

    Raises:
        ValueError: If the file is no table, a row has another number of values, or a
            few values among numbers are none.
    """
    sheet = read_sheet(path, is_nameless=True)
    found, ignored, notes = {}, [], list(sheet.notes)
    names = [column.name or f"column {n + 1}" for n, column in enumerate(sheet.columns)]
    double = [name for name in names if names.count(name) > 1]
    if double:
        raise ValueError(
            f"`{path}`: each column must have its own name; `{double[0]}` occurs more "
            "than once."
        )
    for name, column in zip(names, sheet.columns, strict=True):
        words = np.asarray(column.cells, str)
        if len(names) > 1 and _counts_rows(column, words):
            if column.name.lower() in INDEX or sheet.is_nameless and name == "x0":
                ignored.append(f"{name}, which counts the rows")
                continue
            notes.append(f"`{name}` counts the rows: name it `index` if it is no data")
        if all(map(is_missing, words)):
            ignored.append(name)
        else:
            found[name] = _numbers_or_text(path, column, words)
    return Columns(found, tuple(ignored), tuple(notes))


def _counts_rows(column: SheetColumn, words: np.ndarray) -> bool:
    return column.name.lower() not in LABELS and numbers_rows(words.tolist())


def _numbers_or_text(
    path: pathlib.Path, column: SheetColumn, words: np.ndarray
) -> np.ndarray:
    """Numbers, or text; a few texts among numbers are slips, which are refused."""
    try:
        return column.numbers()
    except ValueError as error:
        wrong = [w for w in words if column.decimals.parse(w) is None]
        num = sum(not is_missing(w) for w in words) - len(wrong)
        is_label = column.name.lower() in LABELS
        if num and (column.decimals.unclear or len(wrong) < num and not is_label):
            but = f", and {num} others are" if wrong else ""
            raise ValueError(
                f"`{path}`: {error}{but}: mend it, or leave the cell empty."
                if wrong
                else f"`{path}`: {error}."
            ) from None
    return words
