"""How fast the chip `ring` may run: quality against the duration of a solve.

The same chips, with op-amps that take time, are run from 100 ns to 1 ms, and compared
with themselves with infinitely fast op-amps at the preset's duration. A duration is
reached by scaling the integrators' capacitors, their resistors, or the multipliers'
factors; the last ends at full scale. White read noise keeps its density; where its band
would not be resolved in a short solve, the band is widened (an assumption: the band of
real cells is wide, and the preset's 1 MHz is one of its amplifiers).

Beside it, what each block alone does to the end of a trajectory: the root mean square
over samples of the difference between a chip with it and the same chip without.
"""

import dataclasses
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from rram_ode._run import assemble, run_analog, run_data
from rram_ode.config import replace, RunConfig
from rram_ode.metrics import interval, kl_2d
from rram_ode.presets import PRESETS
from rram_ode.samplers import DynamicLoop
from rram_ode.studies import Band, loop_rates, phase_margin, speed_limit
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the same chips with infinitely fast op-amps"
DURATIONS = (1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5)
DURATIONS += (5e-5, 1e-4, 2e-4, 5e-4, 1e-3)
NUM_SAMPLES, NUM_STILL = 5_000, 1_000
MARGIN = 0.2
HOLDS = 20  # of white noise in a solve, the fewest that the package takes
STEPS_A_HOLD = 1.01
OFF = {"op_amp.slew": 1e18, "op_amp.offset_std": 0.0, "op_amp.bias_current": 0.0}


class Class(NamedTuple):
    """Op-amps: a kind of the package, and what is set on it."""

    kind: str
    settings: dict[str, float]


