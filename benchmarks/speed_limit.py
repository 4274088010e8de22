"""How fast the chips `ring` and `ring-64` may run: quality against the duration.

The same chips, with op-amps that take time, are run from 500 ns to 100 us, and compared
with themselves with infinitely fast op-amps at the preset's duration. A duration is
reached by scaling the integrators' capacitors, their resistors, or the multipliers'
factors; the last ends at full scale. The DAC plays the preset's table of values at any
speed; what one of a fixed rate does is a block of its own below. White read noise keeps
its density; where its band would not be resolved in a short solve, the band is widened
(an assumption: the band of real cells is wide, the preset's 1 MHz one of amplifiers).
The buffers that charge the starts scale with the capacitors. `ring-64` has half the
samples a chip, as a solve of its layers takes ten times as long.

Three gates: each circuit in its limit is the quasi-static one; a longer solve is not
shown to be further from the data; and no solve counts as equal whose loop has lost its
phase margin, or whose op-amps move the samples by more than the ring is wide, unless
the row says what else was measured that makes it harmless.

Beside it, what each block alone does to the end of a trajectory: the root mean square
over samples of the difference between a chip with it and the same chip without.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import RunConfig
from rram_ode.datasets import Ring
from rram_ode.metrics import interval, LEVEL
from rram_ode.studies import Band, speed_limit
from tqdm import tqdm

from ._harness import forget_programs, run
from ._problem import fresh
from ._result import Gate, Row
from ._speed import at, blocks, CLASSES, fast_gap, FIRST, Judge, Motion, motion


RIVAL = "the same chips with infinitely fast op-amps"
DURATIONS = (5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 1e-4)
NUM_SAMPLES = {"ring": 4_000, "ring-64": 2_000}
NUM_CHIPS = 6
MARGIN = 1.0  # just-noticeable distances
FARTHEST = 5e-4
GATE = "rms difference to the quasi-static chip, op-amps a hundred times as fast"
LEAST_PHASE = 30.0  # degrees: with less, a loop rings for several periods
WIDTH = float(Ring().std)
MONOTONE = "least growth of the distance with the duration that the chips still allow"
EXPLAINED = "equal rows without margin or moved by more than the ring's width, unsaid"


class Case(NamedTuple):
    """A class of op-amps, and what is scaled to reach a duration."""

    op_amp: str
    scaling: str

    @property
    def label(self) -> str:
        """The case in a row's name."""
        return f"{self.op_amp}, by {self.scaling}"


