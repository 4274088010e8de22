"""Columns of reads at one time: what their names, and the rows above, say of them."""

import dataclasses
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from ..._core._column_units import (
    apart,
    bare_name,
    ColumnName,
    parse_name,
    parse_unit,
    plain_text,
)
from ..._core._sheet import SheetColumn
from ._header_times import header_time, HeaderTime, spelled_out
from ._roles import ABOUT, CHANGED, CURRENT


_ABOUT_SIGNS = re.compile("[±σδ∆]")  # in small letters, as δ is that of Δ
_IN_BRACKETS = re.compile(r"\s*[\[(]\s*([^\[\]()]+?)\s*[\])]")
# A unit of two letters or more before the time: `read_uS_1s`, `G/uS (1s)`.
_INNER = re.compile(r"[\s_/]+([a-zA-ZµμΩ]{2,})(?=[\s_@(])")
_AGAIN = re.compile(r"(.+)\.\d+")  # as pandas names a column whose name is taken


class Reads(NamedTuple):
    """A column of reads at one time.

    Attributes:
        column: The column.
        time: The time that its name says.
        kind: The unit, voltage and logarithm that its name, or a row above, says.
        above: The words of the row above that say the unit; "" if the name does.
    """

    column: SheetColumn
    time: HeaderTime
    kind: ColumnName
    above: str = ""


def find_reads(column: SheetColumn, columns: Sequence[SheetColumn]) -> Reads | None:
    """What a column of reads says of them; `None` for a column of something else.

    Args:
        column: The column.
        columns: All columns of its sheet.
    """
    name = column.name
    again = _AGAIN.fullmatch(name)
    if again is not None and any(other.name == again[1] for other in columns):
        name = again[1]
    text, volts, base_of_log = bare_name(spelled_out(name))
    stem, unit = apart(text)
    if not _is_current(unit):
        stem, unit = text, ""
        inner = [*_INNER.finditer(text), *_IN_BRACKETS.finditer(text)]
        for found in inner:
            if _is_current(found[1]):
                stem, unit = text[: found.start()] + text[found.end() :], found[1]
    time = header_time(stem, comma=any(each.decimals.comma for each in columns))
    groups = [w for w in column.above if not all(w in c.above for c in columns)]
    if time is None or any(map(is_about, groups)):
        return None
    changed = [words for words in groups if is_changed(words)]
    if changed:
        time = HeaderTime(math.nan, f"is below `{changed[0]}`: write plain reads")
    unit = unit or plain_text(column.unit)
    kind = ColumnName((), parse_unit(unit) if unit else None, unit, volts, base_of_log)
    for words in () if unit else column.above:
        over = parse_name(spelled_out(words))
        if over.unit is not None and over.unit.base in CURRENT:
            return Reads(column, time, dataclasses.replace(over, words=()), words)
    return Reads(column, time, kind)


def is_about(name: str) -> bool:
    """Whether a name is that of numbers about reads, such as an error or a change."""
    return bool(_words(name) & ABOUT or _ABOUT_SIGNS.search(name.lower()))


def is_changed(name: str) -> bool:
    """Whether a name is that of values in no unit, such as percent."""
    name = bare_name(name)[0]  # a stated logarithm is undone
    return bool(_words(name) & CHANGED or re.search("[%‰]", name))


def _words(name: str) -> set[str]:
    return set(re.findall("[a-z]+", plain_text(name).lower()))


def _is_current(unit: str) -> bool:
    found = parse_unit(unit) if unit else None
    return found is not None and found.base in CURRENT
