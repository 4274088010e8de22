"""Rows of words as named columns: the names, the units under them, and the values."""

import collections
import dataclasses
import pathlib
from typing import NamedTuple

from ._column_units import parse_unit
from ._numbers import is_missing, is_number
from ._text_rows import Row, Rows, SAMPLE


LABELS = ("label", "labels", "class", "classes")  # columns that hold classes
NO_UNIT = ("", "-", "--", "#", "1", "a.u.", "none", "[]", "()", "[-]", "(-)")


class Named(NamedTuple):
    """The columns of a table.

    Attributes:
        names: Name of each; `None` if no row names them.
        units: Unit of each from a row under the names; "" if there is none.
        rows: The rows of values, each as long as `units`.
        notes: What was left out.
        above: Words in rows above the names that stand over each column, the nearest
            row first; a word stands over the blank columns after it, as merged cells.
    """

    names: list[str] | None
    units: list[str]
    rows: list[Row]
    notes: list[str]
    above: list[tuple[str, ...]]


def find_header(path: pathlib.Path, found: Rows) -> Named:
    """The header and the values.

    Raises:
        ValueError: If there are no values, or a row is not as long as the header.
    """
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
    used = [n for n in range(width) if any(_at(row, n) for row in rows[start:])]
    head = _names(rows[:start], width, used)
    if head is None:
        head = _with_row_names(rows, start, width)
    if head is None:
        while start and _is_missing(rows[start - 1], width):
            start -= 1
    names, units, first = head if head is not None else (None, [""] * width, start)
    data = [row for row in rows[first:] if not row.is_comment]
    for row in data:
        if len(row.words) != width and any(row.words[width:]) | (
            len(row.words) < width
        ):
            raise ValueError(
                f"`{path}`: {kind} {row.place} has {len(row.words)} values, the header "
                f"has {width}."
            )
    above = (
        rows[: max(first - 1 - any(units), 0)] if names is not None else rows[:first]
    )
    notes, plain = [], [row for row in above if not row.is_comment]
    if plain:
        if any(map(_has_number, plain)) and names is None:
            raise ValueError(
                f"`{path}`: {kind} {plain[0].place} has {len(plain[0].words)} values, "
                f"{kind} {rows[first].place} has {width}."
            )
        notes.append(f"{len(plain)} {kind}s above the values were left out")
    return Named(names, units, data, notes, _over(plain, width))


def _over(above: list[Row], width: int) -> list[tuple[str, ...]]:
    """The words that stand over each column, the nearest row first."""
    found: list[tuple[str, ...]] = [()] * width
    for row in reversed(above):
        if len(row.words) < width or any(row.words[width:]):
            continue
        last = ""
        for n, word in enumerate(row.words[:width]):
            last = word or last
            found[n] += (last,) if last else ()
    return found


def _at(row: Row, n: int) -> str:
    return row.words[n] if n < len(row.words) and not row.is_comment else ""


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


def _is_missing(row: Row, width: int) -> bool:
    is_like = not row.is_comment and len(row.words) == width
    return is_like and all(map(is_missing, row.words))


def _names(
    above: list[Row], width: int, used: list[int]
) -> tuple[list[str], list[str], int] | None:
    """Names and units of the columns, and the index of the row after them.

    The nearest row above the values that could name them, one without a comment sign if
    there is any; of two such rows, the lower may be that of the units.
    """
    fits = [
        n
        for n, row in enumerate(above)
        if len(row.words) >= width
        and not any(row.words[width:])
        and not any(map(is_number, row.words))
        and not all(is_missing(row.words[c]) for c in used)
    ]
    plain = [n for n in fits if not above[n].is_comment]
    fits = plain if plain else fits
    if not fits:
        return None
    last, units = fits[-1], [""] * width
    under = [above[last].words[c] for c in used]
    known = [word for word in under if parse_unit(word) is not None]
    if known and all(word in known or word.lower() in NO_UNIT for word in under):
        if len(fits) < 2 or fits[-2] != last - 1:
            return None
        units = ["" if word.lower() in NO_UNIT else word for word in above[last].words]
        return above[last - 1].words[:width], units[:width], last + 1
    return above[last].words[:width], units, last + 1


def _with_row_names(
    rows: list[Row], start: int, width: int
) -> tuple[list[str], list[str], int] | None:
    """The header of R's tables: one name less than there are columns, of row names."""
    above = rows[start - 1] if start else None
    if above is None or above.is_comment or len(above.words) != width - 1:
        return None
    firsts = [row.words[0] for row in rows[start:] if not row.is_comment]
    if any(map(is_number, above.words)) or not numbers_rows(firsts):
        return None
    return ["", *above.words], [""] * width, start


def numbers_rows(words: list[str]) -> bool:
    """Whether the words of a column count its rows, from 0 or from 1 on."""
    return any(
        all(word == str(n) for n, word in enumerate(words, first)) for first in (0, 1)
    )


MOST_WHOLE = 0.05  # of the values beside a header of numbers (assumed)
NAMES_ALONE = 4  # numbers in turn that are a header, whatever the values are (assumed)


def names_of_points(
    path: pathlib.Path, head: Named, kind: str
) -> tuple[list[str], list[Row]]:
    """Names and values where no row of words names the columns.

    pandas names columns by numbers, 0, 1, 2, ... A first row of whole numbers is such a
    header if hardly any of the values below is whole, or if it counts the columns, or
    if it has a word in a column of numbers.

    Raises:
        ValueError: If the first row may be a header or a point.
    """
    first, *rest = head.rows
    words = [word for word in first.words if word]
    whole = [word.isdigit() for word in words]
    plain = [f"x{n}" for n in range(len(head.units))]
    if not rest or not any(whole):
        return plain, head.rows
    body = [row.words for row in rest[:SAMPLE]]
    texts = [n for n, w in enumerate(first.words) if w and not is_number(w)]
    is_named = any(
        all(is_number(row[n]) or is_missing(row[n]) for row in body)
        or first.words[n].lower() in LABELS
        for n in texts
    )
    at = [n for n, word in enumerate(first.words) if word.isdigit()]
    values = [row[n] for row in body for n in at if is_number(row[n])]
    share = sum(word.lstrip("+-").isdigit() for word in values) / max(len(values), 1)
    names = [f"x{word}" if word.isdigit() else word for word in first.words]
    if is_named or all(whole) and share < MOST_WHOLE:
        return names, rest
    if not all(whole) or not numbers_rows(words):
        return plain, head.rows
    if len(words) >= NAMES_ALONE or not first.words[0]:
        return names, rest
    raise ValueError(
        f"`{path}`: {kind} {first.place}, `{', '.join(first.words)}`, may be names of "
        "the columns or a point: name the columns in words, such as `x,y`."
    )
