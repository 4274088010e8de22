"""Numbers as the text of a view: any value has one, also NaN and a traced one."""

import math
from typing import Any

import numpy as np

from .._core._units import format_quantity


TRACED = "traced"  # inside `jax.jit` a number has no value yet


def values_of(value: Any) -> np.ndarray | None:
    """The numbers of an array or a number; `None` if it has none.

    A traced array has none yet, a deleted one none any more, and in a tree of shapes
    there never was one.
    """
    try:
        return np.asarray(value, float)
    except (TypeError, RuntimeError):
        return None


def number_text(value: Any, digits: int = 3) -> str:
    """A number with `digits` digits, the ends of several, or `traced` without value."""
    return quantity_text(value, "", digits)


def quantity_text(value: Any, unit: str, digits: int = 3) -> str:
    """A quantity in SI base units with its prefix and unit, such as `20 µs`.

    Args:
        value: A number, or an array, of which the smallest and the largest are shown.
        unit: Its unit, or "" for none.
        digits: Number of digits.
    """
    numbers = values_of(value)
    if numbers is None:
        return TRACED
    if not numbers.size:
        return "none"
    if np.isnan(numbers).all():
        return "NaN"
    ends = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    texts = dict.fromkeys(_one(end, unit, digits) for end in ends)
    return " to ".join(texts)


def _one(value: float, unit: str, digits: int) -> str:
    text = format_quantity(value, unit, digits)
    return text.replace(" u", " µ", 1) if math.isfinite(value) else text


def percent_text(fraction: Any) -> str:
    """A fraction in percent: `0 %`, `0.03 %`, `12 %`; of several their range."""
    numbers = values_of(fraction)
    return TRACED if numbers is None else f"{number_text(100 * numbers, 2)} %"


def span_text(value: Any, low: Any, high: Any) -> str:
    """A value with its interval in brackets: `0.63 (0.21 to 1.2)`."""
    return f"{number_text(value)} ({number_text(low)} to {number_text(high)})"
