"""A configuration field with its unit, its role, what it pays, and its source."""

import dataclasses
from typing import Any


WHEN = ("never", "per chip", "per lab time", "per sample")


ROLES = ("design", "process", "environment", "numerical")


COSTS = ("joules", "seconds", "area")


def knob(
    default: Any,
    *,
    unit: str = "",
    when: str = "never",
    role: str,
    pays: str = "",
    ends: tuple[float | int | str, ...] | None = None,
    is_difference: bool = False,
    source: str,
    help: str,
) -> Any:
    """A dataclass field with what `--help`, `--describe` and the docs show of it.

    Args:
        default: The value; `None` stands for something left out (no limit, no noise).
        unit: The SI base unit, or `""` for a pure number or text.
        when: When the randomness that the value governs is drawn: one of `WHEN`.
        role: Who decides the value, one of `ROLES`. `design`: the designer of the chip;
            `process`: the technology, which gives noise, spreads and wires;
            `environment`: the user, who sets task, temperature and age; `numerical`:
            the computation alone, which has solvers, steps and training.
        pays: What a change of a design knob costs, separated by commas: `COSTS`, the
            dotted name of the setting whose error it moves, or "error: " with the error
            in words, without a comma.
        ends: The least and the largest number between which a search for a better chip
            may move a design knob, or the choices that are not ideal parts. A choice
            or a switch without them has all of its values open to the search.
        is_difference: Whether kelvins are those of a difference of temperatures.
        source: Paper and figure, or "assumption: ..." with the reason.
        help: One line that says what the value is.
    """
    assert when in WHEN, when
    assert role in ROLES, role
    assert bool(pays) == (role == "design"), help
    assert ends is None or role == "design", help
    metadata = {
        "unit": unit,
        "when": when,
        "role": role,
        "pays": pays,
        "ends": ends,
        "is_difference": is_difference,
        "source": source,
        "help": help,
    }
    return dataclasses.field(default=default, metadata=metadata)


def group(kind: type, *, combines: str = "") -> Any:
    """A dataclass field that holds a group of knobs at their defaults.

    Args:
        kind: The dataclass.
        combines: One line that says what the knobs of the group act with, or on; empty
            for the text of the group around it.
    """
    return dataclasses.field(default_factory=kind, metadata={"combines": combines})
