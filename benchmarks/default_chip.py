"""The chips of the default presets beside their digital twin.

Each chip and its twin, from the same starts, are judged against the same data by the
distance that no noise can flatter, in just-noticeable distances of the data. The twin
is the same network without errors. Intervals of means are Student's over chips, those
of one chip come from its blocks of lab time. `ring-64` and `ring` are whole chips, one
day old and trimmed: a network that was trained for them, and the paper's.
"""

import math
from typing import Any

import numpy as np
from rram_ode.config import RunConfig
from rram_ode.metrics import compare_repeats, interval, LEVEL, Verdict
from rram_ode.presets import find_preset
from rram_ode.system import NUM_SLOW, Repeat, System

from ._harness import run
from ._result import Gate, Row


RIVAL = "the digital twin: same network, same starts"
NUM_SAMPLES, NUM_CHIPS = 20_000, 20
CASES = ("ring-64", "ring")
MADE_FOR_IT, PAPERS = "ring-64", "ring"
MOST_FAR = 0.15  # 3 of 20 chips
LIMIT = 0.0
GATE = "1 if the chips are worse than their twin, or undecided; 0 if equal or better"
FAR = "share of chips not shown to be within one of their twin (90 % interval)"
FINITE = "share of samples that are not finite: the distance is what it is"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """One row a preset, with every chip's numbers."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    cases = CASES if options.presets == ("ring", "ring-64") else options.presets
    found = [chip_row(name, find_preset(name), num, num_chips) for name in cases]
    return found, {"num_samples": num, "num_chips": num_chips}


def chip_row(
    case: str, config: RunConfig, num: int, num_chips: int, first: int = 0
) -> Row:
    """The chips of one configuration from `first` on, beside their twins."""
    system = System.from_config(config)
    yardstick = system.yardstick
    digital, chips, seconds, lost = [], [], [], []
    apart: list[list[float]] = []
    for seed in range(first, first + num_chips):
        repeat = Repeat(num, seed)
        data = yardstick.embed(repeat.data(system))
        rival_s, twin = run(lambda repeat=repeat: repeat.digital(system))
        digital.append(yardstick.distance(yardstick.embed(twin), data))
        chip = system.program(seed)
        ours_s, found = run(lambda repeat=repeat, c=chip: repeat.analog(system, c))
        chips.append(yardstick.distance(yardstick.embed(found.x, NUM_SLOW), data))
        one = yardstick.compare(found.x, twin, repeat.data(system), NUM_SLOW)
        apart.append([x / yardstick.delta for x in (one.value, one.low, one.high)])
        seconds.append((ours_s, rival_s))
        lost.append(float(np.mean(~np.isfinite(found.x).all(axis=1))))
        print(
            f"{case}, chip {seed}: {chips[-1]:.2f}, twin {digital[-1]:.2f}, apart "
            f"{apart[-1][0]:.2f} ({apart[-1][1]:.2f} to {apart[-1][2]:.2f}), "
            f"{ours_s:.0f} s",
            flush=True,
        )
    difference = compare_repeats(np.array(chips), np.array(digital), delta=1.0)
    near = sum(high < 1.0 for _, _, high in apart)
    gates = {
        MADE_FOR_IT: Gate(1 - near / num_chips, MOST_FAR, FAR),
        PAPERS: Gate(max(lost), LIMIT, FINITE),
    }
    plain = Gate(0.0 if difference.is_as_good else 1.0, LIMIT, GATE)
    return Row(
        case,
        gates.get(case, plain),
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
            "apart": apart,
            "median_apart": float(np.median([value for value, _, _ in apart])),
            "num_near": near,
            "lost": max(lost),
            "distance": list(interval(chips, level=LEVEL)),
            "twin_distance": list(interval(digital, level=LEVEL)),
            "accepted": yardstick.accepted,
        },
    )
