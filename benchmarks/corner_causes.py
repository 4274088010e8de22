"""Which errors keep a trimmed chip from its digital twin in the cold.

One die of `ring-64` at -40 C, at two of the five corners, with all errors and with one
group of them left out. All of a corner's chips have the same starts and the same data.
"""

import time
from typing import Any

from rram_ode.studies import CornerChip, judge_corners
from rram_ode.system import System

from ._pvt import OFF, TRACKED
from ._result import Gate, Row


RIVAL = "the same die with all errors"
NUM_SAMPLES = 10_000
PRESETS = ("ring-64",)
CORNERS, COLD = ("typical", "fast"), 233.0
LEFT_OUT: dict[str, dict[str, Any]] = {
    "all errors": {},
    "no temperature coefficient of cells": {
        "process.cell_tc_lrs": 0.0,
        "process.cell_tc_hrs": 0.0,
    },
    "no static errors of op-amps": {
        "op_amp.static_errors": False,
        "process.offset_drift": 0.0,
    },
}
NEARER = 0.0
WHAT = "distance to the data above that with all errors"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each group of errors that is left out, at each corner."""
    num = options.num_samples or NUM_SAMPLES
    presets = PRESETS if options.presets == ("ring", "ring-64") else options.presets
    found = [row for preset in presets for row in judge(preset, num)]
    return found, {"num_samples": num}


def judge(preset: str, num: int) -> list[Row]:
    """The rows of one preset."""
    system, chips, seconds = System.from_preset(preset, OFF), {}, {}
    for name, settings in LEFT_OUT.items():
        begun = time.perf_counter()
        here = judge_corners(
            system,
            num,
            trims={**TRACKED, **settings},
            corners=CORNERS,
            temperatures=(COLD,),
        )
        chips[name] = [chip for chip in here if chip.is_trimmed]
        seconds[name] = (time.perf_counter() - begun) / len(here)
    return [
        row(f"{preset}, {chip.corner}, {name}", chip, whole, seconds[name])
        for name, each in chips.items()
        for chip, whole in zip(each, chips["all errors"], strict=True)
    ]


def row(case: str, chip: CornerChip, whole: CornerChip, seconds: float) -> Row:
    """One chip beside the same die with all errors."""
    above = None
    if chip.distance is not None and whole.distance is not None:
        above = chip.distance - whole.distance
    return Row(case, Gate(above, NEARER, WHAT), seconds, details=chip.as_dict())
