"""Prefixes of units, and numbers as text where they leave the program."""

import math


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
