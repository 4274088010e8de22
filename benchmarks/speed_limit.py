"""How fast the chip `ring` may run: quality against the duration of a solve.

The same chips, with op-amps that take time, are run from 500 ns to 100 us, and compared
with themselves with infinitely fast op-amps at the preset's duration. A duration is
reached by scaling the integrators' capacitors, their resistors, or the multipliers'
factors; the last ends at full scale. The DAC plays the preset's table of values at any
speed; what one of a fixed rate does is a block of its own below. White read noise keeps
its density; where its band would not be resolved in a short solve, the band is widened
(an assumption: the band of real cells is wide, the preset's 1 MHz one of amplifiers).
The buffers that charge the starts scale with the capacitors.

Beside it, what each block alone does to the end of a trajectory: the root mean square
over samples of the difference between a chip with it and the same chip without.
"""

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import replace, replace_all, RunConfig
from rram_ode.loop import draw, DynamicLoop
from rram_ode.metrics import interval, LEVEL
from rram_ode.presets import PRESETS
from rram_ode.studies import Band, find_stability, speed_limit, Stability
from rram_ode.system import NUM_SLOW, Repeat, run_key, System
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the same chips with infinitely fast op-amps"
DURATIONS = (5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 1e-4)
NUM_SAMPLES, NUM_STILL, NUM_CHIPS = 4_000, 1_000, 6
MARGIN = 1.0  # just-noticeable distances
FARTHEST = 1e-3
FASTEST = 2e5  # gain-bandwidth times duration; 100 MHz in 20 us have 2e3
GATE = "rms difference to the quasi-static chip, gain-bandwidth times duration 2e5"
HOLDS = 20  # of white noise in a solve, the fewest that the package takes
STEPS_A_HOLD = 1.01
# Of the model alone: no op-amp is like this, and `--set` refuses it.
FAST = {"slew": 1e18, "offset_std": 0.0, "bias_current": 0.0}


class Class(NamedTuple):
    """Op-amps: a kind of the package, and what is set on it."""

    kind: str
    settings: dict[str, float]


