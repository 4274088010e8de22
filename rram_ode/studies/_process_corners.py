"""Chips at process corners and temperatures, as fabricated and as trimmed."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..chip import CORNERS as PROCESSES
from ..metrics import Difference
from ..system import NUM_SLOW, System


# Those that have a name: Monte Carlo is none.
CORNERS = tuple(name for name, signs in PROCESSES.items() if signs is not None)


# -40, 27, 85 and 125 C; 27 C is the 300 K of the trims.
TEMPERATURES = (233.0, 300.0, 358.0, 398.0)


@dataclasses.dataclass(frozen=True)
class CornerChip:
    """One chip at a corner and a temperature, beside its digital twin.

    Args:
        corner: Name of the process corner.
        temperature: Temperature of use, in kelvin.
        is_trimmed: Whether the test bench trimmed the chip.
        distance: Distance of its samples to the data, in just-noticeable distances;
            `None` for a chip that cannot run.
        beside_twin: That distance less the twin's, with its interval; `None` for a chip
            that cannot run.
        residues: What the trims left, by name.
        note: Why the chip cannot run, or the largest residue of its trims, which need
            not be what makes it worse; empty as fabricated.
    """

    corner: str
    temperature: float
    is_trimmed: bool
    distance: float | None
    beside_twin: Difference | None
    residues: dict[str, float]
    note: str

    @property
    def verdict(self) -> str:
        """The verdict beside the twin, or `refused`."""
        return "refused" if self.beside_twin is None else str(self.beside_twin.verdict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a report."""
        found = self.beside_twin
        return {
            **dataclasses.asdict(self),
            "beside_twin": None if found is None else found.as_dict(),
            "verdict": self.verdict,
        }


def judge_corners(
    system: System,
    num_samples: int,
    *,
    trims: Mapping[str, Any],
    corners: Sequence[str] = CORNERS,
    temperatures: Sequence[float] = TEMPERATURES,
    chip_seed: int = 0,
    seed: int = 0,
    told: Callable[[CornerChip], object] = lambda chip: None,
) -> list[CornerChip]:
    """One die at each corner and temperature, without and with the settings `trims`.

    All chips are the die `chip_seed` but for its corner, start from the same numbers
    and are judged beside the same twin against the same data.

    Args:
        system: Its settings give the temperature coefficients and all other errors.
        num_samples: Samples of each chip, of the twin, and of the data.
        trims: Settings that turn the trims on.
        corners: Names of process corners.
        temperatures: Temperatures of use, in kelvin.
        chip_seed: Seed of the die.
        seed: Seed of starts and data.
        told: Told each chip as it is done.
    """
    yardstick = system.yardstick
    data = system.data(num_samples, seed=seed)
    twin = system.sample_digital(num_samples, seed=seed).x
    found = []
    for corner in corners:
        for temperature in temperatures:
            for settings in ({}, trims):
                here = {"process.corner": corner, "cell.temperature": temperature}
                x, left, words = _run(
                    system, {**here, **settings}, num_samples, chip_seed, seed
                )
                distance = beside = None
                if x is not None:
                    distance = yardstick.measure(x, data, NUM_SLOW).value
                    beside = yardstick.compare(x, twin, data, NUM_SLOW)
                chip = CornerChip(
                    corner, temperature, bool(settings), distance, beside, left, words
                )
                told(chip)
                found.append(chip)
    return found


def _run(
    system: System, settings: dict[str, Any], num: int, chip_seed: int, seed: int
) -> tuple[Any, dict[str, float], str]:
    """Samples of the chip, what its trims left, and that in words."""
    left: dict[str, float] = {}
    try:
        machine = system.replace(settings)
        chip = machine.program(chip_seed)
        if chip.trims is not None:
            left = {name: float(x) for name, x in chip.trims.residues.items()}
        x = machine.sample(chip, num, seed=seed).x
    except ValueError as error:
        return None, left, " ".join(str(error).split())
    no_residues = ("before", "clipped")
    after = {name: r for name, r in left.items() if not name.startswith(no_residues)}
    if not after:
        return x, left, ""
    worst = max(after, key=lambda name: abs(after[name]))
    return x, left, f"largest residue: {worst} {after[worst]:+.2g}"
