"""How much larger the score is best, for what errors of the circuit widen.

Chips that no other benchmark judges are compared with their digital twin, from the same
starts and against the same data, in just-noticeable distances, at each factor. A factor
of 1 is the score of the flow.
"""

import functools
from typing import Any

import numpy as np
from rram_ode.chip import Chip
from rram_ode.config import read
from rram_ode.metrics import interval
from rram_ode.presets import find_preset
from rram_ode.system import NUM_SLOW, Repeat, System
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the same chips at a factor of 1"
NUM_SAMPLES, NUM_CHIPS, FIRST_CHIP = 4_000, 8, 100
FACTORS = (1.0, 1.01, 1.02, 1.03, 1.04)
PRESETS = ("ring-64",)
FINITE = "share of samples that are not finite: the distance is what it is"
SHIPPED = "mean distance of the preset's factor above that at 1, end of its interval"
KNOB = "solve.score_factor"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each factor of each preset."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    presets = PRESETS if options.presets == ("ring", "ring-64") else options.presets
    found: list[Row] = []
    for preset in presets:
        found += judge(preset, num, num_chips)
    return found, {
        "num_samples": num,
        "num_chips": num_chips,
        "first_chip": FIRST_CHIP,
        "preset": {name: read(find_preset(name), KNOB) for name in presets},
    }


def judge(preset: str, num: int, num_chips: int) -> list[Row]:
    """The rows of one preset; all factors see the same chips, starts and data."""
    shipped = read(find_preset(preset), KNOB)
    factors = sorted({*FACTORS, shipped})
    systems = [System.from_preset(preset, {KNOB: factor}) for factor in factors]
    apart = np.empty((len(factors), num_chips))
    seconds, lost = np.empty_like(apart), np.empty_like(apart)
    with tqdm(total=apart.size, unit="chip", desc=preset) as bar:
        for number in range(num_chips):
            seed = FIRST_CHIP + number
            for place, system in enumerate(systems):
                chip = system.program(seed)
                found = distance(system, chip, Repeat(num, seed))
                at = place, number
                apart[at], seconds[at], lost[at] = found
                bar.update()
    plain = apart[factors.index(1.0)]
    rows = []
    for place, factor in enumerate(factors):
        middle = float(np.median(apart[place]))
        gate = Gate(float(lost[place].max()), 0.0, FINITE)
        if factor == shipped != 1.0:
            gate = Gate(interval(apart[place] - plain).high, 0.0, SHIPPED)
        details = {"apart": apart[place].tolist(), "median_apart": middle}
        took = float(np.median(seconds[place]))
        rows.append(Row(f"{preset}, {factor:g}", gate, took, details=details))
    return rows


def distance(system: System, chip: Chip, repeat: Repeat) -> tuple[float, float, float]:
    """How much farther than its twin, the seconds that it took, the share lost."""
    yardstick = system.yardstick
    took, found = run(functools.partial(repeat.analog, system, chip))
    one = yardstick.compare(
        found.x, repeat.digital(system), repeat.data(system), NUM_SLOW
    )
    lost = np.mean(~np.isfinite(found.x).all(axis=1))
    return one.value / yardstick.delta, took, float(lost)
