"""Whether verdicts are true: pairs whose difference is known, many times.

Each case draws two sets of samples and data, again and again, with as many samples as
the test itself asks for after a few draws: the number at which equal pairs are found
equal in 95 % of the cases. Equal pairs must be found equal, and pairs that lie one
just-noticeable distance apart must not.

The mutants are worse than what they stand beside, by twice the delta of their case:
fresh data with a blur, a chip whose read noise is scaled until it blurs as much, and a
digital sampler whose state has few bits. None may ever be found equal.
"""

import dataclasses
import math
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.random as jr
import numpy as np
from rram_ode.config import idealise, replace
from rram_ode.datasets import DATASETS
from rram_ode.formats import IntegerFormat
from rram_ode.metrics import Verdict
from rram_ode.presets import PRESETS
from rram_ode.system import make_yardstick, Repeat, System, Yardstick
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the truth: pairs of known difference"
NUM_REPEATS, NUM_MUTANTS = 200, 40
PILOT, NUM_PILOTS = 4_000, 20
MOST = 30_000  # samples of a set
LARGE = 100_000  # samples that tell a mutant's own difference
BLUR = 0.02
EULER_STEPS = 20  # of a sampler that is visibly not perfect
DATA = ("ring", "moons")


Draw = Callable[[int, int], np.ndarray]  # number of samples, seed -> samples


class Case(NamedTuple):
    """Two ways to draw, the data, and what the verdicts must be."""

    name: str
    yardstick: Yardstick
    first: Draw
    second: Draw
    data: Draw
    gate: str


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each kind of pair, with the counts of all verdicts."""
    del options
    cases = [*_data_cases(), *_sampler_cases()]
    mutants = [*_mutants()]
    found = []
    with tqdm(total=len(cases) + len(mutants), unit="case", desc="verdicts") as bar:
        for case in cases:
            found.append(_row(case, NUM_REPEATS))
            bar.update()
        for case in mutants:
            found.append(_row(_halved(case), NUM_MUTANTS))
            bar.update()
    return found, {"num_repeats": NUM_REPEATS, "num_mutant_repeats": NUM_MUTANTS}


def _row(case: Case, num_repeats: int) -> Row:
    pilots = [_verdict(case, PILOT, seed) for seed in range(NUM_PILOTS)]
    factor = float(np.mean([pilot.factor for pilot in pilots]))
    asked = math.ceil(PILOT * factor)
    num = min(max(asked, PILOT // 4), MOST)
    seeds = range(NUM_PILOTS, NUM_PILOTS + num_repeats)
    seconds, found = [], []
    for seed in seeds:
        spent, difference = run(lambda seed=seed: _verdict(case, num, seed))
        seconds.append(spent)
        found.append(difference)
    count = Counter(str(each.verdict) for each in found)
    equal = count[str(Verdict.EQUAL)]
    wrong = count[str(Verdict.BETTER)] + count[str(Verdict.WORSE)]
    gates = {
        "equal": Gate(
            equal / num_repeats, 0.9, "share found equal of equal pairs", at_least=True
        ),
        "apart": Gate(equal / num_repeats, 0.08, "share found equal, one delta apart"),
        "mutant": Gate(equal / num_repeats, 0.0, "share found equal of a mutant"),
    }
    return Row(
        case.name,
        gates[case.gate],
        float(np.median(seconds)),
        target=("wrong", "<=", 0.08) if case.gate == "equal" else None,
        details={
            "num_samples": num,
            "num_samples_asked": asked,
            "num_repeats": num_repeats,
            "counts": {str(v): count[str(v)] for v in Verdict},
            "wrong": wrong / num_repeats,
            "mean_difference": float(np.mean([d.value / d.delta for d in found])),
        },
    )


def _verdict(case: Case, num: int, seed: int):
    """The difference of one pair; no draw of it is used by another seed."""
    first, second, data = (
        draw(num, 3 * seed + place)
        for place, draw in enumerate((case.first, case.second, case.data))
    )
    return case.yardstick.compare(first, second, data)


def _halved(case: Case) -> Case:
    """The case with half of its own difference as the just-noticeable distance."""
    difference = _verdict(case, LARGE, 5_000)
    delta = abs(difference.value) / 2
    yardstick = dataclasses.replace(case.yardstick, delta=delta)
    return case._replace(yardstick=yardstick)


def _data_cases() -> list[Case]:
    cases = []
    for name in DATA:
        dataset = DATASETS[name]()
        yardstick = make_yardstick(dataset)
        fresh = _dataset_draw(dataset.sample)
        worse = _dataset_draw(dataset.sample_noticeable)
        cases += [
            Case(f"{name}, fresh data", yardstick, fresh, fresh, fresh, "equal"),
            Case(f"{name}, one delta", yardstick, worse, fresh, fresh, "apart"),
            Case(f"{name}, minus one delta", yardstick, fresh, worse, fresh, "apart"),
        ]
    return cases


def _dataset_draw(sample) -> Draw:
    return lambda num, seed: np.asarray(sample(num, key=jr.key(seed)), float)


def _sampler_cases() -> list[Case]:
    """Two runs of one imperfect sampler: equal, though neither follows the data."""
    system = System.from_config(PRESETS["ring-fresh"][0])
    ts = system.chip_loop.diffusion_times(EULER_STEPS)
    twin = lambda num, seed: Repeat(num, seed).digital(system, ts)
    data = lambda num, seed: system.data(num, seed=seed)
    name = f"ring, digital twin in {EULER_STEPS} steps"
    return [Case(name, system.yardstick, twin, twin, data, "equal")]


def _mutants() -> list[Case]:
    system = System.from_config(
        dataclasses.replace(idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static")
    )
    fresh = lambda num, seed: system.data(num, seed=seed)
    noise = lambda x, seed: (
        BLUR * np.random.default_rng(seed).standard_normal(x.shape) + x
    )
    blurred = lambda num, seed: noise(fresh(num, seed), seed)
    noisy, found = _noisy(system)
    chip = lambda which: (
        lambda num, seed: (
            Repeat(num, seed, first=num * seed).analog(which, which.program(0)).x
        )
    )
    yardstick = system.yardstick
    twin = lambda form: lambda num, seed: Repeat(num, seed).digital(system, form=form)
    narrow = IntegerFormat(weights=16, activations=16, state=4, accumulator=48)
    return [
        Case(f"data, blur {BLUR:g}", yardstick, blurred, fresh, fresh, "mutant"),
        Case(
            "digital sampler, state of 4 bits",
            yardstick,
            twin(narrow),
            twin(None),
            fresh,
            "mutant",
        ),
        Case(
            f"chip, read noise that blurs by {found:.3f}",
            yardstick,
            chip(noisy),
            chip(system),
            fresh,
            "mutant",
        ),
    ]


def _noisy(system: System) -> tuple[System, float]:
    """The ideal chip with so much white read noise that its samples blur by `BLUR`."""
    repeat = Repeat(2_000, 0)
    clean = repeat.analog(system, system.program(0)).x

    def noisy(std: float) -> tuple[System, float]:
        found = System.from_config(replace(system.config, "cell.read.white.std", std))
        moved = repeat.analog(found, found.program(0)).x - clean
        return found, float(moved.std())

    std = 1e-6
    for _ in range(2):  # the blur grows nearly in proportion
        std *= BLUR / noisy(std)[1]
    return noisy(std)
