"""What the benchmarks of corners and trims take for a whole chip."""

from typing import Any


TEMPERATURE: dict[str, Any] = {
    "process.resistor_tc": -1e-3,
    "process.capacitor_tc": 13e-6,
    "process.reference_tc": 30e-6,
    "process.cell_tc_lrs": -0.5e-3,
    "process.cell_tc_hrs": 0.0,
    "process.cell_tc_std": 0.1e-3,
    "process.wire_tc": 3.3e-3,
    "process.offset_drift": 2e-6,
}


STATIC: dict[str, Any] = {
    "driver.offset_std": 20e-6,
    "driver.gain_std": 1e-4,
    "inverter.offset_std": 40e-6,
    "inverter.gain_std": 1e-3,
    "rectifier.offset_std": 20e-6,
    "supply.reference_std": 1e-3,
    "op_amp.static_errors": True,
}


RC, SCALE = {"trim.rc": "beta"}, {"trim.scale": True}
OFFSETS, GAINS = {"trim.columns": "offsets"}, {"trim.columns": "gains"}
REPAIR = {"trim.repair": True}
MEND = {**REPAIR, "trim.refit": True, "trim.spare_columns": 1}
ALL: dict[str, Any] = {**RC, **SCALE, **GAINS, **MEND}
TRACKED: dict[str, Any] = {**ALL, "trim.tracking": True}
