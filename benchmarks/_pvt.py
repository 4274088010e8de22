"""Trims of whole chips, each alone and all, for the benchmarks of corners and trims."""

from typing import Any

from rram_ode.config import read, RunConfig


RC, SCALE = {"trim.rc": "beta"}, {"trim.scale": True}
OFFSETS, GAINS = {"trim.columns": "offsets"}, {"trim.columns": "gains"}
MULTIPLIERS = {"trim.multipliers": True}
REPAIR = {"trim.repair": True}
MEND = {**REPAIR, "trim.refit": True, "trim.spare_columns": 1}
ALL: dict[str, Any] = {**RC, **SCALE, **GAINS, **MULTIPLIERS, **MEND}
TRACKED: dict[str, Any] = {**ALL, "trim.tracking": True}


# The settings of a chip as fabricated: those of a run by default.
OFF: dict[str, Any] = {name: read(RunConfig(), name) for name in TRACKED}
