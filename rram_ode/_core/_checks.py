"""Rules that numbers must keep, checked where the numbers are concrete."""

import math

from jax.core import Tracer
from jaxtyping import Array


def is_concrete(*values: Array) -> bool:
    """Whether all of `values` are numbers that a check can look at, and no tracers."""
    return not any(isinstance(value, Tracer) for value in values)


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