CLASSES = {
    "on-chip, 100 MHz": Class("on-chip", {}),
    "board, 50 MHz": Class("board", {}),
    # Assumption: ten times the on-chip class in speed and slew, nothing else.
    "on-chip, 1 GHz": Class("on-chip", {"op_amp.gbw": 1e9, "op_amp.slew": 1e9}),
}
SCALINGS = ("capacitor", "resistor", "factor")
CASES = [(next(iter(CLASSES)), scaling) for scaling in SCALINGS]
CASES += [(name, "capacitor") for name in list(CLASSES)[1:]]


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each class of op-amps, scaling and duration."""
    num, seeds = options.num_samples or NUM_SAMPLES, range(options.num_chips)
    base = PRESETS["ring"][0]
    around = base.solve.duration
    reference = assemble(base, None)
    data = [run_data(reference, num, seed, 0) for seed in seeds]
    judge = lambda system: np.array(
        [[kl_2d(run_analog(system, system.chip(s), num, s).x, data[s])] for s in seeds]
    )
    wanted = judge(reference)
    found, bands = [], {}
    gates = {}
    with tqdm(total=len(CASES) * len(DURATIONS), desc="speed_limit") as bar:
        for name, scaling in CASES:
            qualities, seconds, refused = {}, {}, {}
            for duration in DURATIONS:
                config = at(base, name, scaling, duration)
                if duration not in gates:
                    gates[duration] = fast_gap(at(base, name, "capacitor", duration))
                try:
                    system = assemble(config, None)
                    seconds[duration], qualities[duration] = run(
                        lambda s=system: judge(s)
                    )
                except ValueError as error:
                    refused[duration] = str(error)
                bar.update()
            band = speed_limit(qualities, wanted, around=around, margin=MARGIN)
            bands[f"{name}, {scaling}"] = [band.shortest, band.longest]
            found += [
                _row(name, scaling, duration, gates, qualities, seconds, refused, band)
                for duration in DURATIONS
            ]
    extra = {
        "num_samples": num,
        "num_chips": options.num_chips,
        "margin": MARGIN,
        "around_s": around,
        "reference_kl_2d": interval(wanted[:, 0])._asdict(),
        "bands_s": bands,
        "blocks": blocks(base),
        "stability": {name: stability(base, name) for name in CLASSES},
    }
    return found, extra


def at(base: RunConfig, name: str, scaling: str, duration: float) -> RunConfig:
    """`base` with op-amps of a class, solved in `duration` seconds."""
    kind, settings = CLASSES[name]
    config = dataclasses.replace(base, fidelity="dynamic")
    config = replace(config, "op_amp.kind", kind)
    for knob, value in settings.items():
        config = replace(config, knob, value)
    config = replace(config, "solve.duration", duration)
    ratio, integrator = duration / base.solve.duration, base.integrator
    if scaling == "capacitor":
        config = replace(
            config, "integrator.capacitance", ratio * integrator.capacitance
        )
    if scaling == "resistor":
        config = replace(config, "integrator.resistance", ratio * integrator.resistance)
    white = base.cell.read.white
    band = max(white.bandwidth, HOLDS / duration / 2 * (1 + 1e-6))
    std = white.std * math.sqrt(band / white.bandwidth)
    config = replace(config, "cell.read.white.bandwidth", band)
    config = replace(config, "cell.read.white.std", std)
    holds = math.ceil(STEPS_A_HOLD * 2 * band * duration)
    return replace(config, "solve.num_steps", max(base.solve.num_steps, holds))


def _row(
    name, scaling, duration, gates, qualities, seconds, refused, band: Band
) -> Row:
    case = f"{name}, by {scaling}, {duration * 1e6:g} us"
    if duration in refused:
        return Row(case, skipped=refused[duration])
    verdict = band.verdicts[duration]
    return Row(
        case,
        Gate(
            gates[duration],
            1e-3,
            "rms difference of the chip with op-amps of 1e13 Hz to the quasi-static one",
        ),
        seconds[duration],
        details={
            "op_amp": name,
            "scaling": scaling,
            "duration_s": duration,
            "kl_2d": interval(qualities[duration][:, 0])._asdict(),
            "excess": verdict.excess,
            "upper": verdict.upper,
            "is_not_worse": verdict.is_not_worse,
        },
    )


def _still(config: RunConfig) -> RunConfig:
    """Without read noise, so that two runs of one chip can be subtracted."""
    for knob in ("white.std", "white.std_rel", "flicker.std", "flicker.slope"):
        config = replace(config, f"cell.read.{knob}", 0.0)
    return replace(config, "solve.num_steps", PRESETS["ring"][0].solve.num_steps)


def _ends(config: RunConfig) -> np.ndarray:
    system = assemble(config, None)
    return run_analog(system, system.chip(0), NUM_STILL, 0).x


def _rms(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.mean((x - y) ** 2)))


def _quasi(config: RunConfig) -> RunConfig:
    return dataclasses.replace(config, fidelity="quasi-static")


def _set(config: RunConfig, settings: dict[str, float]) -> RunConfig:
    for knob, value in settings.items():
        config = replace(config, knob, value)
    return config


def fast_gap(config: RunConfig) -> float:
    """Of the dynamic circuit in its limit, from the quasi-static one."""
    config = _still(config)
    fast = _set(config, {**OFF, "op_amp.gbw": 1e13})
    return _rms(_ends(fast), _ends(_quasi(config)))


def blocks(base: RunConfig) -> list[dict[str, Any]]:
    """What each block alone does to the end of a trajectory, in units of x."""
    name, found = next(iter(CLASSES)), []
    slew, offset = (
        {k: v for k, v in OFF.items() if k != f"op_amp.{part}"}
        for part in ("slew", "offset_std")
    )
    for duration in DURATIONS:
        config = at(base, name, "capacitor", duration)
        still = _still(config)
        poles = _ends(_set(still, OFF))
        quiet = _ends(_quasi(still))
        slow = _still(at(base, name, "resistor", duration))
        tight = replace(slow, "integrator.leak", None)
        found.append(
            {
                "duration_s": duration,
                "bandwidth": _rms(poles, quiet),
                "slew": _rms(_ends(_set(still, slew)), poles),
                "offset of the amplifiers": _rms(_ends(_set(still, offset)), poles),
                "read noise": _rms(
                    _ends(_quasi(config)), _ends(_quasi(_noisy_steps(still, config)))
                ),
                "leak, by resistor": _rms(_ends(_quasi(slow)), _ends(_quasi(tight))),
            }
        )
    return found


def _noisy_steps(still: RunConfig, config: RunConfig) -> RunConfig:
    """On the grid of the noisy run, so that only the noise differs."""
    return replace(still, "solve.num_steps", config.solve.num_steps)


def stability(base: RunConfig, name: str) -> dict[str, Any]:
    """The loop's fastest rate at the preset's duration, poles, and margins.

    Rates go as 1 / duration, poles do not.
    """
    around = base.solve.duration
    system = assemble(_still(at(base, name, "capacitor", around)), None)
    chip = system.chip(0)
    run = run_analog(system, chip, 200, 0)
    loop = system.loop
    assert isinstance(loop, DynamicLoop)  # by `at`
    stages = jax.jit(lambda loop, chip: loop.circuit(chip).layers)(loop, chip)
    poles = np.array([float(jnp.min(stage.modes[0])) for stage in stages])
    taus, v = run.taus, run.v
    many = jax.vmap(lambda v: loop_rates(loop.loop, chip, v, jnp.asarray(taus)))
    rates = many(jnp.moveaxis(jnp.asarray(v), -1, 0))
    score, direct = np.asarray(rates.score), np.asarray(rates.direct)[..., None]
    margins = [
        float(np.min(phase_margin(score * around / t, direct * around / t, poles)))
        for t in DURATIONS
    ]
    return {
        "rate_hz": float(np.abs(score).max() / 2 / np.pi),
        "poles_hz": [float(p / 2 / np.pi) for p in poles],
        "margin_deg": dict(zip(map(str, DURATIONS), margins, strict=True)),
    }
