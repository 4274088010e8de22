r"""What a sweep takes, by a law that is measured first, where its tasks will run.

A process starts once ($s_0$ seconds of a core, its first program included); a new point
of the grid is built, and compiled where it is another program ($s_p$); a chip takes
$s_c$, which may differ from end to end of an axis. So P points of K chips in N
tasks on W workers take $W s_0 + \max(P - W, 0) s_p + P K s_c + N s_w$ seconds of cores,
with $s_w$ to write what a task found; all but the last are shared by W cores.
"""

import dataclasses
import itertools
import json
import math
import time

import numpy as np

from ._chips import judge_chips, Outcome, QUANTITIES
from ._executors import AbstractExecutor
from ._store import StudyStore
from ._study import Study
from ._worker import KEPT_BYTES, peak_bytes, study_of, tidy_memory


NUM_TIMED = 8  # chips that are timed at the first point; one at the end of an axis


MOST_TIMED = 20_000  # samples of a chip that is timed; more samples take as much each


SAMPLE_BYTES = 200.0  # of a sample of a chip that is judged, in the plane (assumed)


FINISH = 3.0  # seconds of the table and the figure in the end (assumed)


WATTS = 10.0  # of a busy core with its part of memory, fans and power supply (assumed)


WATTS_RANGE = (5.0, 20.0)  # (assumed)


@dataclasses.dataclass(frozen=True)
class CostLaw:
    """What was measured of a study, in seconds of a core and in bytes.

    Args:
        start: Seconds of a process up to the end of its first chip, less one chip.
        chip: Seconds of a chip at the first point.
        chip_ends: Seconds of a chip at the last value of each axis.
        change: Seconds of the first chip there, less one chip: building, compiling.
        peak: Largest resident memory of the process.
        settled: Its memory after the first point.
        grown: What another point adds to it.
        write: Seconds to write what a task found.
        scale: Samples of a chip over those of the chips that were timed.
    """

    start: float
    chip: float
    chip_ends: tuple[float, ...]
    change: tuple[float, ...]
    peak: float
    settled: float
    grown: float
    write: float = 0.0
    scale: float = 1.0

    @property
    def mean_chip(self) -> float:
        """Seconds of a chip, mean over the grid, linear along every axis."""
        rest = sum(end - self.chip for end in self.chip_ends) / 2
        return max(self.chip + rest, 0.0) * self.scale


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a study takes.

    Args:
        tasks: Number of tasks.
        workers: Number of workers.
        core_seconds: Seconds of cores.
        seconds: By the clock, where every worker has a core.
        memory: Largest resident memory of a worker, in bytes.
        disk: Bytes of the dataset.
        joules: That the computers take, at `WATTS` a core.
    """

    tasks: int
    workers: int
    core_seconds: float
    seconds: float
    memory: float
    disk: float
    joules: float


def measure_law(
    study: Study, executor: AbstractExecutor, scratch: StudyStore
) -> CostLaw:
    """Time some chips of a study, where the executor runs its tasks, and some writing.

    Args:
        study: What is asked.
        executor: What would run its tasks.
        scratch: An empty store of the study, which is thrown away.
    """
    found = executor.call(f"{__name__}:time_chips", study.as_text())
    plain = json.loads(found)
    chip_ends, change = (tuple(plain.pop(name)) for name in ("chip_ends", "change"))
    law = CostLaw(chip_ends=chip_ends, change=change, **plain)
    return dataclasses.replace(law, write=_time_writing(study, scratch))


def time_chips(text: str) -> str:
    """The fields of a `CostLaw` as JSON, measured in this process."""
    study = study_of(text)
    num = min(study.num_samples, MOST_TIMED)
    imported = time.process_time()
    first, chip = _time_point(study, 0, num, NUM_TIMED)
    peak, settled = peak_bytes(), tidy_memory()
    points = [_last_of(study, place) for place in range(len(study.axes))]
    ends = [_time_point(study, point, num, 1) for point in points if point]
    grown = max(tidy_memory() - settled, 0) / max(len(ends), 1)
    law = CostLaw(
        imported + first - chip,
        chip,
        tuple(again for _, again in ends),
        tuple(max(begun - again, 0.0) for begun, again in ends),
        peak + SAMPLE_BYTES * (study.num_samples - num),
        settled,
        grown,
        study.num_samples / num,
    )
    return json.dumps(dataclasses.asdict(law))


def plan_study(study: Study, law: CostLaw, *, num_workers: int, num_bytes: int) -> Plan:
    """What a study takes by a law.

    Args:
        study: What is asked.
        law: Measured of this study, or of one that is like it but for its number of
            chips.
        num_workers: Number of workers.
        num_bytes: Bytes of the dataset, see `planned_bytes`.
    """
    tasks = study.num_points * study.num_blocks
    workers = min(num_workers, tasks)
    new = _new_points(study, workers)
    changes = sum(law.change) / max(len(law.change), 1)
    chips = study.num_points * study.num_chips * law.mean_chip
    shared = workers * law.start + new * changes + chips
    alone = tasks * law.write + FINISH
    # Programs stay until they pass `KEPT_BYTES`.
    grown = min(law.grown * (study.num_points - 1), max(KEPT_BYTES - law.settled, 0))
    return Plan(
        tasks,
        workers,
        shared + alone,
        shared / workers + alone,
        law.peak + grown,
        float(num_bytes),
        WATTS * (shared + alone),
    )


def _time_writing(study: Study, scratch: StudyStore) -> float:
    """Seconds to write what a task found, mean of a few."""
    tasks = list(itertools.islice(study.tasks(), NUM_TIMED))
    begun = time.process_time()
    for task in tasks:
        values = {name: np.ones(task.num) for name in QUANTITIES}
        scratch.write(task, Outcome(values, np.ones(task.num, np.uint8), ""))
    return (time.process_time() - begun) / len(tasks)


def _new_points(study: Study, workers: int) -> int:
    """Points that workers begin after their first, all workers together."""
    if study.num_points >= workers:
        return study.num_points - workers
    return workers * (study.num_points - 1)


def _last_of(study: Study, place: int) -> int:
    """The point with the last value of one axis and the first of all others."""
    after = math.prod(study.shape[place + 1 :])
    return (study.shape[place] - 1) * after


def _time_point(study: Study, point: int, num: int, again: int) -> tuple[float, float]:
    """Seconds of the first chip of a point with what it needs, and of a next one."""
    begun = time.process_time()
    system = study.system(point)
    run = lambda chips: judge_chips(
        system,
        chips,
        num_samples=num,
        seed=study.seed,
        chip_seed=study.chip_seed,
    )
    run(range(1))
    middle = time.process_time()
    run(range(1, 1 + again))
    return middle - begun, (time.process_time() - middle) / again
