"""A configuration field that says its unit, when it is drawn, and where it is from."""

import dataclasses
from typing import Any


WHEN = ("never", "per chip", "per lab time", "per sample")


def knob(default: Any, unit: str, when: str, source: str, *, help: str) -> Any:
    """A dataclass field with the facts that help, `--describe` and README show.

    Args:
        default: The value; `None` stands for "not there" (no limit, no converter).
        unit: The SI base unit, or `""` for a pure number.
        when: When randomness enters the value: one of `WHEN`.
        source: Paper and figure, or "assumption: ..." with the reason.
        help: One line: what it is, and what it combines with.
    """
    assert when in WHEN, when
    metadata = {"unit": unit, "when": when, "source": source, "help": help}
    return dataclasses.field(default=default, metadata=metadata)


def group(kind: type, *, combines: str = "") -> Any:
    """A dataclass field that holds a group of knobs at their defaults.

    Args:
        kind: The dataclass.
        combines: One line: what the group's knobs act with, or on; empty for the text
            of the group around it.
    """
    return dataclasses.field(default_factory=kind, metadata={"combines": combines})
