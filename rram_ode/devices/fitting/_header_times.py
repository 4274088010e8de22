"""Times in the names of columns, as people write them: `10 s`, `t=1h`, `10^4 s`.

A name is read only where it has one meaning. All of it counts: no digit and no sign is
passed over.
"""

import math
import re
import unicodedata
from typing import NamedTuple

from ..._core._column_units import parse_unit, plain_text
from ._roles import ANY, READ, TIME


_BEFORE = {"after", "at"}  # words before a time, besides those of reads and times
_WORDS = READ | ANY | TIME | _BEFORE
_AS_PROGRAMMED = re.compile(r"as[\s_-]*programmed", re.IGNORECASE)  # 0 s
# The first digit that is no part of a word: words such as `read1` are numbered.
_FIRST = re.compile(r"(?<![a-zA-Z\d])(?:\d|[.,]\d)")
_SIGNS = re.compile(r"[\s_@=~≈+:.,#()\[\]-]*")  # what may stand beside words
_WORD = re.compile(r"([a-zA-Z]+)\d*")
_DIGITS = r"(?:\d(?:[\d.,'’ _]*\d)?|[.,]\d+)\.?"
_NUMBER = rf"{_DIGITS}(?:[eE][-+]?\d+)?"
_TERM = re.compile(rf"[\s_]*(?P<number>{_NUMBER})[\s_]*(?P<unit>[a-zA-Z]+)")
_POWER = re.compile(
    rf"(?:(?P<times>{_DIGITS})\s*[xX×*·]\s*)?10\s*(?:\^|\*\*)\s*"
    r"[({]?(?P<power>[-+]?\d+)[)}]?\s*(?P<unit>[a-zA-Z]+)"
)
_FRACTION = re.compile(
    r"(?:(?P<whole>\d+)\s+)?(?P<over>\d+)\s*/\s*(?P<under>\d+)\s*(?P<unit>[a-zA-Z]+)"
)
_CLOCK = re.compile(
    r"(?:(?P<days>\d+)\s*days?,?\s+)?(?P<first>\d+):(?P<second>\d\d)"
    r"(?::(?P<third>\d\d(?:\.\d+)?))?\s*(?P<unit>[a-zA-Z]*)"
)
_LAST_UNIT = re.compile(r"(?:[\d.][\s_]*|\d[)}]\s*)([a-zA-Z]+)$")
_MARKED = re.compile(r"[1-9]\d{0,2}([ '’_])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
_BY_COMMA = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_BY_POINT = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_DECIMAL = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+")
_UNEVEN = re.compile(r"mo|mon|mth|months?|y|yrs?|years?", re.IGNORECASE)
_SUPER = {ord(sign): str(n) for n, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_SUPER |= {ord("⁻"): "-", ord("⁺"): "+"}


class HeaderTime(NamedTuple):
    """The time that a name says.

    Attributes:
        seconds: Seconds after programming; NaN if that is in doubt.
        doubt: Why, and what to write, as the end of a sentence about the name; "" if it
            has one meaning.
    """

    seconds: float
    doubt: str = ""


class _DoubtError(ValueError):
    """A time that may be several, or none."""


def spelled_out(name: str) -> str:
    """`name` with `^3` for a raised 3, and ` 1/2` for the sign of a half."""
    raised = re.compile(f"[{''.join(map(chr, _SUPER))}]+")
    name = raised.sub(lambda found: "^" + found[0].translate(_SUPER), name)
    sign = lambda each: (
        f" {unicodedata.normalize('NFKC', each)}"
        if unicodedata.decomposition(each).startswith("<fraction>")
        else each
    )
    return "".join(map(sign, name)).replace("⁄", "/").strip()


def header_time(name: str, *, comma: bool = False) -> HeaderTime | None:
    """The time that `name` says, or `None` if it is the name of something else.

    Args:
        name: A name without the unit and the voltage of what was read.
        comma: Whether the file has decimal commas, so that a point may part thousands.
    """
    name = plain_text(spelled_out(name)).strip(" _)]")
    if _AS_PROGRAMMED.fullmatch(name):
        return HeaderTime(0.0)
    first = _FIRST.search(name)
    if first is None:
        return None
    head, tail = name[: first.start()], name[first.start() :]
    is_bound = head.rstrip().endswith(("<", ">", "≤", "≥"))
    words = _words(head.rstrip(" <>≤≥"))
    tail, after = _without_words(tail)
    if words is None or not {*words, *after} <= _WORDS:
        return None
    if not _ends_in_time(tail):
        return None
    try:
        if is_bound:
            raise _DoubtError("is a bound: write the time of the reads")
        if re.search(r"(?:^|[\s=@(\[_:])[-–—]$", head) or head.strip() in ("-", "–"):
            raise _DoubtError("is a time before programming: leave that column out")
        if re.match(r"\d{1,3}[ _]\d{3}(?!\d)", tail) and _is_numbered(head):
            raise _DoubtError(
                "may have a number of the read, or one between thousands: write the "
                "time without a space, such as `1600 s`"
            )
        return HeaderTime(_seconds(tail, comma))
    except _DoubtError as doubt:
        return HeaderTime(math.nan, str(doubt))


def _words(text: str) -> list[str] | None:
    """The words of a part of a name without their numbers; `None` if it has others."""
    if not _SIGNS.fullmatch(_WORD.sub("", text)):
        return None
    return [word.lower() for word in _WORD.findall(text)]


def _is_numbered(head: str) -> bool:
    """Whether a read's number may follow these words: `read 1`, and not `after 1`."""
    found = re.search(r"([a-zA-Z]+)[\s_]+$", head)
    return found is not None and found[1].lower() not in _BEFORE


def _without_words(tail: str) -> tuple[str, list[str]]:
    """A time without words after it, as in `10s_read`, and these words."""
    found, after = re.search(r"(?<=[a-zA-Z])[\s_]+([a-zA-Z]+)$", tail), []
    while found is not None:
        after.append(found[1].lower())
        tail = tail[: found.start()]
        found = re.search(r"(?<=[a-zA-Z])[\s_]+([a-zA-Z]+)$", tail)
    return tail, after


def _ends_in_time(tail: str) -> bool:
    if _CLOCK.fullmatch(tail):
        return True
    found = _LAST_UNIT.search(tail)
    if found is None:
        return False
    return _scale(found[1]) is not None or _is_uneven(found[1])


def _is_uneven(unit: str) -> bool:
    return unit == "m" or _UNEVEN.fullmatch(unit) is not None


def _scale(unit: str) -> float | None:
    """Seconds in a unit of time; `None` if it is none."""
    found = parse_unit(unit)
    return found.factor if found is not None and found.base == "s" else None


def _require_scale(unit: str) -> float:
    if unit == "m":
        raise _DoubtError("may be minutes or months: write `min`, or days")
    if _is_uneven(unit):
        raise _DoubtError(f"has no even length (`{unit}`): write days")
    scale = _scale(unit)
    if scale is None:
        raise _DoubtError(_UNREADABLE)
    return scale


_UNREADABLE = (
    "is no time that can be read: write one number with its unit, such as `3600 s`"
)


def _seconds(text: str, comma: bool) -> float:
    """The seconds of a time, of which all is a number and a unit."""
    if (found := _POWER.fullmatch(text)) is not None:
        times = _number(found["times"], comma) if found["times"] else 1.0
        seconds = times * float(f"1e{found['power']}") * _require_scale(found["unit"])
    elif (found := _FRACTION.fullmatch(text)) is not None:
        if int(found["under"]) == 0:
            raise _DoubtError(_UNREADABLE)
        part = int(found["over"]) / int(found["under"])
        seconds = (int(found["whole"] or 0) + part) * _require_scale(found["unit"])
    elif (found := _CLOCK.fullmatch(text)) is not None:
        seconds = _of_clock(found)
    else:
        seconds = _of_terms(text, comma)
    if not math.isfinite(seconds):
        raise _DoubtError(_UNREADABLE)
    return seconds


def _of_clock(found: re.Match[str]) -> float:
    """Seconds of `1:30 h`, `1:30 min` and `0:01:30`."""
    unit, third = found["unit"], found["third"]
    scale = _require_scale(unit) if unit else 3600.0
    if not unit and third is None:
        raise _DoubtError("may be hours or minutes: write its unit, such as `0:30 h`")
    second, last = int(found["second"]), float(third or 0)
    is_even = scale == 3600.0 or (scale == 60.0 and third is None)
    if not is_even or second >= 60 or last >= 60:
        raise _DoubtError(_UNREADABLE)
    days = 86400.0 * int(found["days"] or 0)
    return days + scale * (int(found["first"]) + second / 60) + last


def _of_terms(text: str, comma: bool) -> float:
    """Seconds of `90 min` and of `1h30min`, whose units become smaller."""
    at, seconds, larger = 0, 0.0, math.inf
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            raise _DoubtError(_UNREADABLE)
        scale = _require_scale(found["unit"])
        term = _number(found["number"], comma) * scale
        if scale >= larger or term >= larger:
            raise _DoubtError(_UNREADABLE)
        at, seconds, larger = found.end(), seconds + term, scale
    return seconds


def _number(text: str, comma: bool) -> float:
    digits, *power = re.split("[eE]", text)
    exponent = float(f"1e{power[0]}") if power else 1.0
    if _MARKED.fullmatch(digits):
        digits = re.sub("[ '’_]", "", digits)
        return float(digits.replace(",", ".")) * exponent
    for kind, mark, point, is_usual in (
        (_BY_COMMA, ",", ".", False),
        (_BY_POINT, ".", ",", not comma),
    ):
        if kind.fullmatch(digits):
            if digits.count(mark) == 1 and point not in digits:
                # `1.234 h` in a file of decimal points; `1.000 s` may be either.
                if is_usual and not digits.endswith("000"):
                    break
                both = digits.replace(mark, ""), digits.replace(mark, ".")
                raise _DoubtError(
                    f"may be {both[0]} or {both[1]}: write one without the `{mark}`, "
                    "or in another unit"
                )
            return float(digits.replace(mark, "").replace(point, ".")) * exponent
    if not _DECIMAL.fullmatch(digits):
        raise _DoubtError(_UNREADABLE)
    return float(digits.replace(",", ".")) * exponent
