"""Runs of the analog machine on many chips, and of its digital twin."""

import dataclasses
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

from ...energy import ArrayPower
from ...formats import IntegerFormat
from ...metrics import compare_repeats, Difference, Verdict
from ...samplers import AbstractDigitalSampler
from ...system import NUM_SLOW, Run, Store, System
from ._equivalence import Distances
from ._plan import ComparisonPlan, Referee
from ._tally import Tally


STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 28, 40, 50, 70, 100, 140, 200)


@dataclasses.dataclass(frozen=True)
class AnalogResult:
    """Runs of the analog machine over all chips.

    Args:
        distances: Distance to the data of each chip, over all its runs.
        clouds: Samples of each chip, of all runs one after the other.
        powers: Power and currents of the arrays in each run.
        first: The first run of the first chip; `None` before any ran.
    """

    distances: Distances
    clouds: list[np.ndarray]
    powers: list[ArrayPower]
    first: Run | None = None

    @property
    def power(self) -> ArrayPower:
        """Power and currents of the arrays, mean over all runs."""
        each = [dataclasses.astuple(power) for power in self.powers]
        return ArrayPower(*map(float, np.mean(each, axis=0)))


@dataclasses.dataclass(frozen=True)
class Standing:
    """The analog machine beside its own network without errors, and beside the data.

    Args:
        plan: The plan with the chips that the verdict took.
        analog: Runs of the analog machine.
        twin: Distances of its digital twin from the same starts, in many steps.
        difference: The machine's distance less the twin's, mean over chips.
        tally: The same of each chip, counted.
        blurred: Distances of the twin's samples with the machine's blur added, or
            `None` where the machine is not better than its twin.
        blur: Spread of what the machine adds to the twin's samples, by coordinate.
    """

    plan: ComparisonPlan
    analog: AnalogResult
    twin: Distances
    difference: Difference
    tally: Tally
    blurred: Distances | None
    blur: np.ndarray

    @property
    def verdict(self) -> Verdict:
        """Verdict on the machine beside its twin, by the mean or by the median chip."""
        return self.tally.verdict(self.difference)


def run_chips(
    system: System,
    plan: ComparisonPlan,
    referee: Referee,
    progress: Callable[[int], object],
    known: AnalogResult | None = None,
    store: Store | None = None,
) -> AnalogResult:
    """Sample and judge the chips of the plan; those that are `known` are not run.

    A `store` keeps the samples of each run, so that a killed comparison goes on.
    """
    known = known or AnalogResult(np.zeros(0), [], [])
    first = known.first
    found, clouds, powers = list(known.distances), [*known.clouds], [*known.powers]
    for number in range(len(clouds), plan.num_chips):
        chip = plan.chip(system, number)
        runs = [
            run.analog(system, chip, store=_part(store, number, k))
            for k, run in enumerate(plan.runs(number))
        ]
        clouds.append(np.concatenate([run.x for run in runs]))
        powers += [run.array_power for run in runs]
        first = first or runs[0]
        found.append(referee(number, clouds[-1], NUM_SLOW * len(runs)))
        progress(1)
    return AnalogResult(np.array(found), clouds, powers, first)


def _part(store: Store | None, chip: int, run: int) -> Store | None:
    """Where the samples of one run of a chip are kept."""
    return None if store is None else store.part(f"chip-{chip}-{run}")


def run_twins(
    system: System,
    plan: ComparisonPlan,
    referee: Referee,
    sampler: AbstractDigitalSampler,
    num_steps: int,
    form: IntegerFormat | None = None,
) -> Distances:
    """Distances of a digital sampler from the starts of each chip's runs."""
    clouds = twin_clouds(system, plan, sampler, num_steps, form)
    return np.array([referee(n, x) for n, x in enumerate(clouds)])


def twin_clouds(
    system: System,
    plan: ComparisonPlan,
    sampler: AbstractDigitalSampler,
    num_steps: int,
    form: IntegerFormat | None = None,
) -> list[np.ndarray]:
    """Samples of a digital sampler from the starts of each chip's runs.

    Args:
        system: Its network is the twin's.
        plan: Seeds and numbers of samples.
        sampler: The method.
        num_steps: Number of its steps.
        form: Number format of the twin; `None` for floating point.
    """
    beta_factor = system.config.solve.beta_factor
    twin = dataclasses.replace(
        system,
        sampler=sampler,
        process=sampler.process_along(system.checkpoint.sde, beta_factor),
    )
    ts = diffusion_times(system, num_steps)
    return [
        np.concatenate([run.digital(twin, ts, form) for run in plan.runs(number)])
        for number in range(plan.num_chips)
    ]


def find_standing(
    system: System,
    plan: ComparisonPlan,
    referee: Referee,
    progress: Callable[[int], object],
    store: Store | None = None,
) -> Standing:
    """Run the analog machine on as many chips as its verdict needs.

    The chips to begin with tell the spread of the difference to the twin, and with it
    the number of chips at which equal machines are found equal in 95 % of the cases.
    Where their whole interval lies beyond the margin, there are no more. A `store`
    keeps the samples of each chip, so that a killed comparison goes on.
    """
    first = _stand(system, plan, referee, progress, None, store)
    wider = plan.more(first.difference)
    if wider == plan:
        return first
    return _stand(system, wider, referee, progress, first.analog, store)


def _stand(
    system: System,
    plan: ComparisonPlan,
    referee: Referee,
    progress: Callable[[int], object],
    known: AnalogResult | None,
    store: Store | None,
) -> Standing:
    """The standing with the chips of `plan`, of which some may be known."""
    analog = run_chips(system, plan, referee, progress, known, store)
    twins = twin_clouds(system, plan, system.sampler, STEPS[-1])
    twin = np.array([referee(n, x) for n, x in enumerate(twins)])
    difference = compare_repeats(analog.distances, twin, delta=plan.margin)
    tally = Tally.of(
        [
            referee.difference(number, x, y, NUM_SLOW * plan.num_seeds)
            for number, (x, y) in enumerate(zip(analog.clouds, twins, strict=True))
        ],
        margin=plan.margin,
        kind=plan.kind,
    )
    blur, blurred = _blur(analog.clouds, twins), None
    if difference.high < 0:
        rng = np.random.default_rng(plan.seed)
        noisy = [x + blur * rng.standard_normal(x.shape) for x in twins]
        blurred = np.array([referee(n, x) for n, x in enumerate(noisy)])
    return Standing(plan, analog, twin, difference, tally, blurred, blur)


def _blur(machine: list[np.ndarray], twins: list[np.ndarray]) -> np.ndarray:
    """Spread of the machine's samples about the twin's from the same starts."""
    moved = np.concatenate([x - y for x, y in zip(machine, twins, strict=True)])
    return moved[np.isfinite(moved).all(axis=1)].std(axis=0)


def diffusion_times(system: System, num_steps: int) -> jnp.ndarray:
    """Diffusion times of `num_steps` even steps, padded with repeats of the last.

    All numbers of steps have one shape, so that they share a compiled program.
    """
    even = np.linspace(0, 1, num_steps + 1)
    taus = np.append(even, np.ones(STEPS[-1] - num_steps))
    schedule, duration = system.chip_loop.schedule, system.chip_loop.clock.duration
    return schedule(jnp.asarray(taus, duration.dtype) * duration, duration)
