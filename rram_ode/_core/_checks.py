"""Rules that values must keep; numbers are checked where they are concrete."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

from jax.core import Tracer
from jaxtyping import Array


def is_concrete(*values: Array) -> bool:
    """Whether all of `values` are numbers that a check can look at, and no tracers."""
    return not any(isinstance(value, Tracer) for value in values)


def place_of(name: str, value: str, choices: Sequence[str]) -> int:
    """Where `value`, called `name`, stands in `choices`.

    Raises:
        ValueError: If it is none of them; the message lists them.
    """
    if value not in choices:
        raise ValueError(
            f"`{name}` must be one of {', '.join(choices)}; got `{value}`. Take one of "
            "them."
        )
    return list(choices).index(value)


def whole_number(name: str, value: Any, low: int, high: int) -> None:
    """Raise a `ValueError` if `value` is no whole number from `low` to `high`."""
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or not low <= int(value) <= high:
        raise ValueError(
            f"`{name}` must be a whole number between {low} and {high}; got {value}."
        )


def non_negative(name: str, value: Array, unit: str) -> None:
    """Raise a `ValueError` if `value` is concrete, and negative or not finite."""
    if not is_concrete(value):
        return
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(
            f"`{name}` must be 0 or more, in {unit}; got {float(value):g}."
        )


def positive(name: str, value: Array, unit: str) -> None:
    """Raise a `ValueError` if `value` is concrete and not above 0; infinity passes."""
    if is_concrete(value) and not float(value) > 0:
        raise ValueError(f"`{name}` must be positive, in {unit}; got {float(value):g}.")
