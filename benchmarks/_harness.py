"""Timing: interleaved repeats, medians, what compiles apart from what runs."""

import dataclasses
import gc
import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax


FEWEST = 5
MOST = 101


@dataclasses.dataclass(frozen=True)
class Timing:
    """Median seconds of two calls that took turns, and what each returned last.

    Args:
        ours_s: Median of ours.
        rival_s: Median of the rival's.
        compile_s: That JAX spent compiling in the first call of ours.
        repeats: Number of timed calls of each.
        spread: Quartiles of `rival / ours` over the pairs of neighbours in time.
        ours: What the last timed call of ours returned.
        rival: What the last timed call of the rival returned.
    """

    ours_s: float
    rival_s: float
    compile_s: float
    repeats: int
    spread: tuple[float, float, float]
    ours: Any
    rival: Any

    def details(self) -> dict[str, Any]:
        """For a row."""
        return {"repeats": self.repeats, "ratio_quartiles": list(self.spread)}


def compare(
    ours: Callable[[], Any], rival: Callable[[], Any], *, budget: float = 6.0
) -> Timing:
    """Time both, turn by turn, so that a busy moment meets both.

    Args:
        ours: A call without arguments. Its result is waited for.
        rival: A call without arguments. Its result is waited for.
        budget: Seconds to spend, both together; at least 5 repeats are made.
    """
    compile_s = compile_seconds(ours)
    run(rival)
    run(ours)
    seconds: list[tuple[float, float]] = []
    outputs: tuple[Any, Any] = (None, None)
    until = time.perf_counter() + budget
    gc.collect()
    gc.disable()
    try:
        while len(seconds) < FEWEST or (
            len(seconds) < MOST and time.perf_counter() < until
        ):
            ours_s, ours_out = run(ours)
            rival_s, rival_out = run(rival)
            seconds.append((ours_s, rival_s))
            outputs = ours_out, rival_out
    finally:
        gc.enable()
    first, second = zip(*seconds, strict=True)
    low, middle, high = statistics.quantiles((r / o for o, r in seconds), n=4)
    return Timing(
        statistics.median(first),
        statistics.median(second),
        compile_s,
        len(seconds),
        (low, middle, high),
        *outputs,
    )


def run(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one call until its result is there, and the result."""
    begun = time.perf_counter()
    out = jax.block_until_ready(call())
    return time.perf_counter() - begun, out


def forget_programs() -> None:
    """Drop all compiled programs: each holds maps of memory, and Linux has 65,530."""
    eqx.clear_caches()
    jax.clear_caches()
    gc.collect()


def compile_seconds(call: Callable[[], Any]) -> float:
    """Seconds that JAX spends tracing, lowering and compiling during one call."""
    before = _COMPILED[0]
    run(call)
    return _COMPILED[0] - before


def missing(*modules: str, extra: str = "bench") -> str | None:
    """Why a rival cannot run, or `None` if all of its modules import."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            return f"{error}: `pip install -e .[{extra}]` installs it"
    return None


_COMPILED = [0.0]


def _listen(event: str, duration_secs: float, **kwargs: str | int) -> None:
    del kwargs
    if event.startswith("/jax/core/compile/"):
        _COMPILED[0] += duration_secs


jax.monitoring.register_event_duration_secs_listener(_listen)
