"""Wall time of a command, and the part of it that JAX spent compiling."""

import time

import jax


class Stopwatch:
    """Seconds since the start, and those that JAX spent compiling."""

    def __init__(self):
        self._start = time.perf_counter()
        self._compile = 0.0
        jax.monitoring.register_event_duration_secs_listener(self._listen)

    def _listen(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        del kwargs
        if event.startswith("/jax/core/compile/"):
            self._compile += duration_secs

    def read(self) -> dict[str, float]:
        """Compiling (tracing and lowering included) and the rest, in seconds."""
        total = time.perf_counter() - self._start
        return {"compile_s": self._compile, "run_s": total - self._compile}
