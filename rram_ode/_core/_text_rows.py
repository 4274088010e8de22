"""Rows of words from text files: the encoding and the separator are found.

The words are those of the standard library's `csv` reader. The separator is a tab, a
semicolon, a comma, a bar or spaces: the one which turns most of the text into numbers.
"""

import collections
import csv
import dataclasses
import itertools
import pathlib
import re
from collections.abc import Iterable, Iterator

from ._archives import LARGEST_FILE
from ._numbers import DECIMAL_COMMA, is_number
from ._own_files import check_file, read_file


# Of a table, counted before its words are made. 5 million cells take 0.8 GB and 6 s
# (measured); a measurement has some 100,000 rows.
MOST_ROWS = 2**20  # those of an Excel sheet; blank lines too
MOST_COLUMNS = 2**13  # twice the coordinates of the largest point
MOST_CELLS = 5_000_000  # 100,000 rows of 50 columns; empty ones too
LARGEST_TEXT = 2**27  # bytes: 25 for each cell
SEPARATORS = ("\t", ";", ",", "|", None)  # None: any number of spaces
MOST_JOINED = 4  # lines of one line of names
SAMPLE = 200  # lines by which the separator is found
MOST_SAMPLED = 2**18  # characters of them: 130,000 words, each a number or not
COMMENTS = "#%"


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


def read_text(path: pathlib.Path) -> Rows:
    """The rows of a text file.

    Raises:
        ValueError: If the file is not text.
    """
    lines = _lines(path)
    numbered = [(n, line) for n, line in _joined(lines) if line.strip()]
    plain = (line for _, line in numbered if line.lstrip()[0] not in COMMENTS)
    separator = _separator(list(_first(plain)))
    if sum(_num_words(line, separator) for _, line in numbered) > MOST_CELLS:
        raise ValueError(too_large(path, f"{MOST_CELLS} cells"))
    rows = []
    for place, line in numbered:
        is_comment = line.lstrip()[0] in COMMENTS
        if is_comment:
            line = line.lstrip().lstrip(COMMENTS)
        words = _split(line, separator)
        if any(words):
            rows.append(Row(place, words, is_comment))
    return Rows(rows, "line", separator)


def too_large(path: pathlib.Path, what: str) -> str:
    """The error of a table that has more than is read."""
    return f"`{path}` has more than the {what} that are read: give a part of it."


def _lines(path: pathlib.Path) -> list[str]:
    """The lines of a file, of which none has too many words.

    Raises:
        ValueError: If there are too many lines or columns, or the file is not text.
    """
    text = _decode(path)
    if text.count("\n") + text.count("\r") > 2 * MOST_ROWS:  # \r\n is two
        raise ValueError(too_large(path, f"{MOST_ROWS} lines"))
    lines = re.split(r"\r\n|\r|\n", text)
    if len(lines) > MOST_ROWS:
        raise ValueError(too_large(path, f"{MOST_ROWS} lines"))
    for line in lines:
        if len(line) <= MOST_COLUMNS:
            continue
        if any(line.count(sign) >= MOST_COLUMNS for sign in "\t;,|") or (
            len(line.split(maxsplit=MOST_COLUMNS)) > MOST_COLUMNS
        ):
            raise ValueError(too_large(path, f"{MOST_COLUMNS} columns"))
    return lines


def _first(lines: Iterable[str]) -> Iterator[str]:
    """The first lines that are not blank, by which a file is judged."""
    left = MOST_SAMPLED
    for line in itertools.islice(filter(str.strip, lines), SAMPLE):
        yield line
        left -= len(line)
        if left < 0:
            return


def _joined(lines: list[str]) -> list[tuple[int, str]]:
    """The lines and their numbers; names in quotes that go on in the next lines joined.

    A quote in a line of values joins nothing: there it is a slip.
    """
    found, n = [], 0
    head = sum(map(len, _first(lines)))  # names do not take more characters
    while n < len(lines) and head >= 0 and not _holds_number(lines[n]):
        line, last = lines[n], n
        while line.count('"') % 2 and last + 1 < min(n + MOST_JOINED, len(lines)):
            last += 1
            line += f" {lines[last]}"
        if line.count('"') % 2 or _holds_number(line):
            line, last = lines[n], n
        found.append((n + 1, line))
        n = last + 1
        head -= len(line)
    return found + list(enumerate(lines[n:], start=n + 1))


def _holds_number(line: str) -> bool:
    return any(is_number(word.strip('"')) for word in re.split(r"[,;\t ]+", line))


def _decode(path: pathlib.Path) -> str:
    """The text of a file in UTF-8, UTF-16 or cp1252."""
    data = read_file(path, LARGEST_TEXT)
    first = data[:SAMPLE]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif len(first) > 1 and not any(first[1::2]) and all(first[::2]):
        encodings = ("utf-16-le",)  # without a mark, as instruments write it
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
    if found == "," and _is_one_column(lines):
        return None
    return found if best else ","


def _is_one_column(lines: list[str]) -> bool:
    """Whether lines of decimal commas are one column, not two of whole numbers.

    They are below one name, or if a fraction begins with 0, or a number with -0.
    """
    first, *rest = map(str.strip, lines)
    if not all(map(DECIMAL_COMMA.fullmatch, rest)):
        return False
    if DECIMAL_COMMA.fullmatch(first):
        return any(re.search(r"^-0,|,0\d", line) for line in (first, *rest))
    return not is_number(first) and "," not in first and len(first.split()) == 1


_SPACES = re.compile(r"[ \t\f\v]+")  # and no space within a number
_UNIT_AFTER_SPACE = re.compile(r"(?<!\s)\s+(?=[\[\({])")


def _split(line: str, separator: str | None) -> list[str]:
    if separator is None:
        line = _SPACES.sub(" ", _UNIT_AFTER_SPACE.sub("", line)).strip()
        if '"' not in line:
            return line.split(" ")
        separator = " "
    if '"' not in line:
        return [word.strip() for word in line.split(separator)]
    try:
        words = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except (csv.Error, StopIteration):
        return [line]
    return [word.strip() for word in words]


def _num_words(line: str, separator: str | None) -> int:
    """How many words a line has, without making them where it has no quotes."""
    if '"' in line:
        return len(_split(line, separator))
    return len(line.split()) if separator is None else line.count(separator) + 1


def require_size(path: pathlib.Path) -> None:
    """Refuse a file that is larger than what is read at all."""
    check_file(path, LARGEST_FILE)
