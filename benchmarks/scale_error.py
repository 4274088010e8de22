"""Additive write error alone, one scale a column against one a layer.

All other errors are off. The height of the curve is a chip's distance to the data, in
just-noticeable distances, beside the mean of the twin's; the notebook draws it.
"""

import dataclasses
from functools import partial
from typing import Any

import numpy as np
from rram_ode.config import idealise, replace, RunConfig
from rram_ode.system import Repeat, System
from tqdm import tqdm

from ._harness import run
from ._problem import fresh
from ._result import Gate, Row


RIVAL = "one scale a layer"
STDS = (0.02e-6, 0.05e-6, 0.1e-6, 0.2e-6, 0.5e-6, 1e-6)
NUM_SAMPLES, NUM_CHIPS = 20_000, 10


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each preset, scale and spread, with quartiles over chips."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    cases = [(p, s) for p in options.presets for s in ("column", "layer")]
    found = []
    total = len(cases) * len(STDS) * num_chips
    with tqdm(total=total, unit="chip", desc="scale_error") as bar:
        for preset, scale in cases:
            config = dataclasses.replace(
                idealise(fresh(preset)), fidelity="quasi-static"
            )
            config = replace(config, "crossbar.scale", scale)
            found += curve(preset, scale, config, num, num_chips, bar)
    return found, {"num_samples": num, "num_chips": num_chips}


def curve(
    preset: str, scale: str, config: RunConfig, num: int, num_chips: int, bar: tqdm
) -> list[Row]:
    """One preset and scale; the gate: the twin and the errorless chip agree to 1e-3."""
    clean = System.from_config(config)
    runs = [Repeat(num, seed) for seed in range(num_chips)]
    yardstick = clean.yardstick
    data = [yardstick.embed(each.data(clean)) for each in runs]
    far = lambda x, seed: yardstick.distance(yardstick.embed(x), data[seed])
    twins = [each.digital(clean) for each in runs]
    digital = float(np.mean([far(x, seed) for seed, x in enumerate(twins)]))
    perfect = runs[0].analog(clean, clean.program(0)).x
    gap = float(np.abs(perfect - twins[0]).max())
    found = []
    for std in STDS:
        system = System.from_config(replace(config, "cell.write.std", std))
        found_each, seconds = [], []
        for seed, each in enumerate(runs):
            spent, drawn = run(partial(each.analog, system, system.program(seed)))
            seconds.append(spent)
            found_each.append(far(drawn.x, seed))
            bar.update()
        low, median, high = np.quantile(found_each, [0.25, 0.5, 0.75])
        found.append(
            Row(
                f"{preset}, scale a {scale}, {std * 1e6:g} uS",
                Gate(gap, 1e-3, "largest difference of the errorless chip to the twin"),
                float(np.median(seconds)),
                details={
                    "preset": preset,
                    "scale": scale,
                    "std_s": std,
                    "low": float(low),
                    "median": float(median),
                    "high": float(high),
                    "distances": sorted(map(float, found_each)),
                    "digital": digital,
                },
            )
        )
    return found
