"""Quality against each error of cell and array, alone, over a population of chips.

All other errors are off. The height of a curve is the distance of a chip's samples to
the data, in just-noticeable distances; `kl_1d` stands beside it. The notebooks draw
both with the interval of the mean over chips.
"""

import dataclasses
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import idealise, replace_all, RunConfig
from rram_ode.metrics import interval, kl_1d
from rram_ode.presets import PRESETS
from rram_ode.system import Repeat, System
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the same chips without the error"
NUM_SAMPLES = 5_000
NUM_CHIPS = 20


class Sweep(NamedTuple):
    """The knobs that one error sets to the same value, its unit, and the values."""

    knobs: tuple[str, ...]
    unit: str
    values: tuple[float | int, ...]


SWEEPS = {
    "write noise": Sweep(
        ("cell.write.std",), "S", (2e-8, 5e-8, 1e-7, 2e-7, 5e-7, 1e-6)
    ),
    "white read noise": Sweep(
        ("cell.read.white.std",), "S", (1e-7, 3e-7, 1e-6, 3e-6, 1e-5)
    ),
    "1/f read noise": Sweep(
        ("cell.read.flicker.std",), "S", (1e-8, 3e-8, 1e-7, 3e-7, 1e-6)
    ),
    "telegraph noise": Sweep(
        ("cell.read.telegraph.amplitude",), "", (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
    ),
    "levels": Sweep(("cell.levels",), "", (16, 32, 64, 128, 256, 1024)),
    "faults": Sweep(
        ("cell.stuck.lrs", "cell.stuck.hrs"), "", (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
    ),
    "wires": Sweep(
        ("crossbar.wires.word_line", "crossbar.wires.bit_line"),
        "ohm",
        (0.1, 0.3, 1.0, 3.0, 10.0),
    ),
    "age": Sweep(("cell.age",), "s", (1.0, 1e2, 1e4, 1e6, 1e8)),
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each error and value."""
    num = options.num_samples or NUM_SAMPLES
    config = dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )
    judge = Judge(config, num)
    found = []
    total = NUM_CHIPS * sum(len(sweep.values) for sweep in SWEEPS.values())
    with tqdm(total=total, unit="chip", desc="error_sweeps") as bar:
        for error, sweep in SWEEPS.items():
            for value in sweep.values:
                found.append(judge.row(error, sweep, value, bar))
    extra = {
        "num_samples": num,
        "num_chips": NUM_CHIPS,
        "digital": judge.digital,
    }
    return found, extra


class Judge:
    """Judges chips of one configuration against the same data.

    Args:
        config: Without errors.
        num: Samples a chip.
    """

    def __init__(self, config: RunConfig, num: int):
        clean = System.from_config(config)
        self._config = config
        self._runs = [Repeat(num, seed) for seed in range(NUM_CHIPS)]
        self._data = [each.data(clean) for each in self._runs]
        self._yardstick = clean.yardstick
        self._embedded = [self._yardstick.embed(x) for x in self._data]
        twins = [each.digital(clean) for each in self._runs]
        self.digital = self._judged(twins)
        perfect = self._runs[0].analog(clean, clean.program(0)).x
        self._gap = float(np.abs(perfect - twins[0]).max())

    def row(self, error: str, sweep: Sweep, value: float | int, bar: tqdm) -> Row:
        """One value of one error, over all chips."""
        config = replace_all(self._config, dict.fromkeys(sweep.knobs, value))
        system = System.from_config(config)
        clouds, seconds = [], []
        for seed, each in enumerate(self._runs):
            spent, drawn = run(partial(each.analog, system, system.program(seed)))
            clouds.append(drawn.x)
            seconds.append(spent)
            bar.update()
        return Row(
            f"{error}, {value:g} {sweep.unit}".strip(),
            Gate(
                self._gap, 1e-3, "largest difference of the errorless chip to the twin"
            ),
            float(np.median(seconds)),
            details={
                "error": error,
                "knobs": list(sweep.knobs),
                "unit": sweep.unit,
                "value": value,
                **self._judged(clouds),
            },
        )

    def _judged(self, clouds: list[np.ndarray]) -> dict[str, Any]:
        """Mean and interval over chips of distance and kl_1d."""
        finite = [x[np.isfinite(x).all(axis=1)] for x in clouds]
        pairs = list(zip(finite, self._data, strict=True))
        distances = [
            self._yardstick.distance(self._yardstick.embed(x), data)
            for x, data in zip(clouds, self._embedded, strict=True)
        ]
        return {
            "distance": interval(distances)._asdict(),
            "kl_1d": interval([kl_1d(*pair) for pair in pairs])._asdict(),
        }
