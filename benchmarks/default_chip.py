"""The chips of the default presets beside their digital twin.

Each chip and its twin, from the same starts, are judged against the same data by the
distance that no noise can flatter, in just-noticeable distances of the data. The twin
is the same network without errors. Intervals are Student's over chips.
"""

import math
from typing import Any

import numpy as np
from rram_ode.config import RunConfig
from rram_ode.metrics import compare_repeats, interval, LEVEL, Verdict
from rram_ode.presets import PRESETS
from rram_ode.system import NUM_SLOW, Repeat, System

from ._harness import run
from ._result import Gate, Row


RIVAL = "the digital twin: same network, same starts"
NUM_SAMPLES, NUM_CHIPS = 20_000, 10
LIMIT = 0.0
GATE = "1 if the chips are worse than their twin, or undecided; 0 if equal or better"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """One row a preset, with every chip's numbers."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    found = [
        chip_row(name, PRESETS[name][0], num, num_chips) for name in options.presets
    ]
    return found, {"num_samples": num, "num_chips": num_chips}


def chip_row(case: str, config: RunConfig, num: int, num_chips: int) -> Row:
    """The chips of one configuration beside their twins."""
    system = System.from_config(config)
    yardstick = system.yardstick
    digital, chips, seconds = [], [], []
    for seed in range(num_chips):
        repeat = Repeat(num, seed)
        data = yardstick.embed(repeat.data(system))
        rival_s, twin = run(lambda repeat=repeat: repeat.digital(system))
        digital.append(yardstick.distance(yardstick.embed(twin), data))
        chip = system.program(seed)
        ours_s, found = run(lambda repeat=repeat, c=chip: repeat.analog(system, c))
        chips.append(yardstick.distance(yardstick.embed(found.x, NUM_SLOW), data))
        seconds.append((ours_s, rival_s))
        print(
            f"{case}, chip {seed}: {chips[-1]:.2f}, twin {digital[-1]:.2f}, "
            f"{ours_s:.0f} s",
            flush=True,
        )
    difference = compare_repeats(np.array(chips), np.array(digital), delta=1.0)
    return Row(
        case,
        Gate(0.0 if difference.is_as_good else 1.0, LIMIT, GATE),
        float(np.median([s[0] for s in seconds])),
        float(np.median([s[1] for s in seconds])),
        None,
        None,
        {
            "verdict": str(difference.verdict),
            "is_worse": difference.verdict == Verdict.WORSE,
            "difference": [difference.value, difference.low, difference.high],
            "needed_chips": math.ceil(num_chips * difference.factor),
            "chips": chips,
            "twins": digital,
            "distance": list(interval(chips, level=LEVEL)),
            "twin_distance": list(interval(digital, level=LEVEL)),
            "accepted": yardstick.accepted,
        },
    )
