"""Columns of a text file, whatever separates them."""

import csv
import io
import pathlib
import re
from typing import NamedTuple

import numpy as np

from ..._core._own_files import read_file


LABELS = ("label", "labels", "class", "classes")  # columns that hold classes


MISSING = ("", "nan", "na", "n/a", "null", "none", "-", "?")


class Columns(NamedTuple):
    """Columns of numbers or text, by name, and the names of those without any value."""

    columns: dict[str, np.ndarray]
    ignored: tuple[str, ...]


def columns_of_text(path: pathlib.Path) -> Columns:
    """The columns of a text file: numbers where all values are, else text.

    Separators are tab, semicolon, comma or spaces; with a semicolon or a tab, numbers
    may have a decimal comma. A first line, or the last one that begins with `#`, names
    the columns.

    Raises:
        ValueError: If the file is no text, or a row has another number of values.
    """
    content = read_file(path)
    if b"\0" in content:
        raise ValueError(f"`{path}` is no text: save it as CSV in UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    header, lines, places = "", [], []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            header = header if lines else line.lstrip().lstrip("#").strip()
        elif line.strip():
            lines.append(line)
            places.append(number)
    if not lines:
        raise ValueError(f"`{path}` holds no rows: write one point a row.")
    separator = _separator(lines[0])
    rows = _rows(path, lines, places, separator)
    comma = separator in (";", "\t")
    names = None
    if not any(_is_number(value, comma) for value in rows[0]):
        names, rows, places = rows[0], rows[1:], places[1:]
    elif header:
        given = _cells(header, separator)
        names = given if len(given) == len(rows[0]) else None
    if names is None:
        names = [f"x{number}" for number in range(len(rows[0]))]
    names = [name or f"x{number}" for number, name in enumerate(names)]
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise ValueError(
            f"`{path}`: each column must have its own name; `{double.pop()}` occurs "
            "more than once."
        )
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return _typed(path, columns, places, comma)


def _typed(
    path: pathlib.Path,
    columns: dict[str, tuple[str, ...]],
    places: list[int],
    comma: bool,
) -> Columns:
    """Numbers, or text; a few texts among numbers are slips, which are refused."""
    found, ignored = {}, []
    for name, values in columns.items():
        present = [v for v in values if v.lower() not in MISSING]
        if not present:
            ignored.append(name)
        elif all(_is_number(v, comma) for v in present):
            found[name] = np.array([_number(v, comma) for v in values])
        else:
            wrong = [
                (place, value)
                for place, value in zip(places, values, strict=True)
                if value.lower() not in MISSING and not _is_number(value, comma)
            ]
            if len(wrong) < len(present) / 2 and name.lower() not in LABELS:
                place, value = wrong[0]
                raise ValueError(
                    f"`{path}`, line {place}, column `{name}`: `{value[:40]}` is no "
                    f"number, and {len(present) - len(wrong)} others are: mend it, or "
                    "leave the cell empty."
                )
            found[name] = np.array(values)
    return Columns(found, tuple(ignored))


def _separator(line: str) -> str:
    return next((s for s in ("\t", ";", ",") if s in line), " ")


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


def _rows(
    path: pathlib.Path, lines: list[str], places: list[int], separator: str
) -> list[list[str]]:
    """The cells of each line; every row as many."""
    if separator == " ":
        rows = [line.split() for line in lines]
    else:
        text = io.StringIO("\n".join(lines))
        try:
            rows = [
                [cell.strip() for cell in row]
                for row in csv.reader(text, delimiter=separator)
            ]
        except csv.Error as error:
            raise ValueError(f"`{path}` cannot be read as a table: {error}.") from error
    width = len(rows[0])
    for place, row in zip(places, rows, strict=False):
        if len(row) != width:
            raise ValueError(
                f"`{path}`, line {place}: a row must have {width} values, as the first "
                f"one has; got {len(row)}."
            )
    return rows


def _is_number(text: str, comma: bool) -> bool:
    try:
        float(_plain(text, comma))
    except ValueError:
        return False
    return re.fullmatch(r"[\s\d.,eE+-]+", text) is not None


def _number(text: str, comma: bool) -> float:
    return float("nan") if text.lower() in MISSING else float(_plain(text, comma))


def _plain(text: str, comma: bool) -> str:
    return text.replace(",", ".") if comma and text.count(",") == 1 else text
