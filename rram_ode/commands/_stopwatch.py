"""Wall time of a command, and the parts of it that JAX spent on its programs."""

import time

import jax


class Stopwatch:
    """Seconds since the start, and those that JAX spent tracing and compiling.

    Tracing one function traces those that it calls: stages of compilation lie within
    each other, and each moment counts once.
    """

    def __init__(self):
        self._start = time.perf_counter()
        self._tracing: list[tuple[float, float]] = []
        self._compiling: list[tuple[float, float]] = []
        jax.monitoring.register_event_duration_secs_listener(self._listen)

    def _listen(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        del kwargs
        if event.startswith("/jax/core/compile/"):
            end = time.perf_counter()
            stages = self._compiling if "backend_compile" in event else self._tracing
            stages.append((max(end - duration_secs, self._start), end))

    def read(self) -> dict[str, float]:
        """Compiling, the part of it that traces and lowers, and the rest, in seconds.

        The part of XLA is what is left of compiling; programs that are kept are read in
        it.
        """
        total = time.perf_counter() - self._start
        spent = self._covered(self._tracing + self._compiling)
        traced = spent - self._covered(self._compiling)
        return {"compile_s": spent, "trace_s": traced, "run_s": total - spent}

    def _covered(self, stages: list[tuple[float, float]]) -> float:
        """Seconds that lie within a stage."""
        spent, until = 0.0, self._start
        for begin, end in sorted(stages):
            spent += max(0.0, end - max(begin, until))
            until = max(until, end)
        return spent
