"""Numbers with units as text: prefixes where a number enters or leaves the program."""

import math
import re


PREFIXES = {
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "µ": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}


_NUMBER = re.compile(
    r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*((?:\S+(?: \S+)*)?)\s*"
)


def parse_quantity(text: str, unit: str) -> float:
    """The value of `text` in the base unit `unit`: `20us` in `s` is 2e-05.

    A number without a unit is in the base unit. A prefix stands before a unit, never
    alone. `ohm` and `Hz` are written out.

    Raises:
        ValueError: If `text` is not a finite number, or has another unit.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is not a number" + (f" in {unit}" if unit else ""))
    number, suffix = float(match[1]), match[2]
    if suffix:
        prefix = suffix.removesuffix(unit) if unit and suffix.endswith(unit) else None
        if prefix not in PREFIXES:
            raise ValueError(
                f"`{text}` has the unit `{suffix}`; this value takes "
                + (f"{unit}, with a prefix if you like (u{unit})" if unit else "none")
            )
        number = float(f"{number * PREFIXES[prefix]:.15g}")
    if not math.isfinite(number):
        raise ValueError(f"`{text}` is not finite")
    return number


def format_quantity(value: float, unit: str, digits: int = 4) -> str:
    """`value` with the prefix that leaves one to three digits before the point."""
    if value == 0 or not math.isfinite(value) or not unit:
        return f"{value:.{digits}g} {unit}".strip()
    named = sorted((f, p) for p, f in PREFIXES.items() if p != "µ")
    factor, prefix = named[0]
    for candidate, name in named:
        if abs(value) >= candidate * (1 - 1e-12):
            factor, prefix = candidate, name
    return f"{value / factor:.{digits}g} {prefix}{unit}"