BY_CAPACITOR = tuple(Case(name, "capacitor") for name in CLASSES)
CASES = {
    "ring": (*BY_CAPACITOR[:1], Case(FIRST, "factor"), *BY_CAPACITOR[1:]),
    "ring-64": BY_CAPACITOR,
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each preset, class of op-amps, scaling and duration, and the gates."""
    num_chips = options.num_chips or NUM_CHIPS
    found: list[Row] = []
    told = {}
    for preset in (name for name in options.presets if name in CASES):
        study = Study(preset, options.num_samples or NUM_SAMPLES[preset], num_chips)
        found += study.rows()
        told[preset] = study.extra()
    extra = {"num_chips": num_chips, "margin": MARGIN, "presets": told}
    return found, extra


class Study:
    """The runs of one preset.

    Args:
        preset: Its name.
        num: Samples a chip.
        num_chips: How many chips.
    """

    def __init__(self, preset: str, num: int, num_chips: int):
        self.preset, self.base = preset, fresh(preset)
        self.judge = Judge(self.base, num, num_chips)
        self.wanted = self.judge(self.base)
        self.motions = {name: _motions(self.base, name) for name in CLASSES}
        self.bands: dict[str, Band] = {}

    def rows(self) -> list[Row]:
        """The rows of all cases and durations, and those of the gates."""
        limits = {duration: fast_gap(self.base, duration) for duration in DURATIONS}
        cases, found = CASES[self.preset], []
        with tqdm(total=len(cases) * len(DURATIONS), desc=self.preset) as bar:
            for case in cases:
                found += self._case(case, limits, bar)
        unsaid = sum(
            row.details.get("is_suspect", False) and row.details["reason"] is None
            for row in found
        )
        gate = Gate(float(unsaid), 0.0, EXPLAINED)
        return [*found, Row(f"{self.preset}, equal rows are explained", gate)]

    def _case(self, case: Case, limits: Mapping[float, float], bar: tqdm) -> list[Row]:
        distances: dict[float, np.ndarray] = {}
        seconds: dict[float, float] = {}
        refused: dict[float, str] = {}
        for duration in DURATIONS:
            forget_programs()
            try:
                config = at(self.base, *case, duration)
                seconds[duration], distances[duration] = run(
                    lambda config=config: self.judge(config)
                )
            except ValueError as error:
                refused[duration] = str(error)
            bar.update()
        around = self.base.solve.duration
        band = speed_limit(distances, self.wanted, around=around, margin=MARGIN)
        self.bands[case.label] = band
        found = []
        for duration in DURATIONS:
            name = f"{self.preset}, {case.label}, {duration * 1e6:g} us"
            if duration in refused:
                found.append(Row(name, skipped=refused[duration]))
                continue
            details = self._details(case, duration, distances[duration], band)
            gate = Gate(limits[duration], FARTHEST, GATE)
            found.append(Row(name, gate, seconds[duration], details=details))
        gate = Gate(growth(distances), 0.0, MONOTONE)
        return [*found, Row(f"{self.preset}, {case.label}, monotone", gate)]

    def _details(
        self, case: Case, duration: float, found: np.ndarray, band: Band
    ) -> dict[str, Any]:
        verdict, seen = band.verdicts[duration], self.motions[case.op_amp][duration]
        return {
            "preset": self.preset,
            "op_amp": case.op_amp,
            "scaling": case.scaling,
            "duration_s": duration,
            "update_rate": at(self.base, *case, duration).dac.update_rate,
            "margin_deg": seen.stability.margin_deg,
            "displacement": seen.displacement,
            "radial_displacement": seen.radial,
            "distance": interval(found.tolist(), level=LEVEL)._asdict(),
            **verdict.as_dict(),
            "is_as_good": verdict.is_as_good,
            "is_suspect": verdict.is_as_good and not is_sound(seen),
            "reason": reason(seen) if verdict.is_as_good else None,
        }

    def extra(self) -> dict[str, Any]:
        """Bands, blocks and stability, for a notebook; `rows` comes first."""
        return {
            "num_samples": self.judge.num,
            "around_s": self.base.solve.duration,
            "reference_distance": interval(self.wanted.tolist(), level=LEVEL)._asdict(),
            "bands_s": {
                name: [band.shortest, band.longest] for name, band in self.bands.items()
            },
            "blocks": [_blocks(self.base, duration) for duration in DURATIONS],
            "stability": {
                name: {
                    "durations_s": list(seen),
                    "rates_hz": [each.stability.rate_hz for each in seen.values()],
                    "poles_hz": list(next(iter(seen.values())).stability.poles_hz),
                    "margin_deg": [each.stability.margin_deg for each in seen.values()],
                }
                for name, seen in self.motions.items()
            },
        }


def is_sound(seen: Motion) -> bool:
    """Whether the loop has its phase margin, and moves no sample far."""
    return seen.stability.margin_deg >= LEAST_PHASE and seen.displacement <= WIDTH


def reason(seen: Motion) -> str | None:
    """Why samples may follow the data although the loop rings or moves them.

    `None` if the loop does neither, or if nothing that was measured makes it harmless.
    """
    if is_sound(seen):
        return None
    if seen.displacement <= WIDTH:
        return (
            f"the loop rings where it contracts fastest, and its op-amps move the ends "
            f"by {seen.displacement:.3f}, less than the ring is wide"
        )
    is_stable = seen.stability.margin_deg >= LEAST_PHASE
    if is_stable and seen.radial <= WIDTH:
        return (
            f"the ends move by {seen.displacement:.3f} along the ring, and by "
            f"{seen.radial:.3f} across it, less than it is wide"
        )
    return None


def growth(distances: Mapping[float, np.ndarray]) -> float:
    """The largest growth of the distance with the duration that is beyond chance.

    Of the mean growth over chips from each duration to the next, the lower end of an
    interval; all intervals of a case hold together with a probability of 90 %. At 0 or
    less the runs are compatible with a distance that falls with the duration.
    """
    durations = sorted(distances)
    steps = [
        distances[longer] - distances[shorter]
        for shorter, longer in zip(durations, durations[1:], strict=False)
    ]
    if not steps:
        return math.nan
    level = 1 - (1 - LEVEL) / len(steps)
    return max(interval(step.tolist(), level=level).low for step in steps)


def _blocks(base: RunConfig, duration: float) -> dict[str, float]:
    forget_programs()
    return blocks(base, duration)


def _motions(base: RunConfig, name: str) -> dict[float, Motion]:
    """The loop at each duration that is not refused, capacitors scaled."""
    found = {}
    for duration in DURATIONS:
        forget_programs()
        try:
            found[duration] = motion(base, name, duration)
        except ValueError:  # the row of this duration gives the reason
            continue
    return found
