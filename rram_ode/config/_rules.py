"""Rules that the numbers of a configuration must keep."""

import math

from ._overrides import read
from ._run import RunConfig


def require_positive(config: RunConfig, *names: str, zero: bool = False) -> None:
    """Refuse a configuration in which a number of these `names` is not positive."""
    for name in names:
        require(name, read(config, name), zero)


def require(name: str, value: float | int | None, zero: bool = False) -> None:
    """Refuse a `value` that is not positive (`zero`: 0 or more); `None` passes."""
    if value is not None and not (value > 0 or (zero and value == 0)):
        rule = "0 or more" if zero else "positive"
        raise ValueError(f"`{name}` must be {rule}; got {value:g}.")


def require_below(name: str, value: float, most: float, why: str) -> None:
    """Refuse a `value` that is not between 0 and `most`, for the reason `why`."""
    if not 0 <= value < most:
        raise ValueError(
            f"`{name}` must be 0 or more and below {most:g}, {why}; got {value:g}."
        )


def limit(volts: float | None) -> float:
    """The limit in volts: infinite for `None`."""
    return math.inf if volts is None else volts
