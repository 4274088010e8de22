"""Seconds of a new user's first run, with nothing compiled before, and of the second.

The second one finds the first one's programs in a folder (`RRAM_ODE_CACHE`). The files
that the command leaves are complete if its report is, which is written last.
"""

import pathlib
import tempfile
from typing import Any

from ._command import Run, sample
from ._result import Gate, Row


RIVAL = "none: limits"
TOTAL = 16.0
COMPILING = 8.0  # tracing included
AGAIN = 0.5  # of the first run


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """5,000 samples, figure and report: all seconds, and where they go."""
    del options
    with tempfile.TemporaryDirectory() as folder:
        kept = pathlib.Path(folder)
        first, second = (sample(programs=kept) for _ in range(2))
        size = sum(path.stat().st_size for path in kept.iterdir())
    found = []
    first_limits = {"from start to exit": TOTAL, "compiling": COMPILING}
    again = {"from start to exit": AGAIN * first.seconds}
    for name, run, limits in (
        ("ring", first, first_limits),
        ("ring again, programs kept", second, again),
    ):
        parts = _parts(run)
        for part, seconds in parts.items():
            target = limits.get(part)
            found.append(
                Row(
                    f"{name}, {part}",
                    _gate(run),
                    seconds,
                    None,
                    parts["compiling"],
                    None if target is None else ("ours_s", "<=", target),
                    {"wall": run.report["wall"]},
                )
            )
    return found, {"kept_bytes": size}


def _parts(run: Run) -> dict[str, float]:
    """Seconds of a run by what they are spent on.

    Tracing is a part of compiling; imports are all but it and running.
    """
    wall = run.report["wall"]
    own = wall["compile_s"] + wall["run_s"]
    return {
        "from start to exit": run.seconds,
        "imports": run.seconds - own,
        "compiling": wall["compile_s"],
        "tracing": wall["trace_s"],
        "running": wall["run_s"],
    }


def _gate(run: Run) -> Gate:
    missed = abs(run.report["num_samples"] - 5_000)
    return Gate(missed, 0.0, "samples more or fewer than 5,000 in the report")
