"""Digits of 8 x 8 pixels: digital, and five whole chips beside their digital twins."""

from typing import Any

from ._picture_rows import RIVAL as RIVAL, Task, task_rows
from ._result import Row


# The targets are those of the issue.
TASK = Task(
    preset="digits",
    plain="digits-fresh",
    num_samples=900,
    num_each=300,
    num_chips=5,
    num_plain=3,
    gap=0.05,
    balanced=0.96,
    kinds=("pixels", "features"),
    share_near=None,
    chip_limit=2.0,
)


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of `TASK`."""
    return task_rows(TASK, options)
