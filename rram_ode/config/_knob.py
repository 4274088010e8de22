"""A configuration field with its unit, the time of its draws, and its source."""

import dataclasses
from typing import Any


WHEN = ("never", "per chip", "per lab time", "per sample")


def knob(
    default: Any, *, unit: str = "", when: str = "never", source: str, help: str
) -> Any:
    """A dataclass field with what `--help`, `--describe` and the docs show of it.

    Args:
        default: The value; `None` stands for something left out (no limit, no noise).
        unit: The SI base unit, or `""` for a pure number or text.
        when: When the randomness that the value governs is drawn: one of `WHEN`.
        source: Paper and figure, or "assumption: ..." with the reason.
        help: One line that says what the value is.
    """
    assert when in WHEN, when
    metadata = {"unit": unit, "when": when, "source": source, "help": help}
    return dataclasses.field(default=default, metadata=metadata)


def group(kind: type, *, combines: str = "") -> Any:
    """A dataclass field that holds a group of knobs at their defaults.

    Args:
        kind: The dataclass.
        combines: One line that says what the knobs of the group act with, or on; empty
            for the text of the group around it.
    """
    return dataclasses.field(default_factory=kind, metadata={"combines": combines})
