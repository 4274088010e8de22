"""Chips whose op-amps take time, solved in any duration: settings and runs."""

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from rram_ode.config import replace, replace_all, RunConfig
from rram_ode.loop import draw, DynamicLoop
from rram_ode.studies import find_stability, Stability
from rram_ode.system import NUM_SLOW, Repeat, run_key, System


NUM_STILL = 1_000  # samples without read noise
# Gain-bandwidth times duration for each neuron of the widest layer, with which noise
# gains grow; the 100 MHz and 20 us of `ring` have 143.
FASTEST = 2e5 / 14
HOLDS = 20  # of white noise in a solve, the fewest that the package takes
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
FIRST = next(iter(CLASSES))
# What follows the duration; the factors of the multipliers do by themselves.
SCALINGS = {"capacitor": "capacitance", "resistor": "resistance", "factor": None}


class Judge:
    """Distances of the same chips, from the same starts, to the same data.

    Args:
        base: The preset, whose data and yardstick are used.
        num: Samples a chip.
        num_chips: How many chips.
        first: Seed of the first chip.
    """

    def __init__(self, base: RunConfig, num: int, num_chips: int, first: int = 0):
        self.num = num
        system = System.from_config(base)
        self._yardstick = system.yardstick
        self._runs = [Repeat(num, first + n) for n in range(num_chips)]
        self._data = [self._yardstick.embed(each.data(system)) for each in self._runs]

    def __call__(self, config: RunConfig) -> np.ndarray:
        """Distance of each chip, in just-noticeable distances."""
        system, found = System.from_config(config), []
        for each, data in zip(self._runs, self._data, strict=True):
            x = each.analog(system, system.program(each.seed)).x
            own = self._yardstick.embed(x, NUM_SLOW)
            found.append(self._yardstick.distance(own, data))
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
    holds = round(2 * band * duration)  # a step a hold, at least
    return replace(config, "solve.num_steps", max(base.solve.num_steps, holds))


def fast_gap(base: RunConfig, duration: float) -> float:
    """Of the dynamic circuit in its limit, from the quasi-static one."""
    config = _still(base, at(base, FIRST, "capacitor", duration))
    gbw = FASTEST * max(base.network.widths) / duration
    fast = _ends(config, **FAST, gbw=gbw)
    return _rms(fast, _ends(_quasi(config)))


def blocks(base: RunConfig, duration: float) -> dict[str, float]:
    """What each block alone does to the end of a trajectory, in units of x."""
    noisy = _continuous(at(base, FIRST, "capacitor", duration))
    still = _still(base, noisy)
    slow = _still(base, at(base, FIRST, "resistor", duration))
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


class Motion(NamedTuple):
    """The loop of one chip at one duration, beside infinitely fast op-amps.

    Args:
        stability: The loop where it rings first.
        displacement: Root mean square, over samples and coordinates, by which op-amps
            move the end of a solve from the same start, in units of x, without read
            noise; `nan` where a sample diverged.
        radial: The same of the distance from the origin, in units of x.
    """

    stability: Stability
    displacement: float
    radial: float


def motion(base: RunConfig, name: str, duration: float) -> Motion:
    """The loop of the first chip, with its integrators' capacitors scaled.

    Raises:
        ValueError: If the circuit refuses the duration.
    """
    config = _still(base, at(base, name, "capacitor", duration))
    system, run = System.from_config(config), Repeat(NUM_STILL, 0)
    chip = system.program(0)
    seen = run.analog(system, chip)
    fast = System.from_config(_quasi(config))
    quiet = run.analog(fast, fast.program(0)).x
    radius = lambda x: np.linalg.norm(x, axis=1)
    return Motion(
        find_stability(system, chip, seen),
        _rms(seen.x, quiet),
        _rms(radius(seen.x), radius(quiet)),
    )


def _quasi(config: RunConfig) -> RunConfig:
    return dataclasses.replace(config, fidelity="quasi-static")


def _still(base: RunConfig, config: RunConfig) -> RunConfig:
    """Without read noise, so that two runs of one chip can be subtracted."""
    laws = ("white.std", "white.std_rel", "flicker.std", "flicker.slope")
    config = replace_all(config, {f"cell.read.{law}": 0.0 for law in laws})
    config = _continuous(config)
    return replace(config, "solve.num_steps", base.solve.num_steps)


def _continuous(config: RunConfig) -> RunConfig:
    """Without the ADC: a sample next to one of its edges would move by a whole step."""
    return replace_all(config, {"adc.bits": None, "adc.noise": 0.0})


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
