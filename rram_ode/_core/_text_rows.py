"""Rows of words from text files: the encoding and the separator are found.

The words are those of the standard library's `csv` reader. The separator is a tab, a
semicolon, a comma or spaces: the one which turns most of the text into numbers.
"""

import collections
import csv
import dataclasses
import pathlib
import re

from ._archives import LARGEST_FILE
from ._own_files import check_file, read_file


SEPARATORS = ("\t", ";", ",", None)  # None: any number of spaces
SAMPLE = 200  # lines by which the separator is found
COMMENTS = "#%"
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
# What instruments and programs write in place of a value, and beyond their range.
MISSING = frozenset(
    ["", "-", "--", "---", "nan", "-nan", "na", "n/a", "#n/a", "null", "none", "-inf"]
    + ["#div/0!", "#value!", "#num!"]
)
INFINITE = frozenset(["inf", "+inf", "infinity", "overflow", "ovf", "ovfl", "ovld"])


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of a file as words.

    Args:
        place: Its number in the file, from 1 on.
        words: Its words, without the spaces around them.
        is_comment: Whether it begins with a comment sign, which is left out.
    """

    place: int
    words: list[str]
    is_comment: bool = False


@dataclasses.dataclass(frozen=True)
class Rows:
    """The rows of a file that are not blank.

    Args:
        rows: The rows, with comments.
        kind: What a row is called: "line" of a text, "row" of a workbook.
        separator: What separates the words; `None` is spaces or the cells of a sheet.
        notes: What a user has to know of how the file was read.
    """

    rows: list[Row]
    kind: str = "line"
    separator: str | None = None
    notes: tuple[str, ...] = ()


def is_number(word: str) -> bool:
    """Whether a word is a number, with a decimal point or a decimal comma."""
    return bool(NUMBER.fullmatch(word) or DECIMAL_COMMA.fullmatch(word))


def read_text(path: pathlib.Path) -> Rows:
    """The rows of a text file.

    Raises:
        ValueError: If the file is not text.
    """
    lines = re.split(r"\r\n|\r|\n", _decode(path))
    numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip()]
    plain = [line for _, line in numbered if line.lstrip()[0] not in COMMENTS]
    separator = _separator(plain[:SAMPLE])
    rows = []
    for place, line in numbered:
        is_comment = line.lstrip()[0] in COMMENTS
        if is_comment:
            line = line.lstrip().lstrip(COMMENTS)
        words = _split(line, separator)
        if any(words):
            rows.append(Row(place, words, is_comment))
    return Rows(rows, "line", separator)


def _decode(path: pathlib.Path) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or cp1252."""
    data = read_file(path, LARGEST_FILE)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValueError(f"`{path}` is not text, nor a file of another kind that is read.")


def _separator(lines: list[str]) -> str | None:
    best, found = 0.0, None
    for separator in SEPARATORS:
        rows = [_split(line, separator) for line in lines]
        widths = collections.Counter(map(len, rows))
        if not widths:
            break
        width = widths.most_common(1)[0][0]
        if width < 2:
            continue
        good = sum(is_number(w) for row in rows if len(row) == width for w in row)
        score = (good + 0.01) / sum(map(len, rows))
        if score > best * (1 + 1e-9):
            best, found = score, separator
    return found if best else ","


_UNIT_AFTER_SPACE = re.compile(r"\s+(?=[\[\({])")


def _split(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return _UNIT_AFTER_SPACE.sub("", line).split()
    if '"' not in line:
        return [word.strip() for word in line.split(separator)]
    try:
        words = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except (csv.Error, StopIteration):
        return [line]
    return [word.strip() for word in words]


def require_size(path: pathlib.Path) -> None:
    """Refuse a file that is larger than what is read at all."""
    check_file(path, LARGEST_FILE)
