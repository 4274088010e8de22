"""The digital twin's samples against data, beside the limits; and the front.

A beta factor above 1 narrows the ring (kl_2d up) and may bring the radius closer (kl_1d
down): the front shows both over the factor.
"""

import dataclasses
from typing import Any

import numpy as np
from rram_ode.metrics import quality
from rram_ode.presets import PRESETS
from rram_ode.system import Repeat, System

from ._harness import compile_seconds, run
from ._result import Gate, Row


RIVAL = "the limits: for ring, the authors' own weights (kl_1d 0.007, kl_2d 0.235)"
NUM_SAMPLES = 20_000
SEEDS = (0, 1, 2)
# A digital sampler has no lab time: each seed begins at sample 0.
RUNS = tuple(Repeat(NUM_SAMPLES, seed) for seed in SEEDS)
LIMITS = {
    "ring": {"kl_1d": 0.007, "kl_2d": 0.235},
    "ring-64": {"kl_1d": 0.002, "kl_2d": 0.09},
}
FACTORS = (1.0, 1.2, 1.4, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2, 2.4)


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """kl_1d and kl_2d of both presets, means of three seeds."""
    del options
    found: list[Row] = []
    for preset, limits in LIMITS.items():
        system = System.from_config(PRESETS[preset][0])
        first = lambda system=system: RUNS[0].digital(system)
        compile_s = compile_seconds(first)
        seconds, samples = run(first)
        others = [each.digital(system) for each in RUNS[1:]]
        means, each, floor = _judged(system, [samples, *others])
        found += [
            Row(
                f"{preset}, {name}",
                Gate(means[name], limit, f"mean {name} of {len(SEEDS)} seeds"),
                seconds,
                None,
                compile_s,
                None,
                {"seeds": each[name], "floor": floor[name]},
            )
            for name, limit in limits.items()
        ]
    return found, {"front": _front(), "num_samples": NUM_SAMPLES}


def _judged(system: System, clouds: list[np.ndarray]):
    """Means over seeds; all seeds; the floor's means."""
    data = [each.data(system) for each in RUNS]
    fresh = [each.fresh_data(system) for each in RUNS]
    names = ("kl_1d", "kl_2d")
    table = []
    for pairs in (zip(clouds, data, strict=True), zip(fresh, data, strict=True)):
        values = [quality(*pair).as_dict() for pair in pairs]
        table.append({name: [v[name] for v in values] for name in names})
    means = [{n: float(np.mean(v)) for n, v in values.items()} for values in table]
    return means[0], table[0], means[1]


def _front() -> list[dict[str, float]]:
    """kl_1d against kl_2d of `ring` over the beta factor."""
    system = System.from_config(PRESETS["ring-fresh"][0])
    points = []
    for factor in FACTORS:
        process = system.sampler.process_along(system.checkpoint.sde, factor)
        other = dataclasses.replace(system, process=process)
        clouds = [each.digital(other) for each in RUNS]
        means = _judged(other, clouds)[0]
        points.append({"beta_factor": factor, **means})
    return points
