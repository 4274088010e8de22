"""How much larger the score is best, for what errors of the circuit widen.

Chips that no other benchmark judges are compared with their digital twin, from the same
starts and against the same data, in just-noticeable distances, at each factor. A factor
of 1 is the score of the flow.
"""

import dataclasses
from typing import Any

import numpy as np
from rram_ode.config import override_all, read
from rram_ode.metrics import interval
from rram_ode.presets import find_preset

from ._result import Gate, Row
from .default_chip import chip_row, FINITE, LIMIT


RIVAL = "the digital twin: same network, same starts"
NUM_SAMPLES, NUM_CHIPS, FIRST_CHIP = 4_000, 8, 100
FACTORS = (1.0, 1.01, 1.02, 1.03, 1.04)
PRESETS = ("ring-64",)
WHAT = (
    "mean distance above that of a factor of 1 on the same chips, end of its interval"
)
KNOB = "solve.score_factor"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each factor of each preset."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    presets = PRESETS if options.presets == ("ring", "ring-64") else options.presets
    found = [row for name in presets for row in judge(name, num, num_chips)]
    return found, {"num_samples": num, "num_chips": num_chips, "first": FIRST_CHIP}


def judge(preset: str, num: int, num_chips: int) -> list[Row]:
    """The rows of one preset: all factors see the same chips, starts and data.

    The preset's own factor must be better than 1, by the paired chips.
    """
    config = find_preset(preset)
    shipped, found = read(config, KNOB), {}
    for factor in sorted({*FACTORS, shipped}):
        case = f"{preset}, {factor:g}"
        here = override_all(config, {KNOB: factor})
        row = chip_row(case, here, num, num_chips, FIRST_CHIP)
        gate = Gate(row.details["lost"], LIMIT, FINITE)
        found[factor] = dataclasses.replace(row, gate=gate)
    if shipped != 1.0:
        ours, plain = (
            np.array(found[factor].details["apart"])[:, 0] for factor in (shipped, 1.0)
        )
        gate = Gate(interval((ours - plain).tolist()).high, LIMIT, WHAT)
        found[shipped] = dataclasses.replace(found[shipped], gate=gate)
    return list(found.values())
