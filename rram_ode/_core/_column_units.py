"""Units in the names of columns, as people write them: `target_uS`, `R (kΩ)`."""

import dataclasses
import math
import re
import unicodedata

from ._units import PREFIXES


_BASES = {
    "S": ("S", "siemens", "mho", "℧"),
    "ohm": ("ohm", "ohms", "Ω"),
    "V": ("V", "volt", "volts"),
    "A": ("A", "amp", "amps", "ampere", "amperes"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "Hz": ("Hz", "hertz"),
}
_LONGER = {
    "min": ("s", 60.0),
    "mins": ("s", 60.0),
    "minute": ("s", 60.0),
    "minutes": ("s", 60.0),
    "h": ("s", 3600.0),
    "hr": ("s", 3600.0),
    "hrs": ("s", 3600.0),
    "hour": ("s", 3600.0),
    "hours": ("s", 3600.0),
    "d": ("s", 86400.0),
    "day": ("s", 86400.0),
    "days": ("s", 86400.0),
    "wk": ("s", 604800.0),
    "wks": ("s", 604800.0),
    "week": ("s", 604800.0),
    "weeks": ("s", 604800.0),
}
_WORDS = {"kilo": 1e3, "mega": 1e6, "meg": 1e6, "giga": 1e9, "milli": 1e-3}
_WORDS |= {"micro": 1e-6, "nano": 1e-9, "pico": 1e-12, "femto": 1e-15}
_INVERSE = re.compile(r"1/(.+)|(.+)(?:\^-1|\^\(-1\)|\*\*-1|⁻¹)")
_BRACKETS = re.compile(r"(.*?)[\s_]*[\[({]\s*([^\[\](){}]*?)\s*[\])}]\s*")
_LOG = re.compile(r"(?<![a-z\d])(?P<log>log_?10|lg|ln)(?![a-z\d])", re.IGNORECASE)
_AT = re.compile(
    r"[\s_]*(?:@|(?<![a-z])at(?![a-z])|\()[\s_]*([-+]?[\d.]+(?:e-?\d+)?)[\s_]*([mu]?V)\)?",
    re.IGNORECASE,
)


@dataclasses.dataclass(frozen=True)
class Unit:
    """A unit in base units.

    Args:
        base: `S`, `ohm`, `V`, `A`, `s` or `Hz`.
        factor: Base units in one of it.
    """

    base: str
    factor: float


@dataclasses.dataclass(frozen=True)
class ColumnName:
    """What the name of a column says.

    Args:
        words: The words of the name in small letters, without the unit.
        unit: Its unit; `None` if there is none that is known.
        text: The unit as it is written; "" if there is none.
        volts: The voltage at which a current was read, if the name says it, in volts.
        base_of_log: What to raise to a value to have it in the unit; `None` where the
            values are not logarithms.
    """

    words: tuple[str, ...]
    unit: Unit | None
    text: str = ""
    volts: float | None = None
    base_of_log: float | None = None


def parse_unit(text: str) -> Unit | None:
    """The unit that `text` is, with its prefix; `None` if it is none that is known.

    A prefix is as in SI, with both signs of micro; `K` is kilo before an ohm alone, and
    `Meg` is mega, as engineers write them.
    """
    text = plain_text(text).strip().strip("[](){}").strip()
    inverse = _INVERSE.fullmatch(text)
    if inverse is not None:
        inner = parse_unit(inverse[1] or inverse[2])
        if inner is None or inner.base not in ("ohm", "S"):
            return None
        return Unit("S" if inner.base == "ohm" else "ohm", 1 / inner.factor)
    if text in _LONGER or text.lower() in _LONGER and len(text) > 1:
        return Unit(*_LONGER.get(text, _LONGER.get(text.lower(), ("s", 1.0))))
    for base, names in _BASES.items():
        for name in names:
            factor = _factor(text, name, base)
            if factor is not None:
                return Unit(base, factor)
    return None


def _factor(text: str, name: str, base: str) -> float | None:
    """The prefix before `name`; a long name may be in any case, a letter may not."""
    if len(name) > 1 and name != "Hz":
        if not text.lower().endswith(name):
            return None
        prefix = text[: len(text) - len(name)].strip()
    else:
        if not text.endswith(name):
            return None
        prefix = text.removesuffix(name).strip()
    if prefix in PREFIXES:
        return PREFIXES[prefix]
    if prefix == "K" and base == "ohm":
        return 1e3
    return _WORDS.get(prefix.lower())


def parse_name(name: str, unit: str = "") -> ColumnName:
    """The words and the unit of a column's name.

    Args:
        name: As in the file. The unit is in brackets, after a slash, or the last word.
        unit: The unit from a row under the names; "" if there is none.

    Raises:
        ValueError: If the name and the row name two units.
    """
    stem, volts, base_of_log = bare_name(name)
    stem, text = apart(stem)
    of_name = parse_unit(text) if text else None
    of_row = parse_unit(unit) if unit else None
    if of_name is not None and of_row is not None and of_name != of_row:
        raise ValueError(f"`{name}` names two units, `{text}` and `{unit}`")
    words = re.findall(r"[a-z]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem).lower())
    known = of_name or of_row
    return ColumnName(tuple(words), known, text or unit, volts, base_of_log)


def bare_name(name: str) -> tuple[str, float | None, float | None]:
    """A name without its voltage and logarithm; the voltage, the logarithm's base.

    Raises:
        ValueError: If the voltage has no unit of one.
    """
    stem, base_of_log = _without_log(plain_text(name))
    at = _AT.search(stem)
    if at is None:
        return stem, None, base_of_log
    found = parse_unit(at[2][:-1] + "V")  # `200mv` is meant as `200mV`
    if found is None:
        raise ValueError(f"`{name}`: `{at[2]}` is no unit of a voltage")
    try:
        volts = float(at[1]) * found.factor
    except ValueError:
        volts = None
    return stem[: at.start()] + stem[at.end() :], volts, base_of_log


def _without_log(name: str) -> tuple[str, float | None]:
    """A name without the sign of a logarithm, and the logarithm's base."""
    found = _LOG.search(name)
    if found is None:
        return name, None
    base = math.e if found["log"].lower() == "ln" else 10.0
    rest = name[found.end() :]
    if rest.startswith("(") and rest.endswith(")") and rest.count("(") == 1:
        rest = rest[1:-1]
    joint = "_" if name[: found.start()] and rest else ""
    return (name[: found.start()].strip(" _") + joint + rest.strip(" _")), base


def apart(name: str) -> tuple[str, str]:
    """A name without its unit, and the unit."""
    name = name.strip()
    brackets = _BRACKETS.fullmatch(name)
    if brackets is not None and brackets[2]:
        return brackets[1], brackets[2]
    for pattern in (r"(.+?)\s*/\s*(\S.*)", r"(.+)[\s_](\S+)", r"(.+)[-.](\S+)"):
        found = re.fullmatch(pattern, name)
        if found is not None and parse_unit(found[2]) is not None:
            return found[1], found[2]
    # `name` alone, or with a last word that could have been meant as a unit.
    stem, _, last = name.rpartition("_")
    return (stem, last) if stem and _looks_like_unit(last) else (name, "")


def _looks_like_unit(text: str) -> bool:
    """Whether a word is a unit but for its letters' case: `us` on a conductance."""
    return text.lower() in ("us", "ns", "ms", "ua", "na", "ma", "uv", "mv", "a", "v")


def plain_text(text: str) -> str:
    """`text` with one sign for each of micro and ohm, and plain minus signs."""
    text = unicodedata.normalize("NFKC", text)
    return text.replace("μ", "u").replace("µ", "u").replace("−", "-")
