"""Lead: how much shorter a solve may be with a network made for its delay.

Op-amps of finite speed delay the path through the network, by the sum over layers of
noise gain over 2 pi f_GBW. A network with a lead (`train.lead`) learns from a trained
one the score of the state that the flow will have reached one delay later, and the DAC
plays the time embedding ahead (`solve.lead`). Each duration and class of op-amps gets a
network of its own, as the lead counts in units of the solve.

Cells are ideal, op-amps the preset's own with their auto-zero, and capacitors follow
the duration, so that speed is all that differs. Every loop is compared with the digital
twin, which is the teacher's: its distance to the same data, from the same starts. Three
loops: the preset's schedule (`solve.warp` 1), and one that slows near the data (2)
without and with lead. How far the DAC plays ahead is set by runs with a seed that is
not judged, as a bench would set it: columns differ, and their mean delay is not the
best one. The gate: no loop with lead is shown to be further from the data than the same
loop without. `--readme` draws docs/lead.png.
"""

import dataclasses
import pathlib
import tempfile
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from rram_ode import commands
from rram_ode.config import idealise, replace_all, RunConfig
from rram_ode.loop import DynamicLoop
from rram_ode.metrics import interval, LEVEL
from rram_ode.plots import plot_lead
from rram_ode.studies import Band, loop_delay, speed_limit
from rram_ode.system import System, train_network
from tqdm import tqdm

from ._harness import forget_programs, run
from ._problem import fresh
from ._result import Gate, Row
from ._speed import at, Judge


RIVAL = "the same loop with its teacher's network"
# Around the solves at which each class begins to matter, in seconds.
DURATIONS = {
    "on-chip, 100 MHz": (2e-6, 5e-6, 1e-5, 2e-5, 5e-5),
    "on-chip, 1 GHz": (1e-6, 2e-6, 5e-6),
    "board, 30 MHz": (1e-5, 2e-5, 5e-5, 1e-4),
}
# Offsets of the board's op-amps would hide what their delay does.
ZEROED = {"op_amp.auto_zero": 10e-12}
SHIFTS = (1.0, 1.2, 1.4, 1.6)  # of the DAC's lead over the mean delay
NUM_SAMPLES, NUM_CHIPS, TUNING = 2_000, 6, 1_000  # the last is a seed
STEPS = 10_000
FIGURE = pathlib.Path(__file__).parents[1] / "docs" / "lead.png"
MARGIN = 1.0  # just-noticeable distances
GATE = "least growth of the distance by the lead that the repeats still allow"


class Loop(NamedTuple):
    """What is compared: a schedule, without lead or with."""

    warp: float
    is_led: bool

    @property
    def label(self) -> str:
        """Its name in a row."""
        return f"warp {self.warp:g}, {'with' if self.is_led else 'no'} lead"


