"""Wall time of a command, and the part of it that JAX spent compiling."""

import time

import jax


class Stopwatch:
    """Seconds since the start, and those that JAX spent compiling.

    Tracing one function traces those that it calls: stages of compilation lie within
    each other, and each moment counts once.
    """

    def __init__(self):
        self._start = time.perf_counter()
        self._stages: list[tuple[float, float]] = []
        jax.monitoring.register_event_duration_secs_listener(self._listen)

    def _listen(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        del kwargs
        if event.startswith("/jax/core/compile/"):
            end = time.perf_counter()
            self._stages.append((max(end - duration_secs, self._start), end))

    def read(self) -> dict[str, float]:
        """Compiling (tracing and lowering included) and the rest, in seconds."""
        total, spent, until = time.perf_counter() - self._start, 0.0, self._start
        for begin, end in sorted(self._stages):
            spent += max(0.0, end - max(begin, until))
            until = max(until, end)
        return {"compile_s": spent, "run_s": total - spent}
