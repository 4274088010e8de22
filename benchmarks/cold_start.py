"""Seconds of a new user's first run, with nothing compiled before.

The files that the command leaves are complete if its report is, which is written last.
"""

from typing import Any

from ._command import sample
from ._result import Gate, Row


RIVAL = "none: limits"
TOTAL = 30.0
COMPILING = 10.0


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """5,000 samples, figure and report: all seconds, and those of compiling."""
    del options
    found = sample()
    wall = found.report["wall"]
    missed = abs(found.report["num_samples"] - 5_000)
    gate = Gate(missed, 0.0, "samples more or fewer than 5,000 in the report")
    row = lambda case, seconds, target: Row(
        case,
        gate,
        seconds,
        None,
        wall["compile_s"],
        ("ours_s", "<=", target),
        {"wall": wall},
    )
    return [
        row("ring, from start to exit", found.seconds, TOTAL),
        row("ring, compiling", wall["compile_s"], COMPILING),
    ], {}
