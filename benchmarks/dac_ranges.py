"""Step-wise full scales of the waveform DAC: bits that they save on the same chips.

Diff-Acc gives the activations of each denoising step a scale of its own. The chip's
counterpart is the DAC that plays the multipliers' factors and the time embedding:
`dac.ranges` full scales, of which an update takes the smallest that holds its value.
For each number of ranges, the bits fall until the samples are no longer equal to those
that 16 bits play: the same chips from the same starts, with the same noise in lab time,
against the same data. Beside it stands a full scale that is fitted once to the largest
factor, without any switch (`multiplier.full_scale`). The gate is the error of what is
played, over half a step of the full scale in force: a converter that switches at wrong
updates fails.
"""

import dataclasses
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from rram_ode.blocks import DAC
from rram_ode.chip import Chip
from rram_ode.config import override_all, RunConfig
from rram_ode.energy import CONSTANTS, nominals
from rram_ode.loop import Waveforms
from rram_ode.presets import find_preset
from rram_ode.system import area_model, circuit_parts, NUM_SLOW, Repeat, System
from tqdm import tqdm

from ._harness import forget_programs, run
from ._result import Gate, Row


RIVAL = "the same chips with a DAC of 16 bits"
PLAYED = "error of what is played, over half a step of the full scale in force"
FINEST, FEWEST, MOST = 16, 4, 12
NUM_SAMPLES, NUM_CHIPS = 1_000, 2
COSTS = ("dac", "waveform memory", "switches")


@dataclasses.dataclass(frozen=True)
class Way:
    """A way to choose full scales.

    Args:
        ranges: Number of full scales.
        is_fitted: Whether the largest one is fitted to the factors.
        guess: Bits that are tried first.
    """

    ranges: int
    is_fitted: bool
    guess: int


WAYS = {
    "one range": Way(1, False, 10),
    "two ranges": Way(2, False, 8),
    "four ranges": Way(4, False, 7),
    "one range, fitted": Way(1, True, 7),
}


RANGE_ERROR = 0.01  # ten times that of a resistor string, as assumed


