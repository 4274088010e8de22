"""Letters with write and read noise: two trainings, two equations.

Chips are designed as those of `letters`, with eight cells a weight. Every error is off
but one: write error, which stays for the life of a chip, or white read noise of each
cell, which returns in each solve. The network trained without chips and the one
trained on them; the probability-flow ODE and the reverse SDE. Distances to the test
pictures in just-noticeable ones: medians, for a bad chip rules a mean, and intervals
over chips. At strength 0 a die must be the quiet one of another seed, bit for bit.
"""

import dataclasses
from typing import Any

import numpy as np
from rram_ode.config import idealise, replace, replace_all, RunConfig
from rram_ode.metrics import LEVEL, median_interval
from rram_ode.presets import find_preset
from rram_ode.system import NUM_SLOW, Repeat, System
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the same chips without the noise"
NUM_SAMPLES, NUM_CHIPS = 1000, 8
PRESET = "letters"
NOISES: dict[str, tuple[float, ...]] = {
    "cell.write.std": (0.0, 1e-6, 2e-6, 4e-6),
    "cell.read.white.std": (0.0, 3e-6, 10e-6, 30e-6),
}
NAMES = {"cell.write.std": "write error", "cell.read.white.std": "read noise"}
TRAINED = {"letters-fresh": "trained without", "letters": "trained on chips"}
EQUATIONS = {"probability-flow": "ODE", "reverse-sde": "SDE"}
LEAST = 1e-4  # a difference that noise makes, at least
OTHER = 999  # seed of another die
EXACT = "largest difference to a quiet chip of another seed"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each training, equation, noise and strength."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    found: list[Row] = []
    total = len(TRAINED) * len(EQUATIONS) * sum(map(len, NOISES.values())) * num_chips
    with tqdm(total=total, unit="chip", desc="letters_noise") as bar:
        for checkpoint in TRAINED:
            for process in EQUATIONS:
                config = quiet(checkpoint, process)
                found += _rows_of(config, num, num_chips, bar)
    return found, {"num_samples": num, "num_chips": num_chips}


def quiet(checkpoint: str, process: str) -> RunConfig:
    """Chips of one network and one equation without any error."""
    base = idealise(find_preset(PRESET))
    base = dataclasses.replace(base, fidelity="quasi-static")
    return replace_all(base, {"checkpoint": checkpoint, "solve.process": process})


def _rows_of(config: RunConfig, num: int, num_chips: int, bar: tqdm) -> list[Row]:
    system = System.from_config(config)
    still = samples(system, 0, num, die=OTHER)
    checkpoint, process = config.checkpoint, config.solve.process
    found = []
    for path, values in NOISES.items():
        for value in values:
            own = System.from_config(replace(config, path, value))
            seconds, clouds = [], []
            for seed in range(num_chips):
                spent, x = run(lambda s=seed, own=own: samples(own, s, num))
                seconds.append(spent)
                clouds.append(x)
                bar.update()
            gap = float(np.abs(clouds[0] - still).max())
            gate = Gate(gap, 0.0, EXACT)
            if value:
                moved = f"{EXACT}, which noise must move"
                gate = Gate(gap, LEAST, moved, at_least=True)
            data = system.yardstick.embed(Repeat(num, 0).data(system))
            far = [
                system.yardstick.distance(system.yardstick.embed(x, NUM_SLOW), data)
                for x in clouds
            ]
            shown = f"{NAMES[path]} {value * 1e6:g} uS"
            found.append(
                Row(
                    f"{TRAINED[checkpoint]}, {EQUATIONS[process]}, {shown}",
                    gate,
                    float(np.median(seconds)),
                    details={
                        "checkpoint": checkpoint,
                        "process": process,
                        "path": path,
                        "value": value,
                        "median": list(median_interval(far, LEVEL)),
                        "chips": far,
                    },
                )
            )
    return found


def samples(system: System, seed: int, num: int, die: int | None = None) -> np.ndarray:
    """Samples from the starts of a seed, `(num, dim)`, of the chip with the seed `die`.

    Without `die` the chip has the seed of the starts.
    """
    chip = system.program(seed if die is None else die)
    return Repeat(num, seed).analog(system, chip).x
