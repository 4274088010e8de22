"""Peak resident memory of a million samples through the command line."""

from typing import Any

from ._command import sample
from ._result import Gate, Row


RIVAL = "none: a limit"
NUM_SAMPLES = 1_000_000
LIMIT = 2e9


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """One row; the gate is the peak in bytes."""
    num = options.num_samples or NUM_SAMPLES
    found = sample("ring-fresh", "--num-samples", str(num))
    row = Row(
        f"ring, {num} samples",
        Gate(found.peak_bytes, LIMIT, "peak resident bytes of the process"),
        found.seconds,
        None,
        found.report["wall"]["compile_s"],
        None,
        {"peak_bytes": found.peak_bytes, "wall": found.report["wall"]},
    )
    return [row], {"num_samples": num}
