"""The chips of the default presets against their digital twin.

Each chip's sliced Wasserstein distance to data, beyond that of data to fresh data, over
the digital twin's: sqrt(W^2 - floor^2) of both. The twin and the floor are means of W^2
over as many seeds as there are chips, so that the denominator is the better known one.
"""

from typing import Any

import numpy as np
from rram_ode.config import RunConfig
from rram_ode.metrics import floor_subtracted, sliced_wasserstein
from rram_ode.presets import PRESETS
from rram_ode.system import Repeat, System

from ._harness import run
from ._result import Gate, Row


RIVAL = "the digital twin: same network, same starts"
NUM_SAMPLES, NUM_CHIPS = 50_000, 10
LIMIT = 1.5


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """One row a preset, with every chip's numbers."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    found = [
        chip_row(name, PRESETS[name][0], num, num_chips) for name in options.presets
    ]
    return found, {"num_samples": num, "num_chips": num_chips}


def chip_row(case: str, config: RunConfig, num: int, num_chips: int) -> Row:
    """The median chip over the digital twin."""
    system = System.from_config(config)
    digital, chips, floor, seconds = [], [], [], []
    for seed in range(num_chips):
        repeat = Repeat(num, seed)
        data = repeat.data(system)
        floor.append(sliced_wasserstein(repeat.fresh_data(system), data))
        rival_s, twin = run(lambda repeat=repeat: repeat.digital(system))
        digital.append(sliced_wasserstein(twin, data))
        chip = system.program(seed)
        ours_s, found = run(lambda repeat=repeat, c=chip: repeat.analog(system, c))
        finite = found.x[np.isfinite(found.x).all(axis=1)]
        chips.append(sliced_wasserstein(finite, data))
        seconds.append((ours_s, rival_s))
        print(
            f"{case}, chip {seed}: {chips[-1]:.5f}, twin {digital[-1]:.5f}, floor "
            f"{floor[-1]:.5f}, {ours_s:.0f} s",
            flush=True,
        )
    base = _rms(floor)
    twin = floor_subtracted(_rms(digital), base)
    beyond = [floor_subtracted(w, base) for w in chips]
    ratios = [w / twin for w in beyond] if twin > 0 else []
    return Row(
        case,
        Gate(
            float(np.median(ratios)) if ratios else None,
            LIMIT,
            f"median over {num_chips} chips of the excess over the digital twin's",
        ),
        float(np.median([s[0] for s in seconds])),
        float(np.median([s[1] for s in seconds])),
        None,
        None,
        {
            "sliced_wasserstein": chips,
            "digital": digital,
            "floor": floor,
            "excess": beyond,
            "digital_excess": twin,
            "ratios": sorted(ratios),
        },
    )


def _rms(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
