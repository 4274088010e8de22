r"""What a sweep takes, by a law that is measured first, where its tasks will run.

A process starts once ($s_0$ seconds of a core, its first program included); a new point
of the grid is built ($s_p$), and X programs beside the first are compiled ($s_x$); a
chip takes $s_c$, which may differ from end to end of an axis. So P points of K chips in
N tasks on W workers take $W s_0 + \max(P - W, 0) s_p + X s_x + P K s_c + N s_w$ seconds
of cores, with $s_w$ to write what a task found; all but the last are shared by W cores.

Which values of an axis are other programs is found out at its last value and at one in
the middle: none, the two of a switch, or each.
"""

import dataclasses
import itertools
import json
import math
import time
from typing import Any

import numpy as np

from ._chips import judge_chips, Outcome, QUANTITIES
from ._executors import AbstractExecutor
from ._store import StudyStore
from ._study import Study
from ._worker import KEPT_BYTES, KEPT_RATIO, peak_bytes, study_of, tidy_memory


NUM_TIMED = 8  # chips that are timed at the first point; one at the end of an axis


MOST_TIMED = 20_000  # samples of a chip that is timed; more samples take as much each


SAMPLE_BYTES = 200.0  # of a sample of a chip that is judged, in the plane (assumed)


COMPILING = 1.0  # seconds beyond building from which on it is compiling (assumed)


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
        compiling: Seconds that the program at the last value of each axis takes, 0 if
            it is that of the first.
        programs: Number of programs along each axis.
        build: Seconds to come to a point whose program is there.
        peak: Largest resident memory of the process.
        settled: Its memory after the first point.
        grown: What another point adds to it.
        write: Seconds to write what a task found.
        scale: Samples of a chip over those of the chips that were timed.
    """

    start: float
    chip: float
    chip_ends: tuple[float, ...]
    compiling: tuple[float, ...]
    programs: tuple[int, ...]
    build: float
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
    plain: dict[str, Any] = json.loads(found)
    for name in ("chip_ends", "compiling", "programs"):
        plain[name] = tuple(plain[name])
    law = CostLaw(**plain)
    return dataclasses.replace(law, write=_time_writing(study, scratch))


def time_chips(text: str) -> str:
    """The fields of a `CostLaw` as JSON, measured in this process.

    Raises:
        ValueError: If the builder refuses all points that are tried, or their chips.
    """
    study = study_of(text)
    num = min(study.num_samples, MOST_TIMED)
    imported = time.process_time()
    tried = np.unique(np.linspace(0, study.num_points - 1, NUM_TIMED).astype(int))
    timed = lambda point, again: _time_point(study, int(point), num, again)
    found = ((int(point), timed(point, NUM_TIMED)) for point in tried)
    begun = next(((point, times) for point, times in found if times is not None), None)
    if begun is None:
        raise ValueError(
            f"no chip can be at {len(tried)} points of the grid that were tried: look "
            "at one by `python -m rram_ode.sample`."
        )
    point, (first, chip) = begun
    peak, settled = peak_bytes(), tidy_memory()
    ends, programs, compiling, others = [], [], [], 0
    build = (timed(point, 1) or (0.0, 0.0))[0] - chip
    for place in range(len(study.axes)):
        numbers = _others(study, point, place)
        times = [timed(_moved(study, point, place, number), 1) for number in numbers]
        others += len(times)
        longer = [max(t[0] - t[1] - build, 0.0) for t in times if t is not None]
        ends += [t[1] for t in times[:1] if t is not None]
        programs.append(_num_programs(longer, len(study.axes[place].values)))
        compiling.append(longer[0] if programs[-1] > 1 else 0.0)
    grown = max(tidy_memory() - settled, 0) / max(others, 1)
    law = CostLaw(
        imported + first - chip,
        chip,
        tuple(ends),
        tuple(compiling),
        tuple(programs),
        max(build, 0.0),
        peak + SAMPLE_BYTES * (study.num_samples - num),
        settled,
        grown,
        scale=study.num_samples / num,
    )
    return json.dumps(dataclasses.asdict(law))


def _others(study: Study, point: int, place: int) -> list[int]:
    """Values of an axis beside that of `point`: the farthest, and one in the middle."""
    size, own = study.shape[place], study.index(point)[place]
    found = [size - 1 if own < size - 1 else 0, size // 2]
    return [n for n in dict.fromkeys(found) if n != own]


def _moved(study: Study, point: int, place: int, number: int) -> int:
    """`point` with value `number` of one axis."""
    after = math.prod(study.shape[place + 1 :])
    return point + (number - study.index(point)[place]) * after


def _num_programs(longer: list[float], size: int) -> int:
    """Programs along an axis, by what other values take beyond the first one's."""
    if not longer or longer[0] < COMPILING:
        return 1
    is_each = len(longer) > 1 and longer[1] > COMPILING
    return size if is_each else 2


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
    changes = [each for each in law.compiling if each]
    each = sum(changes) / max(len(changes), 1)
    compiled = _num_compiled(study, law, workers) * each
    chips = study.num_points * study.num_chips * law.mean_chip
    shared = workers * law.start + new * law.build + compiled + chips
    alone = tasks * law.write + FINISH
    grown = min(law.grown * (study.num_points - 1), max(_kept(law) - law.settled, 0))
    return Plan(
        tasks,
        workers,
        shared + alone,
        shared / workers + alone,
        law.peak + grown,
        float(num_bytes),
        WATTS * (shared + alone),
    )


def _num_compiled(study: Study, law: CostLaw, workers: int) -> int:
    """Programs that workers compile beside their first ones, all workers together.

    Where all of them fit below what a worker keeps, it compiles each once; else one for
    each point whose program is another than that of the point before.
    """
    programs = math.prod(law.programs)
    if programs == 1:
        return 0
    if law.settled + law.grown * programs <= _kept(law):
        of_each = min(programs, -(-study.num_points // workers))
        return workers * (of_each - 1)
    places = np.indices(study.shape).reshape(len(study.shape), -1)
    own = np.array(law.programs)[:, None]
    which = np.where(own == 2, places > 0, np.where(own > 1, places, 0))
    changed = np.any(which[:, 1:] != which[:, :-1], axis=0)
    return max(int(changed.sum()) - workers + 1, 0)


def _kept(law: CostLaw) -> float:
    """Resident bytes above which a worker forgets its programs."""
    return max(KEPT_BYTES, KEPT_RATIO * law.settled)


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


def _time_point(
    study: Study, point: int, num: int, again: int
) -> tuple[float, float] | None:
    """Seconds of the first chip of a point with what it needs, and of a next one.

    `None` if the builder refuses the point, or its first chip is refused.
    """
    begun = time.process_time()
    try:
        system = study.system(point)
    except ValueError:
        return None
    run = lambda chips: judge_chips(
        system,
        chips,
        num_samples=num,
        seed=study.seed,
        chip_seed=study.chip_seed,
    )
    if run(range(1)).refusal:
        return None
    middle = time.process_time()
    run(range(1, 1 + again))
    return middle - begun, (time.process_time() - middle) / again
