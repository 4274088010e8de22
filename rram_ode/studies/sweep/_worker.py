"""What a worker does with a task: find its system, run its chips, forget programs."""

import ctypes
import functools
import gc
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax

from ..._core._memory import share_arena
from ..._core._versions import versions
from ...system import System
from ._chips import judge_chips, Outcome, refused
from ._study import Study, Task


# Resident bytes above which a worker forgets its programs before another point, or so
# many times those after its first point if that is more.
KEPT_BYTES, KEPT_RATIO = 650e6, 1.3


_AFTER_FIRST: list[int] = []  # resident bytes of this process then


class Done(NamedTuple):
    """A finished task.

    Args:
        outcome: What was found of its chips.
        seconds: Seconds of a core that it took.
        peak: Largest resident memory of its process so far, in bytes.
    """

    outcome: Outcome
    seconds: float
    peak: int


def run_task(
    text: str,
    task: Task,
    progress: Callable[[int], object] = lambda num: None,
) -> Done:
    """Run the chips of a task of the study that `text` describes.

    A point that the builder refuses as a whole refuses all its chips.
    """
    share_arena()  # before the first program
    begun = time.process_time()
    study = study_of(text)
    chips = range(task.first, task.stop)
    try:
        system = system_at(text, task.point)
    except ValueError as error:
        progress(task.num)
        outcome = refused(task.num, str(error))
    else:
        outcome = judge_chips(
            system,
            chips,
            num_samples=study.num_samples,
            seed=study.seed,
            chip_seed=study.chip_seed,
            progress=progress,
        )
    return Done(outcome, time.process_time() - begun, peak_bytes())


def run_plain(text: str, task: tuple[int, int, int], found: dict[str, str]) -> Done:
    """`run_task` for a worker on another machine, from plain data.

    Args:
        text: The study.
        task: The fields of the task.
        found: `versions()` of who asks.

    Raises:
        ValueError: If this worker has other versions: its numbers may differ.
    """
    if (own := versions()) != found:
        different = [n for n in found if own.get(n) != found[n]]
        each = ", ".join(f"{n} {own.get(n)} for {found[n]}" for n in different)
        raise ValueError(f"a worker has {each}: install the same there.")
    return run_task(text, Task(*task))


@functools.lru_cache(maxsize=2)
def study_of(text: str) -> Study:
    """The study of a text, parsed once."""
    return Study.from_text(text)


@functools.lru_cache(maxsize=1)
def system_at(text: str, point: int) -> System:
    """The system of a point; tasks of a point follow one another."""
    tidy_memory()
    return study_of(text).system(point)


def tidy_memory() -> int:
    """Before another point: give back what is free, and forget programs if too many.

    A program takes some 50 MB and 800 of the 65,530 maps that Linux gives a process,
    and compiling it some 250 MB that the C library keeps.

    Returns:
        Resident bytes before programs were forgotten.
    """
    _trim()
    resident = resident_bytes()
    if system_at.cache_info().currsize and not _AFTER_FIRST:
        _AFTER_FIRST.append(resident)
    if resident > max([KEPT_BYTES, *(KEPT_RATIO * each for each in _AFTER_FIRST)]):
        eqx.clear_caches()
        jax.clear_caches()
        gc.collect()
        _trim()
    return resident


def _trim() -> None:
    """Give memory that is free back to the operating system, where it can be asked."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


def resident_bytes() -> int:
    """Resident memory of this process now, or the largest so far where only that is."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return peak_bytes()


def peak_bytes() -> int:
    """Largest resident memory of this process so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
