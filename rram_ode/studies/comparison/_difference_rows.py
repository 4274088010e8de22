"""Rows of an engine that computes with differences between steps, at equal quality.

Euler's method, integers of 4 bits, 5 % of the differences in floating point: weights
and large differences in bfloat16, references and sums in single precision. Quality,
counts, joules and seconds of a row are those of one machine. No other sampler has these
rows: the technique compares each evaluation with one of the step before.
"""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from ...accelerators import (
    calibrate_differences,
    DifferenceEngine,
    DifferenceScore,
    generate_differences,
    in_bfloat16,
)
from ...config import PowerConfig
from ...energy import (
    Constants,
    count_differences,
    DifferenceWork,
    remember,
    sampler_work,
)
from ...formats import BFloat16Format
from ...samplers import Euler
from ...system import Repeat, run_key, System
from ._digital_rows import on_machine
from ._equivalence import Distances, find_fewest, Search
from ._plan import ComparisonPlan, Referee
from ._row import middle, Row, spread, tell
from ._runs import diffusion_times, Standing, STEPS


DIFFERENCE_SYSTEMS = ("guo", "ditto")  # the second skips zeros


BITS, FRACTION = 4, 0.05


NUM_CALIBRATION = 1024


FIRST = 2**30  # number of the first start of the calibration: no run comes so far


@dataclasses.dataclass(frozen=True)
class DifferenceResult:
    """The sampler at the quality of the analog machine.

    Args:
        steps: Search over numbers of steps.
        num_steps: The fewest that are as good, or the most that were tried.
        work: Operations and words at that number, over the runs of the first chip.
    """

    steps: Search
    num_steps: int
    work: DifferenceWork


def find_differences(
    system: System,
    standing: Standing,
    referee: Referee,
    progress: Callable[[int], object],
) -> DifferenceResult:
    """The fewest steps of Euler's method by differences that are as good.

    Thresholds of each number of steps come from starts of their own.
    """
    plan = standing.plan
    works: dict[int, DifferenceWork] = {}

    def judge(candidate: int | float) -> Distances:
        num_steps = int(candidate)
        clouds, works[num_steps] = _clouds(system, plan, num_steps)
        progress(1)
        return np.array([referee(n, x) for n, x in enumerate(clouds)])

    steps = find_fewest(STEPS, judge, standing.analog.distances, margin=plan.margin)
    num_steps = int(max(steps.tried) if steps.found is None else steps.found)
    return DifferenceResult(steps, num_steps, works[num_steps])


def difference_rows(
    system: System,
    standing: Standing,
    result: DifferenceResult,
    names: tuple[str, ...],
    table: Constants,
) -> list[Row]:
    """A row for each of `names`, which are some of `DIFFERENCE_SYSTEMS`."""
    power: PowerConfig = system.config.power
    work = dataclasses.replace(
        sampler_work(Euler(), result.num_steps, system.checkpoint.score.network),
        samples_per_loading=power.programming_samples,
    )
    chip = system.program(standing.plan.chip_seed)
    ours = remember(
        system.energy_model(chip, standing.analog.power, "integrated"), table
    )
    difference = result.steps.tried[result.num_steps]
    rows = []
    for name in names:
        machine = DifferenceEngine(
            name,
            f"dense INT{BITS} and sparse BF16 cores",
            BITS,
            result.work,
            skips_zeros=name == "ditto",
        )
        row = Row(
            name,
            machine.what,
            1,
            spread(result.steps.distances),
            f"{tell(difference)} beside the analog machine",
            result.num_steps,
            median=middle(result.steps.distances),
        )
        rows.append(on_machine(row, machine, work, ours, table))
    return rows


def _clouds(
    system: System, plan: ComparisonPlan, num_steps: int
) -> tuple[list[np.ndarray], DifferenceWork]:
    """Samples from the starts of each chip's runs, and the work of the first chip's."""
    beta_factor = system.config.solve.beta_factor
    process = Euler().process_along(system.checkpoint.sde, beta_factor)
    # Without repeats of the last time, at which each layer would be computed in vain.
    ts = diffusion_times(system, num_steps)[: num_steps + 1]
    made = DifferenceScore(in_bfloat16(system.twin.score), BITS, large=BFloat16Format())
    calibration = Repeat(NUM_CALIBRATION, plan.seed, FIRST)
    score, x1 = _asked(system, made, calibration)
    made = calibrate_differences(score, process, x1, ts, fraction=FRACTION)
    clouds, first = [], []
    for number in range(plan.num_chips):
        runs = []
        for repeat in plan.runs(number):
            score, x1 = _asked(system, made, repeat)
            runs.append(generate_differences(score, process, x1, ts))
        clouds.append(np.concatenate([np.asarray(run.x).T for run in runs]))
        first = first or runs
    sizes = system.checkpoint.score.sizes()
    counts = np.concatenate([np.asarray(run.counts) for run in first], axis=-1)
    is_full = np.asarray(first[0].is_full)
    return clouds, count_differences(sizes, counts, is_full)


def _asked(
    system: System, score: DifferenceScore, repeat: Repeat
) -> tuple[DifferenceScore, jnp.ndarray]:
    """The score of the classes that a run asks for, and its starts."""
    key, first = run_key(repeat.seed), jnp.asarray(repeat.first, jnp.uint32)
    x1, labels = _begin(system.prior, key, first, repeat.num, system.twin.score.dim)
    if labels is None:
        return score, x1
    return dataclasses.replace(score, score=score.score.of_class(labels)), x1


@eqx.filter_jit
def _begin(prior, key, first, num, dim):
    """Starts, and the classes that are asked for."""
    return prior.sample(key, first, num, dim), prior.labels(key, first, num)
