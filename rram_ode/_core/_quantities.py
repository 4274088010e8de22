"""Numbers as engineers write them: `20us`, `100k`, `4k7`, `1Meg`, `2V/us`, `85C`."""

import math
import re
from typing import NamedTuple

from ._units import format_quantity, PREFIXES


class Quantity(NamedTuple):
    """A number that was read from text.

    Args:
        value: The number, in the base unit.
        said: How the text was read where it could mean something else; else empty.
    """

    value: float
    said: str = ""


# SPICE writes `1Meg` for a million in any case, `1T`, and `1K` for a thousand.
SCALES = {**PREFIXES, "Meg": 1e6, "MEG": 1e6, "meg": 1e6, "K": 1e3, "T": 1e12}


# What stands for a unit in data sheets, beside its own name.
SPELLINGS = {
    "ohm": ("Ohm", "OHM", "ohms", "Ohms", "R"),
    "S": ("siemens", "mho"),
    "Hz": ("hz", "HZ", "hertz", "sps", "Sps", "SPS"),
    "V": ("v", "volt", "volts"),
    "A": ("amp", "amps"),
    "F": ("f", "farad", "farads"),
    "s": ("sec", "secs", "second", "seconds"),
}


DAY = 86_400.0
TIMES = {
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("wk", "week", "weeks"), 7 * DAY),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), 365.25 * DAY),
}


RATIOS = {"%": 1e-2, "‰": 1e-3, "ppm": 1e-6, "ppb": 1e-9}


CELSIUS = ("C", "degC", "celsius", "Celsius")
ZERO_CELSIUS = 273.15


ROOTS = ("sqrt(Hz)", "sqrtHz", "rtHz", "rt(Hz)", "rootHz", "Hz^0.5", "Hz^1/2")


RECIPROCALS = {"ohm": "S", "S": "ohm", "s": "Hz", "Hz": "s"}


# Letters that stand for the decimal point in `4k7`, `4R7`, `2n2` and `3V3`.
POINTS = {"ohm": "RkKMGm", "F": "munpf", "V": "V"}


_SIGNS = {
    **dict.fromkeys("µμ", "u"),
    **dict.fromkeys("Ω\N{OHM SIGN}", "ohm"),
    "\N{INVERTED OHM SIGN}": "S",
    "\N{DEGREE CELSIUS}": "degC",
    "°": "deg",
    "√": "sqrt",
    "²": "^2",
    **dict.fromkeys("·⋅×*", " "),
    **dict.fromkeys("−–", "-"),
    **dict.fromkeys("\u00a0\u2009\u202f", " "),
}


_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL)


def parse_quantity(text: str, unit: str) -> float:
    """The value of `text` in the base unit `unit`, as `read_quantity` reads it."""
    return read_quantity(text, unit).value


def read_quantity(text: str, unit: str, *, is_difference: bool = False) -> Quantity:
    """The value of `text` in the base unit `unit`: `20us` in `s` is 2e-05.

    A number without a unit is in the base unit, and a prefix may stand alone (`30p`).
    Where two readings are usual (`5m` of seconds, `50mhz`), none is taken.

    Args:
        text: A number with a unit, a prefix, or neither.
        unit: The base unit; empty for a pure number, which may be in %, ppm or dB.
        is_difference: Whether kelvins are those of a difference: 10 C are 10 K then.

    Raises:
        ValueError: If `text` is not a finite number, has another unit, or may mean two
            things.
    """
    clean = "".join(_SIGNS.get(letter, letter) for letter in text).strip()
    if re.match(r"[-+]?[\d.]*,\d", clean):
        raise ValueError(_comma(text, clean))
    match = _NUMBER.fullmatch(_pointed(clean, unit) or clean)
    if match is None:
        raise ValueError(f"`{text}` is not a number" + (f" in {unit}" if unit else ""))
    number, suffix = float(match[1]), re.sub(r"\s", "", match[2])
    if suffix == "dB" and not unit:
        value = 10 ** (number / 20) if number < 6000 else math.inf
        found = Quantity(value, f"`{text}` is a ratio of amplitudes of {value:.4g}")
    elif unit == "K" and suffix in CELSIUS:
        value = number if is_difference else round(number + ZERO_CELSIUS, 9)
        found = Quantity(value, f"`{text}`, in degrees Celsius, is {value:.6g} K")
    else:
        scale = _scale(suffix, unit)
        if scale is None:
            raise ValueError(_refusal(text, number, suffix, unit))
        value = float(f"{number * scale:.15g}") if scale != 1 else number
        # Of `1M`, SI and SPICE disagree by nine decades.
        said = f"`{text}` is {value:g} {unit}".rstrip() + "; SPICE reads a milli there"
        found = Quantity(value, said if suffix == "M" else "")
    if not math.isfinite(found.value):
        raise ValueError(f"`{text}` is not finite")
    return found


