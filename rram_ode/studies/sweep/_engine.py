"""A sweep from its first task to its last, whoever runs them and whoever dies."""

import dataclasses
import time
from collections.abc import Callable

from ._executors import AbstractExecutor
from ._store import StudyStore
from ._study import Study, Task
from ._worker import Done


@dataclasses.dataclass
class Took:
    """What a run of a sweep took.

    Args:
        seconds: From its first task to its last.
        core_seconds: Seconds of cores in its tasks, without the start of processes.
        peak: Largest resident memory of a process that ran tasks, in bytes.
        chips: Chips that were run, at all points together.
    """

    seconds: float = 0.0
    core_seconds: float = 0.0
    peak: int = 0
    chips: int = 0


def run_study(
    study: Study,
    store: StudyStore,
    executor: AbstractExecutor,
    progress: Callable[[int], object],
) -> Took:
    """Run the tasks of a study that its store has not, and keep each as it ends.

    Args:
        study: What is asked.
        store: Where results go; it may have some.
        executor: What runs the tasks.
        progress: Told numbers of chips; first those that were there.

    Raises:
        OSError: If the disk is full, or the cluster is gone. What was finished stays,
            and another call goes on from there.
    """
    pending, took = store.pending(), Took()
    missing = sum(task.num for task in pending)
    progress(study.num_points * study.num_chips - missing)
    begun = time.monotonic()

    def take(task: Task, done: Done) -> None:
        store.write(task, done.outcome)
        took.core_seconds += done.seconds
        took.peak = max(took.peak, done.peak)
        took.chips += task.num

    executor.run(study, pending, take, progress)
    took.seconds = time.monotonic() - begun
    return took
