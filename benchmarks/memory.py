"""Peak resident memory of a million samples, and of ten thousand chips."""

from typing import Any

from ._command import Run, sample, sweep
from ._result import Gate, Row


RIVAL = "none: a limit"
NUM_SAMPLES = 1_000_000
NUM_CHIPS, OF_EACH = 10_000, 100  # samples of each chip
LIMIT = 1e9  # bytes


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row of samples and one of chips, each by a command line.

    The gates count what the reports lack.
    """
    num = options.num_samples or NUM_SAMPLES
    chips = options.num_chips or NUM_CHIPS
    many = sample("ring-fresh", "--num-samples", str(num))
    words = ("--chips", str(chips), "--samples", str(OF_EACH), "--workers", "1")
    population = sweep("ring-fresh", *words)
    judged = sum(point["chips"] for point in population.report["points"])
    found = [
        _row(f"{num} samples of one chip", num - _num_samples(many), "samples", many),
        _row(
            f"{OF_EACH} samples of {chips} chips", chips - judged, "chips", population
        ),
    ]
    return found, {"num_samples": num, "num_chips": chips}


def _num_samples(run: Run) -> int:
    return run.report["num_samples"]


def _row(case: str, missing: int, what: str, run: Run) -> Row:
    return Row(
        case,
        Gate(abs(missing), 0.0, f"{what} more or fewer than asked for in the report"),
        run.seconds,
        None,
        None,
        ("peak_bytes", "<=", LIMIT),
        {"peak_bytes": run.peak_bytes},
    )