def _comma(text: str, clean: str) -> str:
    """Why a text with a comma is refused, with what to write."""
    said = f"`{clean.replace('.', '').replace(',', '.', 1)}` for decimals"
    if re.match(r"[-+]?\d{1,3}(,\d{3})+(?![\d,])", clean):
        said += f", or `{clean.replace(',', '')}` for thousands"
    return f"`{text}` has a comma, which may part decimals or thousands: write {said}"


def _pointed(text: str, unit: str) -> str | None:
    """`4k7` as `4.7k`; `None` where no letter stands for the point."""
    letters = POINTS.get(unit)
    match = re.fullmatch(rf"([-+]?\d+)([{letters}])(\d+)(?:{unit})?", text)
    return f"{match[1]}.{match[3]}{match[2]}" if letters and match else None


def _scale(suffix: str, unit: str) -> float | None:
    """What a number with `suffix` is multiplied by; `None` if it is no such unit."""
    if suffix == "":
        return 1.0
    if unit == "":
        over = suffix.split("/")
        if len(over) == 2:  # an open-loop gain of 100 V/mV
            return _over(_of(over[0], "V"), _of(over[1], "V"))
        return RATIOS.get(suffix) or SCALES.get(suffix)
    # A lone m of seconds may be minutes, and a lone k of kelvins kelvins.
    if suffix in SCALES and not (unit == "s" and suffix in "mM" or unit == "K"):
        return SCALES[suffix]
    if unit == "s" and suffix in TIMES:
        return TIMES[suffix]
    top, _, bottom = unit.partition("/")
    if not bottom:
        return _of(suffix, unit)
    own, _, under = suffix.partition("/")
    if bottom == "sqrt(Hz)":
        return _of(own, top) if under in ROOTS else None
    if top == "1":
        first = 1.0 if own in ("", "1") else RATIOS.get(own)
    else:
        first = _of(own, top)
    if bottom == "K" and under in CELSIUS:
        return first
    return _over(first, _of(under, bottom))


def _over(top: float | None, bottom: float | None) -> float | None:
    return None if top is None or bottom is None else top / bottom


def _of(text: str, unit: str) -> float | None:
    """The scale of a unit without a quotient, with its prefix."""
    first, space, second = unit.partition(" ")
    if space and "(" not in unit:  # V s, of two units with a prefix each
        for cut in range(1, len(text)):
            scales = _of(text[:cut], first), _of(text[cut:], second)
            if None not in scales:
                return math.prod(s for s in scales if s is not None)
        return None
    for name in (unit.replace(" ", ""), *SPELLINGS.get(unit, ())):
        prefix = text.removesuffix(name) if text.endswith(name) else None
        if name == "hz" and prefix == "m":  # mHz, or MHz in small letters
            continue
        if prefix in SCALES and not (unit == "K" and prefix == "K"):
            return SCALES[prefix] ** (2 if unit.endswith("^2") else 1)  # (um)^2
    return None


def _refusal(text: str, number: float, suffix: str, unit: str) -> str:
    """Why a text is refused, with what to write."""
    if suffix == "mhz" and unit == "Hz":
        return f"`{text}` may be megahertz or millihertz: write MHz or mHz"
    if unit == "s" and suffix in ("m", "M"):
        return f"`{text}` may be milliseconds, minutes or months: write ms, min or d"
    if unit == "K" and suffix in ("F", "degF"):
        kelvin = (number - 32) / 1.8 + ZERO_CELSIUS
        return f"`{text}` is in degrees Fahrenheit: write `{kelvin:.5g}K`"
    kind = f"{unit}, with a prefix if you like (u{unit})" if unit else "none, or %"
    said = f"`{text}` has the unit `{suffix}`; this value takes {kind}"
    other = RECIPROCALS.get(unit, "")
    scale = _scale(suffix, other) if other and suffix not in SCALES else None
    if scale is not None and number:
        value = format_quantity(1 / (number * scale), unit).replace(" ", "")
        said += f": 1 / `{text}` is `{value}`"
    if unit and suffix in (*RATIOS, "dB"):
        said += ", and is no ratio"
    return said