CLASSES = {
    "on-chip, 100 MHz": Class("on-chip", {}),
    "board, 30 MHz": Class("board", {}),
    # Assumption: ten times the on-chip class in speed and slew, nothing else.
    "on-chip, 1 GHz": Class("on-chip", {"op_amp.gbw": 1e9, "op_amp.slew": 1e9}),
}
# What follows the duration; the factors of the multipliers do by themselves.
SCALINGS = {"capacitor": "capacitance", "resistor": "resistance", "factor": None}
FIRST, *OTHERS = CLASSES
CASES = [(FIRST, "capacitor"), (FIRST, "factor")]
CASES += [(name, "capacitor") for name in OTHERS]


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each class of op-amps, scaling and duration."""
    num_chips = options.num_chips or NUM_CHIPS
    judge = Judge(options.num_samples or NUM_SAMPLES, num_chips)
    base = PRESETS["ring"][0]
    around = base.solve.duration
    wanted = judge(base)
    gates = {duration: _fast_gap(base, duration) for duration in DURATIONS}
    stability = {name: _stability(base, name) for name in CLASSES}
    found, bands = [], {}
    with tqdm(total=len(CASES) * len(DURATIONS), desc="speed_limit") as bar:
        for case in CASES:
            distances: dict[float, np.ndarray] = {}
            seconds: dict[float, float] = {}
            refused: dict[float, str] = {}
            for duration in DURATIONS:
                try:
                    config = at(base, *case, duration)
                    seconds[duration], distances[duration] = run(
                        lambda config=config: judge(config)
                    )
                except ValueError as error:
                    refused[duration] = str(error)
                bar.update()
            band = speed_limit(distances, wanted, around=around, margin=MARGIN)
            bands[", ".join(case)] = [band.shortest, band.longest]
            for duration in DURATIONS:
                name = f"{case[0]}, by {case[1]}, {duration * 1e6:g} us"
                if duration in refused:
                    found.append(Row(name, skipped=refused[duration]))
                    continue
                margin = stability[case[0]][duration].margin_deg
                details = _details(
                    base, case, duration, distances[duration], band, margin
                )
                gate = Gate(gates[duration], FARTHEST, GATE)
                found.append(Row(name, gate, seconds[duration], details=details))
    extra = {
        "num_samples": judge.num,
        "num_chips": num_chips,
        "margin": MARGIN,
        "around_s": around,
        "reference_distance": interval(wanted.tolist(), level=LEVEL)._asdict(),
        "bands_s": bands,
        "blocks": [_blocks(base, duration) for duration in DURATIONS],
        "stability": {
            name: {
                "durations_s": list(seen),
                "rates_hz": [each.rate_hz for each in seen.values()],
                "poles_hz": list(next(iter(seen.values())).poles_hz),
                "margin_deg": [each.margin_deg for each in seen.values()],
            }
            for name, seen in stability.items()
        },
    }
    return found, extra


class Judge:
    """Distances of the same chips, from the same starts, to the same data.

    Args:
        num: Samples a chip.
        num_chips: How many chips.
    """

    def __init__(self, num: int, num_chips: int):
        self.num = num
        system = System.from_config(PRESETS["ring"][0])
        self._yardstick = system.yardstick
        self._runs = [Repeat(num, seed) for seed in range(num_chips)]
        self._data = [self._yardstick.embed(each.data(system)) for each in self._runs]

    def __call__(self, config: RunConfig) -> np.ndarray:
        """Distance of each chip, in just-noticeable distances."""
        system, found = System.from_config(config), []
        for seed, each in enumerate(self._runs):
            x = each.analog(system, system.program(seed)).x
            own = self._yardstick.embed(x, NUM_SLOW)
            found.append(self._yardstick.distance(own, self._data[seed]))
        return np.array(found)


def at(base: RunConfig, name: str, scaling: str, duration: float) -> RunConfig:
    """`base` with op-amps of a class, solved in `duration` seconds."""
    kind, settings = CLASSES[name]
    config = dataclasses.replace(base, fidelity="dynamic")
    config = replace_all(replace(config, "op_amp.kind", kind), settings)
    config = replace(config, "solve.duration", duration)
    knob = SCALINGS[scaling]
    if knob is not None:
        scaled = getattr(base.integrator, knob) * duration / base.solve.duration
        config = replace(config, f"integrator.{knob}", scaled)
        if knob == "capacitance":  # the same time to charge it in the reset
            buffer = base.start.resistance * base.solve.duration / duration
            config = replace(config, "start.resistance", buffer)
    rate = base.dac.update_rate
    if rate is not None:
        slower = base.solve.duration / duration
        config = replace(config, "dac.update_rate", rate * slower)
    white = base.cell.read.white
    band = max(white.bandwidth, HOLDS / duration / 2 * (1 + 1e-6))
    std = white.std * math.sqrt(band / white.bandwidth)
    config = replace(config, "cell.read.white.bandwidth", band)
    config = replace(config, "cell.read.white.std", std)
    holds = math.ceil(STEPS_A_HOLD * 2 * band * duration)
    return replace(config, "solve.num_steps", max(base.solve.num_steps, holds))


def _details(
    base: RunConfig,
    case: tuple[str, str],
    duration: float,
    found: np.ndarray,
    band: Band,
    margin: float,
) -> dict[str, Any]:
    verdict = band.verdicts[duration]
    return {
        "op_amp": case[0],
        "scaling": case[1],
        "duration_s": duration,
        "update_rate": at(base, *case, duration).dac.update_rate,
        "margin_deg": margin,
        "distance": interval(found.tolist(), level=LEVEL)._asdict(),
        **verdict.as_dict(),
        "is_as_good": verdict.is_as_good,
    }


def _quasi(config: RunConfig) -> RunConfig:
    return dataclasses.replace(config, fidelity="quasi-static")


def _still(config: RunConfig) -> RunConfig:
    """Without read noise, so that two runs of one chip can be subtracted."""
    laws = ("white.std", "white.std_rel", "flicker.std", "flicker.slope")
    config = replace_all(config, {f"cell.read.{law}": 0.0 for law in laws})
    return replace(config, "solve.num_steps", PRESETS["ring"][0].solve.num_steps)


def _ends(config: RunConfig, **values: float) -> np.ndarray:
    """Ends of the samples; `values` take the place of those of the op-amps.

    Of the circuit alone: `System.sample` refuses op-amps that nobody can build.
    """
    system = System.from_config(config)
    loop, chip = system.chip_loop, system.program(0)
    if values:
        assert isinstance(loop, DynamicLoop)  # by `at`
        op_amp = dataclasses.replace(loop.op_amp, **values)
        zero = None if values.get("offset_std") == 0 else loop.auto_zero
        loop = dataclasses.replace(loop, op_amp=op_amp, auto_zero=zero)
    chunks = draw(loop, chip, NUM_STILL, key=run_key(0), prior=system.prior)
    return np.concatenate([np.asarray(each.x0).T for each in chunks])


def _rms(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.mean((x - y) ** 2)))


def _fast_gap(base: RunConfig, duration: float) -> float:
    """Of the dynamic circuit in its limit, from the quasi-static one."""
    config = _still(at(base, FIRST, "capacitor", duration))
    fast = _ends(config, **FAST, gbw=FASTEST / duration)
    return _rms(fast, _ends(_quasi(config)))


def _blocks(base: RunConfig, duration: float) -> dict[str, float]:
    """What each block alone does to the end of a trajectory, in units of x."""
    noisy = at(base, FIRST, "capacitor", duration)
    still, slow = _still(noisy), _still(at(base, FIRST, "resistor", duration))
    same_steps = replace(still, "solve.num_steps", noisy.solve.num_steps)
    tight = replace(slow, "integrator.leak", None)
    poles = _ends(still, **FAST)
    quiet = _ends(_quasi(still))
    held = replace(still, "dac.update_rate", base.dac.update_rate)
    only = lambda knob: _ends(still, **{k: v for k, v in FAST.items() if k != knob})
    return {
        "duration_s": duration,
        "bandwidth": _rms(poles, quiet),
        "slew": _rms(only("slew"), poles),
        "offset of the amplifiers": _rms(only("offset_std"), poles),
        "read noise": _rms(_ends(_quasi(noisy)), _ends(_quasi(same_steps))),
        "DAC of a fixed rate": _rms(_ends(_quasi(held)), quiet),
        "leak, resistor scaled": _rms(_ends(_quasi(slow)), _ends(_quasi(tight))),
    }


def _stability(base: RunConfig, name: str) -> dict[float, Stability]:
    """Stability of the loop at each duration that is not refused, capacitors scaled."""
    found = {}
    for duration in DURATIONS:
        config = _still(at(base, name, "capacitor", duration))
        try:
            system = System.from_config(config)
            chip = system.program(0)
            seen = Repeat(NUM_STILL, 0).analog(system, chip)
        except ValueError:  # the row of this duration gives the reason
            continue
        found[duration] = find_stability(system, chip, seen)
    return found
