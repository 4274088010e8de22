"""Who runs the tasks of a sweep: an interface, and this process itself."""

import abc
from collections.abc import Callable, Sequence
from typing import Any

from ..._core._one_thread import call_in_one_thread
from ._study import Study, Task
from ._worker import Done, run_task


Take = Callable[[Task, Done], object]


class AbstractExecutor(abc.ABC):
    """What runs tasks and hands over what they found, in any order."""

    @abc.abstractmethod
    def run(
        self,
        study: Study,
        tasks: Sequence[Task],
        take: Take,
        progress: Callable[[int], object],
    ) -> None:
        """Run tasks of a study.

        Args:
            study: What is asked.
            tasks: Which of its tasks.
            take: Called with each task and what it gave.
            progress: Told numbers of chips.
        """

    @abc.abstractmethod
    def call(self, function: str, *args: Any) -> Any:
        """What a function of `_worker` or of its kind returns, where tasks run."""

    @property
    @abc.abstractmethod
    def num_workers(self) -> int:
        """Number of tasks that run at once."""


class InProcess(AbstractExecutor):
    """Tasks one after the other, in this process."""

    def run(
        self,
        study: Study,
        tasks: Sequence[Task],
        take: Take,
        progress: Callable[[int], object],
    ) -> None:
        """Run them in order."""
        text = study.as_text()
        for task in tasks:
            take(task, run_task(text, task, progress))

    def call(self, function: str, *args: Any) -> Any:
        """What the function returns here."""
        return call_in_one_thread(function, *args)

    @property
    def num_workers(self) -> int:
        """One."""
        return 1
