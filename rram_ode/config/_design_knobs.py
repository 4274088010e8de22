"""The settings that a search for a better chip may move, and what each costs."""

import dataclasses
import typing

from ._overrides import leaves, type_of
from ._run import RunConfig


@dataclasses.dataclass(frozen=True)
class DesignKnob:
    """A setting of the chip's designer.

    Args:
        range: The least and the largest number, or all values of a choice or switch.
        pays: What a change costs: joules, seconds, area, the dotted names of the
            settings whose error it moves, or the error in words.
        is_number: Whether every number within `range` is open, not its members alone.
    """

    range: tuple[float | int | str | bool, ...]
    pays: tuple[str, ...]
    is_number: bool


def design_knobs() -> dict[str, DesignKnob]:
    """Every design knob by its dotted name; no other setting is a search's to move.

    What a technology gives (`process`), what a chip meets (`environment`) and what
    exists in the computation alone (`numerical`) is left out: a search that moved such
    a setting would find a chip that nobody can build.
    """
    found = {}
    for name, field in leaves(RunConfig()):
        if field.metadata["role"] != "design":
            continue
        ends, pays = field.metadata["ends"], field.metadata["pays"].split(", ")
        values = ends or _values(type_of(RunConfig(), name))
        found[name] = DesignKnob(
            values, tuple(pays), not isinstance(values[0], str | bool)
        )
    return found


def _values(hint: object) -> tuple[str | bool, ...]:
    """All values of a choice or a switch."""
    if hint is bool:
        return (False, True)
    return typing.get_args(hint)