@dataclasses.dataclass(frozen=True)
class Bench:
    """The chips, starts and data of one preset, and what 16 bits play to them."""

    base: RunConfig
    repeats: tuple[Repeat, ...]
    data: np.ndarray
    exact: np.ndarray

    @staticmethod
    def of(preset: str, num: int, num_chips: int) -> "Bench":
        """The bench of whole chips of `preset`."""
        base = find_preset(preset)
        repeats = tuple(Repeat(num, seed) for seed in range(num_chips))
        system = System.from_config(override_all(base, {"dac.bits": FINEST}))
        data = np.concatenate([each.data(system) for each in repeats])
        exact = [r.analog(system, system.program(r.seed)).x for r in repeats]
        return Bench(base, repeats, data, np.concatenate(exact))

    def fitted(self) -> float:
        """The smallest full scale of a power of two that holds all chips' factors."""
        system = System.from_config(self.base)
        peak = max(system.check(system.program(each.seed)) for each in self.repeats)
        return 2.0 ** math.ceil(math.log2(peak))

    def tried(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Verdict, costs and errors of what is played, with other `settings`."""
        system = System.from_config(override_all(self.base, settings))
        chips = [system.program(each.seed) for each in self.repeats]
        runs, seconds = [], []
        for each, chip in zip(self.repeats, chips, strict=True):
            spent, drawn = run(lambda r=each, c=chip, s=system: r.analog(s, c))
            runs.append(drawn)
            seconds.append(spent)
        x, loop = np.concatenate([each.x for each in runs]), system.loop_of(chips[0])
        groups = NUM_SLOW * len(chips)
        beside = system.yardstick.compare(x, self.exact, self.data, groups)
        area = area_model(system.config, loop, chips[0])(nominals(CONSTANTS))
        breakdown = runs[0].energy.breakdown
        return {
            "settings": settings,
            "distance": system.yardstick.measure(x, self.data, groups).value,
            "beside": beside.as_dict(),
            "verdict": str(beside.verdict),
            "joules": {name: float(breakdown.get(name, 0.0)) for name in COSTS},
            "dac_area": float(area["dac"]),
            "changes": circuit_parts(system.config, loop, chips[0]).range_changes,
            "played": max(played(system, chip) for chip in chips),
            "seconds": float(np.median(seconds)),
        }


def played(system: System, chip: Chip) -> float:
    """Largest error of what is played, over half a step of the full scale in force."""
    waves = system.loop_of(chip).waveforms(chip)
    waves = dataclasses.replace(waves, updates=None)
    num = waves.dac.num_holds(float(waves.duration))
    return float(_played(waves, num))


@eqx.filter_jit
def _played(waves: Waveforms, num: int) -> jax.Array:
    exact = dataclasses.replace(waves, dac=DAC(None, waves.dac.update_rate))
    asked = exact.held(num).values
    found, taken = waves.held(num).values, waves.ranges(waves.dac, num)
    full = jnp.ones(asked.shape[1]).at[-2:].set(waves.multiplier.full_scale)
    full = full.reshape(1, -1, *(1,) * (asked.ndim - 2))
    bits = 0.0 if waves.dac.bits is None else waves.dac.bits.astype(full.dtype)
    half = full * 4.0 ** -taken.astype(full.dtype) / 2.0**bits
    # The last code is one step short of the full scale itself, whose range is 0.
    inside = asked <= full * (1 - 2.0**-bits)
    return jnp.max(jnp.where(inside, jnp.abs(found - asked) / half, 0.0))


def rows(options: Any) -> tuple[list[Row], dict[str, Any]]:
    """A row for each preset and way, and one with taps that are off."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    found: list[Row] = []
    total = len(options.presets) * (len(WAYS) + 1)
    with tqdm(total=total, unit="way", desc="dac_ranges") as bar:
        for preset in options.presets:
            found += range_rows(preset, num, num_chips, bar)
    return found, {"num_samples": num, "num_chips": num_chips}


def range_rows(preset: str, num: int, num_chips: int, bar: tqdm) -> list[Row]:
    """The fewest bits of each way, then errors of the ranges at those of four."""
    forget_programs()
    bench = Bench.of(preset, num, num_chips)
    fitted, found = bench.fitted(), dict[str, Row]()
    for name, way in WAYS.items():
        scale = {"multiplier.full_scale": fitted} if way.is_fitted else {}
        settings = {"dac.ranges": way.ranges, **scale}
        tries = fewest(bench, settings, way.guess)
        bits = min((b for b, t in tries.items() if is_equal(tries, b)), default=None)
        best = tries[max(tries) if bits is None else bits]
        first = found["one range"].details["bits"] if found else bits
        saved = first - bits if first and bits else None
        found[name] = Row(
            f"{preset}, {name}",
            Gate(best["played"], 1.001, PLAYED),
            best["seconds"],
            target=("bits_saved", ">=", 2.0) if name == "four ranges" else None,
            details={
                "preset": preset,
                "bits": bits,
                "bits_saved": saved,
                "full_scale": scale.get("multiplier.full_scale", 1.0),
                "tries": {str(b): tries[b] for b in sorted(tries)},
                **best,
            },
        )
        bar.update()
    error = error_row(bench, preset, found["four ranges"])
    bar.update()
    return [*found.values(), error]


def fewest(
    bench: Bench, settings: dict[str, Any], guess: int
) -> dict[int, dict[str, Any]]:
    """Trials by bits, from `guess` down to the first that is not equal, or up."""
    tries: dict[int, dict[str, Any]] = {}
    bits, step = guess, 0
    while FEWEST <= bits <= MOST and bits not in tries:
        tries[bits] = bench.tried({**settings, "dac.bits": bits})
        equal = is_equal(tries, bits)
        if step > 0 and equal:
            break
        if step < 0 and not equal:
            break
        step = -1 if equal else 1
        bits += step
    return tries


def is_equal(tries: dict[int, dict[str, Any]], bits: int) -> bool:
    """Whether so many bits are equal to the finest, or better."""
    return tries[bits]["verdict"] in ("equal", "better")


def error_row(bench: Bench, preset: str, four: Row) -> Row:
    """Four ranges with taps that are off, at the fewest bits of exact ones."""
    tried = bench.tried({**four.details["settings"], "dac.range_error": RANGE_ERROR})
    # A tap that is off by five spreads moves a value by so much of its full scale.
    most = 1 + 5 * RANGE_ERROR * 2.0 ** tried["settings"]["dac.bits"]
    return Row(
        f"{preset}, four ranges, taps off",
        Gate(tried["played"], most, PLAYED),
        tried["seconds"],
        details={"preset": preset, "range_error": RANGE_ERROR, **tried},
    )