LOOPS = (Loop(1.0, False), Loop(2.0, False), Loop(2.0, True))


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each preset, class of op-amps, duration and loop."""
    num_chips = options.num_chips or NUM_CHIPS
    found: list[Row] = []
    told = {}
    for preset in (name for name in options.presets if name in ("ring", "ring-64")):
        study = Study(preset, options.num_samples or NUM_SAMPLES, num_chips)
        found += study.rows()
        told[preset] = study.extra()
    extra = {"num_chips": num_chips, "margin": MARGIN, "steps": STEPS}
    if options.readme:
        drawn = {"rows": [row.as_dict() for row in found]}
        commands.write_figure(FIGURE, plot_lead(drawn))
        print(f"wrote {FIGURE}")
    return found, {**extra, "presets": told}


class Study:
    """The runs of one preset.

    Args:
        preset: Its name.
        num: Samples a chip.
        num_chips: How many chips, each with starts and data of its own.
    """

    def __init__(self, preset: str, num: int, num_chips: int):
        self.preset, self.base = preset, ideal_cells(fresh(preset))
        self.judge = Judge(self.base, num, num_chips)
        self.tuning = Judge(self.base, num, 1, first=TUNING)
        self.wanted = self.judge(self.base)
        self.bands: dict[str, Band] = {}
        self.networks: list[pathlib.Path] = []
        self.folder = tempfile.TemporaryDirectory()

    def rows(self) -> list[Row]:
        """The rows of all classes, durations and loops."""
        found: list[Row] = []
        total = sum(map(len, DURATIONS.values()))
        with tqdm(total=total, desc=self.preset) as bar:
            for name, durations in DURATIONS.items():
                seen: dict[Loop, dict[float, np.ndarray]] = {each: {} for each in LOOPS}
                told: dict[tuple[Loop, float], dict[str, Any]] = {}
                for duration in durations:
                    for loop in LOOPS:
                        forget_programs()
                        try:
                            config, details = self._machine(name, duration, loop)
                            seconds, distance = run(lambda c=config: self.judge(c))
                        except ValueError as error:
                            details = {"skipped": " ".join(str(error).split())}
                        else:
                            details["seconds"] = seconds
                            seen[loop][duration] = distance
                        told[loop, duration] = details
                    bar.update()
                found += self._rows_of(name, seen, told)
        return found

    def _machine(
        self, name: str, duration: float, loop: Loop
    ) -> tuple[RunConfig, dict[str, Any]]:
        """The loop's configuration, and what was found on the way."""
        config = at(self.base, name, "capacitor", duration)
        config = replace_all(config, {**ZEROED, "solve.warp": loop.warp})
        delay = _delay(config)
        if not loop.is_led:
            return config, {"delay_s": delay}
        config = replace_all(
            config,
            {
                "train.lead": delay,
                "train.teacher": self.base.checkpoint,
                "train.steps": STEPS,
                "train.noise_draws": 1,
                # Cells are ideal; the noise of `ring` alone moves it from its teacher.
                "train.weight_noise": 0.0,
                "train.saturation_weight": 0.0,
            },
        )
        folder = pathlib.Path(self.folder.name) / f"{len(self.networks)}"
        trained = train_network(config, folder=folder)
        self.networks.append(folder)
        config = replace_all(config, {"checkpoint": str(folder)})
        leads = [shift * delay for shift in SHIFTS]
        tuned = [
            float(self.tuning(replace_all(config, {"solve.lead": lead})).mean())
            for lead in leads
        ]
        best = leads[int(np.argmin(tuned))]
        config = replace_all(config, {"solve.lead": best})
        details = {
            "delay_s": _delay(config),
            "train_lead_s": delay,
            "solve_lead_s": best,
            "train_loss": float(trained.fit.losses[-1]),
            "train_s": trained.fit.seconds,
            "tuning": dict(zip(map(str, SHIFTS), tuned, strict=True)),
        }
        return config, details

    def _rows_of(
        self,
        name: str,
        seen: Mapping[Loop, Mapping[float, np.ndarray]],
        told: Mapping[tuple[Loop, float], dict[str, Any]],
    ) -> list[Row]:
        bands = {
            loop: speed_limit(found, self.wanted, around=max(found), margin=MARGIN)
            for loop, found in seen.items()
            if found
        }
        self.bands |= {f"{name}, {loop.label}": band for loop, band in bands.items()}
        rows = []
        for (loop, duration), details in told.items():
            case = f"{self.preset}, {name}, {loop.label}, {duration * 1e6:g} us"
            if duration not in seen[loop]:
                rows.append(Row(case, skipped=details["skipped"]))
                continue
            distance = seen[loop][duration]
            details |= {
                "preset": self.preset,
                "op_amp": name,
                **loop._asdict(),
                "duration_s": duration,
                "distance": interval(distance.tolist(), level=LEVEL)._asdict(),
                **bands[loop].verdicts[duration].as_dict(),
            }
            without = seen[loop._replace(is_led=False)].get(duration)
            growth = 0.0 if without is None else least_growth(distance - without)
            gate = Gate(growth, 0.0, GATE)
            rows.append(Row(case, gate, details.pop("seconds"), details=details))
        return rows

    def extra(self) -> dict[str, Any]:
        """The shortest solve from which on all are equal; `rows` comes first."""
        return {
            "num_samples": self.judge.num,
            "reference_distance": interval(self.wanted.tolist(), level=LEVEL)._asdict(),
            "shortest_s": {name: band.shortest for name, band in self.bands.items()},
        }


def ideal_cells(base: RunConfig) -> RunConfig:
    """`base` with ideal cells and blocks, but for op-amps, rails and clamps."""
    kept = ("fidelity", "amplifier", "op_amp", "start")
    values = {name: getattr(base, name) for name in kept}
    return dataclasses.replace(idealise(base), **values)


def least_growth(difference: np.ndarray) -> float:
    """The lower end of an interval of the mean; 0 where nothing differs."""
    if not np.any(difference):
        return 0.0
    return interval(difference.tolist(), level=LEVEL).low


def _delay(config: RunConfig) -> float:
    """Of the loop of `config` around its first chip, in seconds."""
    system = System.from_config(config)
    loop = system.chip_loop
    assert isinstance(loop, DynamicLoop)  # by `at`
    return loop_delay(loop, system.program(0))
