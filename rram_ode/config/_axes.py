"""Values that a setting takes in a sweep, as text: ranges and lists with units."""

import dataclasses
import re
import typing
from typing import Any

from ._overrides import leaves, override_all, read, type_of
from ._run import RunConfig


MOST_VALUES = 10_000  # of one setting


_RANGE = re.compile(r"(.+):(.+):\s*(\d+)\s*(log)?\s*")


@dataclasses.dataclass(frozen=True)
class Axis:
    """A setting that a sweep goes over.

    Args:
        name: Dotted name of the setting.
        values: Its values, in SI base units.
    """

    name: str
    values: tuple[Any, ...]

    @property
    def is_numeric(self) -> bool:
        """Whether all values are numbers."""
        kinds = {type(value) for value in self.values}
        return kinds <= {int, float}


def parse_axis(config: RunConfig, text: str) -> Axis:
    """The axis that a text describes, as after `--over`.

    `PATH=a:b:N` is N values at equal distances from a to b, `PATH=a:b:Nlog` at equal
    ratios, and `PATH=a,b,c` a list. A value is written as for `--set`, with its unit.

    Args:
        config: Any configuration.
        text: The description.

    Raises:
        ValueError: If there is no such setting, or the text gives it no values.

    Example:
        >>> from rram_ode.config import parse_axis
        >>> from rram_ode.presets import find_preset
        >>> parse_axis(find_preset("ring"), "solve.duration=10us:40us:3log").values
        (1e-05, 2e-05, 4e-05)
    """
    name, equals, said = text.partition("=")
    name, flag = name.strip(), f"`--over {text}`"
    if not (equals and said.strip()):
        raise ValueError(f"{flag} must have the form PATH=a:b:N, PATH=a:b:Nlog or a,b.")
    value_of = lambda each: read(override_all(config, {name: each.strip()}), name)
    match = _RANGE.fullmatch(said)
    if name not in dict(leaves(config)):
        value_of(said)  # which says that the name is unknown
    kinds = {type_of(config, name), *typing.get_args(type_of(config, name))}
    if match is None:
        if ":" in said and kinds & {int, float}:
            raise ValueError(
                f"{flag} must have the form PATH=a:b:N, or PATH=a:b:Nlog, with a whole "
                f"number N of 2 to {MOST_VALUES}."
            )
        values = tuple(map(value_of, said.split(",")))
    else:
        if not kinds & {int, float}:
            raise ValueError(f"{flag}: `{name}` has no range of values: list them.")
        low, high = value_of(match[1]), value_of(match[2])
        values = _spread(flag, low, high, int(match[3]), match[4] is not None)
    if len(values) > MOST_VALUES:
        raise ValueError(
            f"{flag} has {len(values)} values: take {MOST_VALUES} or fewer."
        )
    if len(set(values)) < len(values):
        raise ValueError(f"{flag} has a value twice: leave one out.")
    return Axis(name, values)


def _spread(flag: str, low: Any, high: Any, num: int, is_log: bool) -> tuple[Any, ...]:
    """`num` numbers from `low` to `high`, both included; whole ones if both are."""
    if not all(type(end) in (int, float) for end in (low, high)):
        raise ValueError(f"{flag}: the ends of a range must be numbers.")
    if not 2 <= num <= MOST_VALUES:
        raise ValueError(f"{flag} must have 2 to {MOST_VALUES} values; got {num}.")
    if is_log and min(low, high) <= 0:
        raise ValueError(f"{flag}: equal ratios need ends above 0: leave out `log`.")
    inner = [step / (num - 1) for step in range(1, num - 1)]
    if is_log:
        between = [low ** (1 - part) * high**part for part in inner]
    else:
        between = [(1 - part) * low + part * high for part in inner]
    values = (low, *(float(f"{value:.12g}") for value in between), high)
    if type(low) is float:
        return values
    if any(value != round(value) for value in values):
        raise ValueError(
            f"{flag}: values of a whole number must be whole, and {num} from {low} to "
            f"{high} are not: list them, with commas."
        )
    return tuple(map(int, values))
