"""Quality against the bits of the ADC at the hand-over, on the same chips.

Each number of bits is judged beside the same samples as no converter read them, and
beside the next finer number: the same chips from the same starts, with the same noise
in lab time, against the same data. The verdicts are those of the just-noticeable
distance; rows give the distances and intervals behind them in its unit.

An imperfect network can be nearer to the data with a little blur. A step that is better
than the next one says so: the row then holds the distance of the digital twin with the
blur of the converter, `twin_blurred`, beside that of the twin, `twin`.
"""

import dataclasses
from typing import Any

import numpy as np
from rram_ode.config import replace, RunConfig
from rram_ode.metrics import Difference
from rram_ode.system import NUM_SLOW, Repeat, System, Yardstick
from tqdm import tqdm

from ._harness import run
from ._problem import fresh
from ._result import Gate, Row


RIVAL = "the same chips without an ADC"
BITS = (4, 6, 8, 10)
EXPECTED = {4: "worse", 10: "equal"}
NUM_SAMPLES, NUM_CHIPS = 5_000, 6


@dataclasses.dataclass(frozen=True)
class Case:
    """Samples of all chips at one number of bits.

    Args:
        bits: Bits of the ADC; `None` is without one.
        x: Samples of all chips, one chip after the other, `(num, dim)`.
        seconds: Seconds that sampling took.
        energy: Joules of the ADC, per sample.
        clipped: Fraction of the samples that the ADC clips.
    """

    bits: int | None
    x: np.ndarray
    seconds: float
    energy: float
    clipped: float


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each preset and number of bits."""
    num, num_chips = options.num_samples or NUM_SAMPLES, options.num_chips or NUM_CHIPS
    found, extra = [], {"num_samples": num, "num_chips": num_chips, "presets": {}}
    total = len(options.presets) * (len(BITS) + 1)
    with tqdm(total=total, unit="case", desc="adc_bits") as bar:
        for preset in options.presets:
            base = fresh(preset)
            system = System.from_config(base)
            repeats = [Repeat(num, seed) for seed in range(num_chips)]
            data = np.concatenate([each.data(system) for each in repeats])
            twin = np.concatenate([each.digital(system) for each in repeats])
            cases = []
            for bits in (*BITS, None):
                cases.append(sampled(base, bits, repeats))
                bar.update()
            found += judged(system, preset, cases, data, twin, num_chips)
            extra["presets"][preset] = {"delta": system.yardstick.delta}
    return found, extra


def sampled(base: RunConfig, bits: int | None, repeats: list[Repeat]) -> Case:
    """All chips with an ADC of `bits`."""
    system = System.from_config(replace(base, "adc.bits", bits))
    runs = []
    call = lambda: [
        runs.append(each.analog(system, system.program(seed)))
        for seed, each in enumerate(repeats)
    ]
    seconds, _ = run(call)
    clipped = [each.clipped.get("ADC", {"samples": 0})["samples"] for each in runs]
    return Case(
        bits,
        np.concatenate([each.x for each in runs]),
        seconds,
        float(runs[0].energy.breakdown["adc"]),
        float(np.sum(clipped)) / sum(each.num for each in repeats),
    )


def judged(
    system: System,
    preset: str,
    cases: list[Case],
    data: np.ndarray,
    twin: np.ndarray,
    num_chips: int,
) -> list[Row]:
    """A row for each number of bits, beside the next finer one and beside none."""
    yardstick, groups = system.yardstick, NUM_SLOW * num_chips
    beside = lambda a, b: yardstick.compare(a.x, b.x, data, groups)
    exact, found = cases[-1], []
    for case, finer in zip(cases[:-1], cases[1:], strict=True):
        total, step = beside(case, exact), beside(case, finer)
        wanted = EXPECTED.get(case.bits or 0)
        broken = int(wanted is not None and str(total.verdict) != wanted)
        details = {
            "preset": preset,
            "bits": case.bits,
            "distance": yardstick.measure(case.x, data, groups).value,
            "beside_none": total.as_dict(),
            "beside_next": step.as_dict(),
            "adc_j": case.energy,
            "clipped": case.clipped,
            **helped(system, yardstick, case, twin, data, step),
        }
        broken += int(step.verdict == "better" and not details["noise_helps_the_twin"])
        what = "verdicts that are not those expected"
        name = f"{preset}, {case.bits} bits"
        found.append(
            Row(name, Gate(float(broken), 0.0, what), case.seconds, details=details)
        )
    return found


def helped(
    system: System,
    yardstick: Yardstick,
    case: Case,
    twin: np.ndarray,
    data: np.ndarray,
    step: Difference,
) -> dict[str, Any]:
    """Whether the blur of the converter alone brings the twin nearer to the data."""
    if step.verdict != "better" or case.bits is None:
        return {"noise_helps_the_twin": None}
    adc = system.replace({"adc.bits": case.bits}).chip_loop.converters.adc
    volts = float(system.program(0).score.volts_in)
    width = float(adc.full_scale) / 2 ** (case.bits - 1) / volts
    noise = 0.0 if adc.noise is None else float(adc.noise)
    blur = width * np.sqrt(1 / 12 + noise**2)
    blurred = twin + blur * np.random.default_rng(0).standard_normal(twin.shape)
    difference = yardstick.compare(blurred, twin, data, NUM_SLOW)
    return {
        "blur": float(blur),
        "twin": yardstick.measure(twin, data).value,
        "twin_blurred": yardstick.measure(blurred, data).value,
        "noise_helps_the_twin": bool(difference.verdict == "better"),
    }
