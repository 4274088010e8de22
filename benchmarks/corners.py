"""Five process corners at four temperatures: a chip as fabricated, and as trimmed.

Each chip of a preset, a day old, is judged beside its digital twin against the same
data. The default tells equal chips apart from those that are one just-noticeable
distance worse in 98 % of the cases.
"""

import time
from typing import Any

from rram_ode.studies import CornerChip, judge_corners
from rram_ode.system import System

from ._pvt import OFF, TRACKED
from ._result import Gate, Row


RIVAL = "the same die without trims, at the same corner and temperature"
NUM_SAMPLES = 10_000
PRESETS = ("ring-64",)
WORSE = 1.0  # just-noticeable distance that trims may cost: they must not harm
EQUAL = 18  # of 20 corners at which the trimmed chip is to equal its twin
WHAT = "distance of the trimmed chip above the larger of 1 and that as fabricated"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each corner and temperature of each preset."""
    num = options.num_samples or NUM_SAMPLES
    found: list[Row] = []
    summary = {}
    presets = PRESETS if options.presets == ("ring", "ring-64") else options.presets
    for preset in presets:
        system = System.from_preset(preset, OFF)
        begun = time.perf_counter()
        chips = judge_corners(system, num, trims=TRACKED, told=tell)
        seconds = (time.perf_counter() - begun) / len(chips)
        pairs = list(zip(chips[::2], chips[1::2], strict=True))
        found += [row(preset, *pair, seconds) for pair in pairs]
        equal = sum(chip.verdict in ("equal", "better") for _, chip in pairs)
        values = [None if each.gate is None else each.gate.value for each in found]
        known = [value for value in values if value is not None]
        worst = max(known) if len(known) == len(values) else None
        found.append(
            Row(
                f"{preset}, all corners",
                Gate(worst, WORSE, f"largest {WHAT}"),
                target=("equal", ">=", EQUAL),
                details={"equal": equal},
            )
        )
        summary[preset] = {
            "equal": equal,
            "of": len(pairs),
            "others": {
                f"{chip.corner}, {chip.temperature:g} K": f"{chip.verdict} {chip.note}"
                for _, chip in pairs
                if chip.verdict not in ("equal", "better")
            },
        }
    return found, {"num_samples": num, "summary": summary}


def row(preset: str, bare: CornerChip, trimmed: CornerChip, seconds: float) -> Row:
    """One corner and temperature."""
    before = 1.0 if bare.distance is None else max(bare.distance, 1.0)
    above = None if trimmed.distance is None else trimmed.distance - before
    case = f"{preset}, {trimmed.corner}, {trimmed.temperature - 273:.0f} C"
    return Row(
        case,
        Gate(above, WORSE, WHAT),
        seconds,
        details={"fabricated": bare.as_dict(), "trimmed": trimmed.as_dict()},
    )


def tell(chip: CornerChip) -> None:
    """Progress on the terminal."""
    what = "trimmed" if chip.is_trimmed else "as fabricated"
    far = "cannot run" if chip.distance is None else f"{chip.distance:.2f}"
    print(
        f"{chip.corner}, {chip.temperature:g} K, {what}: {far}, {chip.verdict} "
        f"{chip.note}",
        flush=True,
    )
