"""Letters h, k and u: digital, and ten whole chips beside their digital twins."""

from typing import Any

from ._picture_rows import RIVAL as RIVAL, Task, task_rows
from ._result import Row


# The targets are those of the issue.
TASK = Task(
    preset="letters",
    plain="letters-fresh",
    num_samples=3000,
    num_each=3000,
    num_chips=10,
    num_plain=10,
    gap=0.05,
    balanced=None,
    kinds=("states",),
    share_near=0.9,
    chip_limit=1.0,
)


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of `TASK`."""
    return task_rows(TASK, options)
