"""Yield of chips against write error, number of levels and read noise.

The cells, chips, samples and limits are those of `write_error`, with one error at a
time: additive write error, levels between 20 and 80 uS, or white read noise of each
pair of cells. A row is a network, what was done to it, and a value of the error.
"""

from typing import Any, NamedTuple

from rram_ode.config import replace
from rram_ode.system import System
from tqdm import tqdm

from ._remedies import BOTH, CALIBRATED, CORRECTED
from ._result import Row
from .write_error import (
    bare,
    Case,
    errorless,
    judge_chips,
    JUDGED,
    NUM_SAMPLES,
    yields,
)


RIVAL = "the network trained with the paper's multiplicative noise"
NUM_CHIPS = 10


class Sweep(NamedTuple):
    """A setting, its values, and how a figure calls both."""

    path: str
    values: tuple[float, ...]
    label: str
    unit: float


SWEEPS = (
    Sweep("cell.write.std", (0.5e-6, 1e-6, 2e-6), "write error (uS)", 1e-6),
    Sweep("cell.levels", (8, 16, 32), "levels", 1),
    Sweep("cell.read.white.std", (1e-7, 3e-7, 1e-6), "read noise (uS)", 1e-6),
)
CASES = (
    Case("ring", "column", False, "multiplicative"),
    Case("ring", "column", True, "multiplicative, low volts"),
    Case("ring", "column", True, "the same, compensated and calibrated", BOTH),
    Case("ring-robust", "column", True, "robust"),
    Case("ring-robust", "column", True, "robust, compensated", CORRECTED),
    Case("ring-robust", "column", True, "robust, calibrated", CALIBRATED),
)


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each case, sweep and value."""
    num, num_chips = options.num_samples or NUM_SAMPLES, options.num_chips or NUM_CHIPS
    found: list[Row] = []
    total = num_chips * len(CASES) * sum(len(sweep.values) for sweep in SWEEPS)
    with tqdm(total=total, unit="chip", desc="yield_curves") as bar:
        for case in CASES:
            for sweep in SWEEPS:
                found += _sweep(case, sweep, num, num_chips, bar)
    return found, {"num_samples": num, "num_chips": num_chips}


def _sweep(case: Case, sweep: Sweep, num: int, num_chips: int, bar: tqdm) -> list[Row]:
    config = bare(case)
    gate, digital = errorless(config, num)
    found = []
    for value in sweep.values:
        system = System.from_config(replace(config, sweep.path, value))
        each, seconds = judge_chips(system, case.remedy, num, num_chips, bar)
        shown = value / sweep.unit
        found.append(
            Row(
                f"{case.training}, {sweep.label} {shown:g}",
                gate,
                seconds,
                details={
                    "preset": case.preset,
                    "training": case.training,
                    "path": sweep.path,
                    "label": sweep.label,
                    "value": shown,
                    "yields": yields(each, digital),
                    "chips": {name: [one[name] for one in each] for name in JUDGED},
                },
            )
        )
    return found
