"""Quality of chips from 1 s to 10 years after programming, and the cheapest rewriting.

Each age has its own cells on the same chips, beside the digital twin from the same
starts. A gate holds the cells of each age to the mean and the spread of their source;
ages beyond the source's last one are marked. The policy is the period of least joules
up to which every age was found equal to the twin, or better: an undecided age never
passes. Its cells are then run after some rewritings.
"""

import dataclasses
import math
from typing import Any

import numpy as np
from rram_ode.chip import CellState, TEN_YEARS
from rram_ode.config import override_all
from rram_ode.devices import LogarithmicDrift
from rram_ode.metrics import interval, LEVEL
from rram_ode.presets import find_preset
from rram_ode.studies import (
    AgedQuality,
    ComparisonPlan,
    find_policy,
    Lifetime,
    LifetimeStudy,
)
from rram_ode.system import chip_key, System

from ._harness import run
from ._result import Gate, Row


RIVAL = "the digital twin: same network, same starts"
NUM_SAMPLES, NUM_CHIPS = 2_000, 4
AGES = (1.0, 32.0, 3600.0, 86400.0, 2.6e6, TEN_YEARS)
SETTINGS = {"cell.age": 1.0, "cell.ageing": 0.01e-6}
CYCLES = (1, 2, 3)  # rewritings after which the policy's oldest cells are run
LIMIT = 4.0  # standard errors
GATE = "largest of the cells' mean and spread from those of the source, standard errors"
LAWS = 20  # chips whose cells are held to the source


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each age of each preset, and one for its policy."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    plan = ComparisonPlan(num, num_chips, num_seeds=1, seed=0, chip_seed=0)
    found = [row for name in options.presets for row in _preset_rows(name, plan)]
    return found, {"num_samples": num, "num_chips": num_chips, "settings": SETTINGS}


def _preset_rows(name: str, plan: ComparisonPlan) -> list[Row]:
    system = System.from_config(override_all(find_preset(name), SETTINGS))

    def say(num: int) -> None:
        print(f"{name}: {num} age done", flush=True)

    seconds, life = run(lambda: find_policy(system, plan, AGES, steps=1, progress=say))
    return [
        *(_age_row(name, system, point) for point in life.curve),
        _policy_row(name, system, plan, life, seconds),
    ]


def _age_row(name: str, system: System, point: AgedQuality) -> Row:
    difference = point.difference
    return Row(
        f"{name}, {point.age:.3g} s",
        Gate(law_error(system, point.age), LIMIT, GATE),
        details={
            "age_s": point.age,
            "is_extrapolated": point.is_extrapolated,
            "verdict": str(difference.verdict),
            "difference": [difference.value, difference.low, difference.high],
            "chips": point.distances.tolist(),
            "distance": list(interval(point.distances.tolist(), level=LEVEL)),
        },
    )


def law_error(system: System, age: float, meant: float | None = None) -> float:
    r"""How far the cells of many chips lie from the source at an age.

    The mean and the spread of the change of cells since they were fresh are held to
    those of `LogarithmicDrift`, in standard errors. Stuck cells are left out.

    Args:
        system: Its chips are written.
        age: Age of the cells, in seconds.
        meant: Age of the law; `None` for the same one.
    """
    design, z = system.blueprint.design, []
    law = next(e for e in design.cell.errors if isinstance(e, LogarithmicDrift))
    for seed in range(LAWS):
        key = chip_key(seed)
        old = _flat(system.blueprint.write(key, CellState(age)))
        new = _flat(system.blueprint.write(key, CellState(0.0)))
        moves = np.isnan(_flat(system.blueprint.stuck(key)))
        log = math.log((meant or age) / float(law.unit))
        # Constant polynomials: the fit is the same at all conductances.
        mean = float(law.shift[0]) * log
        spread = float(law.spread[0]) + float(law.rate[0]) * log
        z.append((old - new - mean)[moves] / spread)
    joined = np.concatenate(z)
    num = joined.size
    return max(
        abs(joined.mean()) * math.sqrt(num), abs(joined.std() - 1) * math.sqrt(2 * num)
    )


def _flat(cells) -> np.ndarray:
    return np.concatenate([np.asarray(g, float).ravel() for g in cells.arrays])


def _policy_row(
    name: str, system: System, plan: ComparisonPlan, life: Lifetime, seconds: float
) -> Row:
    """The cheapest policy; the gate holds that what it keeps was found, at each age."""
    best, after = life.cheapest, []
    if best is not None:
        study = LifetimeStudy(system, plan)
        after = [study.measure(best.oldest, cycle).difference for cycle in CYCLES]
    return Row(
        f"{name}, policy",
        Gate(
            float(best is not None and not _is_shown(life, best.oldest)),
            0.0,
            "1 if the policy meets an age that was not found as good as the twin",
        ),
        seconds,
        details={
            "policy": None if best is None else dataclasses.asdict(best),
            "policies": [dataclasses.asdict(policy) for policy in life.policies],
            "after_rewriting": [
                [str(d.verdict), d.value, d.low, d.high] for d in after
            ],
        },
    )


def _is_shown(life: Lifetime, oldest: float) -> bool:
    met = [point for point in life.curve if point.age <= oldest * (1 + 1e-6)]
    return all(point.difference.high <= point.difference.delta for point in met)
