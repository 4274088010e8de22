"""Words of a file as numbers: decimal points and commas, and separators of thousands.

A column is read by one convention: points are decimal and commas part thousands, or the
other way round. A word such as `1,234` may be of either; the words beside it decide, or
it is refused.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence

import numpy as np


NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_BY_COMMA = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_BY_POINT = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
_MARKS = "'’\u00a0\u202f\u2009"  # of thousands in Switzerland and France
_BY_MARK = re.compile(rf"[-+]?[1-9]\d{{0,2}}([{_MARKS}]\d{{3}})+([.,]\d+)?")
_UNMARKED = str.maketrans("−", "-", _MARKS)
# What instruments and programs write in place of a value, and beyond their range.
MISSING = frozenset(
    ["", "-", "--", "---", "nan", "-nan", "na", "n/a", "#n/a", "null", "none", "-inf"]
    + ["#div/0!", "#value!", "#num!", "?"]
)
INFINITE = frozenset(["inf", "+inf", "infinity", "overflow", "ovf", "ovfl", "ovld"])


def is_number(word: str) -> bool:
    """Whether a word is a number, by one of the conventions."""
    word = _plain(word)
    return any(
        kind.fullmatch(word) for kind in (NUMBER, DECIMAL_COMMA, _BY_COMMA, _BY_POINT)
    )


def is_missing(word: str) -> bool:
    """Whether a word stands for a value that is not there."""
    return word.lower() in MISSING


@dataclasses.dataclass(frozen=True)
class Decimals:
    """How the words of a column become numbers.

    Args:
        comma: Whether the comma is decimal.
        unclear: Why that is not known, for an error; "" if it is.
        note: What a user has to know of it; "" if nothing.
    """

    comma: bool = False
    unclear: str = ""
    note: str = ""

    def parse(self, word: str) -> float | None:
        """The number that `word` is; NaN if it is missing, `None` if it is neither."""
        word = _plain(word)
        kinds = (DECIMAL_COMMA, _BY_POINT) if self.comma else (NUMBER, _BY_COMMA)
        if NUMBER.fullmatch(word) and "." not in word:
            return float(word)
        if any(kind.fullmatch(word) for kind in kinds):
            group, point = (".", ",") if self.comma else (",", ".")
            return float(word.replace(group, "").replace(point, "."))
        if word.lower() in INFINITE:
            return float("inf")
        return float("nan") if is_missing(word) else None


@dataclasses.dataclass
class _Signs:
    """Where a column first shows each sign; `None` where it does not.

    Args:
        point: A decimal point.
        comma: A decimal comma.
        either_point: A point before three digits, decimal or of thousands.
        either_comma: A comma before three digits, decimal or of thousands.
        by_comma: Commas of thousands.
        by_point: Points of thousands.
        short: A whole number below 1000.
        long: A whole number above it, whose thousands are not parted.
    """

    point: int | None = None
    comma: int | None = None
    either_point: int | None = None
    either_comma: int | None = None
    by_comma: int | None = None
    by_point: int | None = None
    short: int | None = None
    long: int | None = None

    def see(self, n: int, word: str) -> None:
        """Take in the word with the number `n`."""
        names = _signs(_plain(word))
        for name in names:
            if getattr(self, name) is None:
                setattr(self, name, n)


def _signs(word: str) -> tuple[str, ...]:
    if NUMBER.fullmatch(word):
        if "." in word:
            return ("either_point",) if _BY_POINT.fullmatch(word) else ("point",)
        digits = word.lstrip("+-")
        return ("long",) if digits.isdigit() and len(digits) > 3 else ("short",)
    if DECIMAL_COMMA.fullmatch(word):
        return ("either_comma",) if _BY_COMMA.fullmatch(word) else ("comma",)
    if _BY_COMMA.fullmatch(word):
        return ("point", "by_comma")
    return ("comma", "by_point") if _BY_POINT.fullmatch(word) else ()


def find_decimals(
    columns: Sequence[tuple[str, Sequence[str], Callable[[int], str]]],
    separator: str | None,
) -> list[Decimals]:
    """The convention of each column.

    Args:
        columns: Name and words of each, and what maps a word's number to its place.
        separator: What separates them; a semicolon is that of programs which write
            decimal commas.
    """
    words = (word for _, words, _ in columns for word in words)
    if not any("," in word or word.count(".") > 1 for word in words):
        return [Decimals()] * len(columns)
    signs = []
    for _, words, _ in columns:
        found = _Signs()
        for n, word in enumerate(words):
            found.see(n, word)
        signs.append(found)
    is_comma = any(s.comma is not None for s in signs)
    is_point = any(s.point is not None for s in signs)
    return [
        _decide(column, found, is_comma, is_point, separator == ";")
        for column, found in zip(columns, signs, strict=True)
    ]


def _decide(
    column: tuple[str, Sequence[str], Callable[[int], str]],
    found: _Signs,
    is_comma: bool,
    is_point: bool,
    is_semicolon: bool,
) -> Decimals:
    """The convention of a column in a file with decimal commas, or points, or both."""
    name, words, where = column
    point, comma = found.point, found.comma
    if comma is None and found.long is not None:
        comma = found.either_comma  # beside `1234` the comma of `1,234` is decimal
    # A sign before three digits parts thousands only where other words show that it
    # does; else it is another decimal sign, and one of both is a slip.
    if comma is not None and point is None and found.by_point is None:
        point = found.either_point
    elif point is not None and comma is None and found.by_comma is None:
        comma = found.either_comma
    if point is not None and comma is not None:
        return Decimals(
            unclear=f"`{name}` has a decimal point in {where(point)} and a decimal "
            f"comma in {where(comma)}: write one of them, and no sign between thousands"
        )
    if point is not None or comma is not None:
        return Decimals(comma=comma is not None)
    at = found.either_comma
    if at is None:
        at = found.either_point if is_comma else None
        if at is None:
            return Decimals()
    elif is_comma and not is_point and found.either_point is None:
        return Decimals(comma=True)
    word = words[at]
    both = word.replace(",", "").replace(".", ""), word.replace(",", ".")
    if is_semicolon and found.short is None and not is_point and not is_comma:
        return Decimals(
            comma=True,
            note=f"`{name}` was read with decimal commas: {word} ({where(at)}) is "
            f"{both[1]}; if it is {both[0]}, write no sign between thousands",
        )
    return Decimals(
        unclear=f"{where(at)}, `{name}`: `{word}` may be {both[0]} or {both[1]}: write "
        "a decimal point, and no sign between thousands"
    )


def parse_numbers(
    words: Sequence[str], decimals: Decimals
) -> tuple[np.ndarray, int | None]:
    """The numbers of a column, and the number of the first word that is none."""
    if not decimals.comma and all(map(NUMBER.fullmatch, words)):
        return np.array(words, float), None
    parse, values = decimals.parse, np.full(len(words), np.nan)
    for n, word in enumerate(words):
        value = parse(word)
        if value is None:
            return values, n
        values[n] = value
    return values, None


def _plain(word: str) -> str:
    """`word` with a plain minus sign, and without marks between thousands."""
    if word.isascii() and "'" not in word:
        return word
    word = word.translate(_UNMARKED) if _BY_MARK.fullmatch(word) else word
    return word.replace("−", "-")
