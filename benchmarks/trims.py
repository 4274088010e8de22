"""Each trim alone and all: what it leaves, what it costs, and how near chips then are.

Whole chips of a preset, with ten times as many stuck cells, are described by quantiles
and by the fraction within one just-noticeable distance of their data, never by a mean.
No trim is free: each row must cost joules, seconds, cells or area.
"""

import time
from typing import Any

import numpy as np
from rram_ode.chip import Chip
from rram_ode.energy import CONSTANTS, EnergyEstimate, nominals
from rram_ode.studies import chip_yield
from rram_ode.system import area_model, NUM_SLOW, System, trim_report
from tqdm import tqdm

from ._pvt import (
    ALL,
    GAINS,
    MEND,
    MULTIPLIERS,
    OFF,
    OFFSETS,
    RC,
    REPAIR,
    SCALE,
    TRACKED,
)
from ._result import Gate, Row


RIVAL = "the same dies as fabricated"
NUM_SAMPLES, NUM_CHIPS = 2_000, 4
BASE: dict[str, Any] = {
    **OFF,
    "cell.stuck.lrs": 5e-4,
    "cell.stuck.hrs": 5e-4,
}
CASES: dict[str, dict[str, Any]] = {
    "as fabricated": {},
    "R C by beta": RC,
    "R C by the clock": {"trim.rc": "clock"},
    "common scale": SCALE,
    "R C and scale": {**RC, **SCALE},
    "offsets": OFFSETS,
    "gains": GAINS,
    "multipliers": MULTIPLIERS,
    "repair": REPAIR,
    "repair, refit, spare": MEND,
    "all": ALL,
    "all, tracking": TRACKED,
}
PRESETS = ("ring-64",)
QUANTILES = (0.1, 0.5, 0.9)
COSTS = ("joules", "once_j", "seconds", "cells", "area")


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each trim of each preset."""
    num, num_chips = options.num_samples or NUM_SAMPLES, options.num_chips or NUM_CHIPS
    found: list[Row] = []
    presets = PRESETS if options.presets == ("ring", "ring-64") else options.presets
    total = len(presets) * len(CASES) * num_chips
    with tqdm(total=total, unit="chip", desc="trims") as bar:
        for preset in presets:
            before: dict[str, float] = {}
            for case, settings in CASES.items():
                details, seconds = judge(preset, settings, num, num_chips, bar)
                before = before or details["costs"]
                rising = sum(details["costs"][name] > before[name] for name in COSTS)
                gate = Gate(
                    float(rising) if settings else 1.0,
                    1.0,
                    "costs that rise, of joules, seconds, cells and area",
                    at_least=True,
                )
                found.append(Row(f"{preset}, {case}", gate, seconds, details=details))
    return found, {"num_samples": num, "num_chips": num_chips}


def judge(
    preset: str, settings: dict[str, Any], num: int, num_chips: int, bar: tqdm
) -> tuple[dict[str, Any], float]:
    """Distances, residues and costs of the chips of one case."""
    system = System.from_preset(preset, {**BASE, **settings})
    yardstick = system.yardstick
    data, distances, residues, costs = system.data(num), [], [], []
    begun = time.perf_counter()
    for seed in range(num_chips):
        chip = system.program(seed)
        try:
            run = system.sample(chip, num)
        except ValueError as error:  # a factor beyond the multipliers' full scale
            bar.write(f"{preset}, chip {seed}: {' '.join(str(error).split())}")
            distances.append(float("inf"))
        else:
            distances.append(yardstick.measure(run.x, data, NUM_SLOW).value)
            costs.append(price(system, chip, run.energy))
        left = {} if chip.trims is None else chip.trims.residues
        residues.append({name: float(value) for name, value in left.items()})
        bar.update()
    seconds = (time.perf_counter() - begun) / num_chips
    good = chip_yield(distances, 1.0)
    return {
        "distances": distances,
        "quantiles": dict(
            zip(map(str, QUANTILES), np.quantile(distances, QUANTILES), strict=True)
        ),
        "yield": list(good),
        "residues": residues,
        "costs": {name: float(np.median([c[name] for c in costs])) for name in COSTS},
    }, seconds


def price(system: System, chip: Chip, energy: EnergyEstimate) -> dict[str, float]:
    """What the chip costs: a sample's joules, the bench's joules and seconds, area."""
    report = trim_report(system.config, chip, energy)
    area = area_model(system.config, system.loop_of(chip), chip)(nominals(CONSTANTS))
    return {
        "joules": float(energy.energy),
        "once_j": 0.0 if report is None else report["energy_j"],
        "seconds": 0.0 if report is None else report["time_s"],
        "cells": float(chip.num_cells),
        "area": float(sum(area.values())),
    }
