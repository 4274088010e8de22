"""Quality of chips over their life, and the cheapest rewriting that keeps it."""

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from ..chip import CellState, TEN_YEARS
from ..devices import AbstractConductanceDrift
from ..energy import ArrayPower, CONSTANTS, nominals
from ..metrics import compare_repeats, Difference
from ..system import age_chip, find_rewriting, NUM_SLOW, System
from .comparison import ComparisonPlan, Distances, Referee, STEPS, twin_clouds


CLOSE = 1e-6  # relative difference of two ages that are taken as one


@dataclasses.dataclass(frozen=True)
class AgedQuality:
    """Chips with cells of one age, beside their digital twin.

    Args:
        state: Age of the cells, samples that disturbed them, and rewritings.
        distances: Distance of each chip to the data, in just-noticeable distances.
        difference: The chips' distance less that of their twins.
        is_extrapolated: Whether the source of the cells' law ends before this age.
        powers: Power and currents of the arrays of each run.
    """

    state: CellState
    distances: Distances
    difference: Difference
    is_extrapolated: bool
    powers: tuple[ArrayPower, ...]

    @property
    def age(self) -> float:
        """Seconds since the cells were written."""
        return self.state.age


@dataclasses.dataclass(frozen=True)
class Policy:
    """A period of rewriting with what it costs and what it keeps.

    Args:
        every: Seconds of sampling between two programmings.
        oldest: Largest age that a sample meets, in seconds.
        joules: Energy of one sample, its part of the programming and of the pause
            included.
        seconds: Time of one sample, its part of the pause included.
        cycles: Number of programmings in ten years.
        worn: Fraction of the cells' nominal endurance that these take.
        holds: Whether every age up to `oldest` was found as good as the twin.
        is_extrapolated: Whether `oldest` is beyond the source of the cells' law.
    """

    every: float
    oldest: float
    joules: float
    seconds: float
    cycles: float
    worn: float
    holds: bool
    is_extrapolated: bool

    @property
    def lasts(self) -> bool:
        """Whether cells stand ten years of it, at the nominal endurance."""
        return self.worn <= 1


@dataclasses.dataclass(frozen=True)
class Lifetime:
    """Quality over the age of cells, and rewriting policies.

    Args:
        curve: Quality at each age, rising.
        policies: A policy for each of these ages as its oldest one, and one programming
            for ten years if the curve goes so far.
    """

    curve: tuple[AgedQuality, ...]
    policies: tuple[Policy, ...]

    @property
    def cheapest(self) -> Policy | None:
        """The policy of least joules that holds and lasts; `None` if none does."""
        good = [policy for policy in self.policies if policy.holds and policy.lasts]
        return min(good, key=lambda policy: policy.joules, default=None)


class LifetimeStudy:
    """Runs of the chips of one system at any age, beside twins that are run once.

    Args:
        system: A system with `cell.ageing`; its `rewrite.every` is not used.
        plan: Seeds, and numbers of chips, runs and samples; two chips or more.

    Raises:
        ValueError: If the system's chips stay at one age.
    """

    def __init__(self, system: System, plan: ComparisonPlan):
        if system.blueprint.ageing is None:
            raise ValueError(
                "a study of the lifetime needs chips that age: set `cell.age` and "
                "`cell.ageing`, such as 1s and 0.01uS."
            )
        self._system, self._plan = system, plan
        self._ageing = system.blueprint.ageing
        self._referee = Referee(system, plan)
        twins = twin_clouds(system, plan, system.sampler, STEPS[-1])
        self._twin = np.array([self._referee(n, x) for n, x in enumerate(twins)])

    def measure(self, age: float, cycle: int = 0) -> AgedQuality:
        """Quality of the plan's chips at an age, in seconds, after some rewritings.

        Samples between the system's first age and this one have disturbed the cells, if
        reads do.
        """
        system, plan, ageing = self._system, self._plan, self._ageing
        first = ageing.first_age(cycle)
        if age < first * (1 - CLOSE):
            raise ValueError(
                f"`age` must be {first:g} s or more, at which sampling begins; got "
                f"{age:g}."
            )
        reads = 0 if ageing.reads is None else int((age - first) / ageing.period)
        state, found, powers = CellState(age, reads, cycle), [], []
        for number in range(plan.num_chips):
            chip = age_chip(system, system.program(plan.chip_seed + number), state)
            runs = [run.analog(system, chip) for run in plan.runs(number)]
            cloud = np.concatenate([run.x for run in runs])
            found.append(self._referee(number, cloud, NUM_SLOW * len(runs)))
            powers += [run.array_power for run in runs]
        distances = np.array(found)
        difference = compare_repeats(distances, self._twin, delta=plan.margin)
        last = self._last_age()
        return AgedQuality(state, distances, difference, age > last, tuple(powers))

    def price(self, every: float, curve: Sequence[AgedQuality]) -> Policy:
        """The policy of rewriting after `every` seconds, judged by a curve over age.

        It holds if every age of the curve up to its oldest one passes, and so does the
        first beyond it or at it: an undecided age never passes.
        """
        system, ageing = self._system, self._ageing
        changed = {"rewrite.every": every, "rewrite.monitor": None}
        with_policy = system.replace(changed)
        chip = with_policy.program(self._plan.chip_seed)
        each = [dataclasses.astuple(p) for point in curve for p in point.powers]
        seen = ArrayPower(*map(float, np.mean(each, axis=0)))
        energy = with_policy.energy_model(chip, seen)(nominals(CONSTANTS))
        rewriting = find_rewriting(with_policy.config, chip)
        assert rewriting is not None  # by `rewrite.every`
        oldest = max(ageing.settle, ageing.age) + every
        ages = [point.age for point in curve]
        met = [p for p in curve if p.age < oldest * (1 - CLOSE)]
        above = [p for p in curve if p.age >= oldest * (1 - CLOSE)]
        judged = met + above[:1]
        is_covered = max(ages) >= oldest * (1 - CLOSE)
        return Policy(
            every,
            oldest,
            float(energy.energy),
            float(energy.period_s),
            rewriting.cycles,
            rewriting.worn["nominal"],
            is_covered and all(point.difference.is_as_good for point in judged),
            oldest > self._last_age(),
        )

    def _last_age(self) -> float:
        """Age at which the source of the cells' law ends, in seconds."""
        for error in self._system.blueprint.design.cell.errors:
            if isinstance(error, AbstractConductanceDrift):
                return float(error.span[1]) / self._ageing.acceleration
        return math.inf


def find_policy(
    system: System,
    plan: ComparisonPlan,
    ages: Sequence[float],
    *,
    steps: int = 3,
    progress: Callable[[int], object] = lambda num: None,
) -> Lifetime:
    """Quality over age, and the rewriting period of least joules that keeps it equal.

    Joules fall with the period, and quality with the age that it reaches. All `ages`
    are run; between the last age up to which all pass and the next one, `steps`
    bisections on the logarithmic axis follow.

    Args:
        system: A system with `cell.ageing`.
        plan: Seeds, and numbers of chips, runs and samples.
        ages: Rising ages in seconds, from the first sample's on.
        steps: Number of bisections.
        progress: Told 1 for each age that was run.

    Raises:
        ValueError: If `ages` do not rise, or the chips stay at one age.
    """
    if not ages or any(np.diff(ages) <= 0):
        raise ValueError(f"`ages` must rise; got {list(ages)}.")
    study = LifetimeStudy(system, plan)

    def measure(age: float) -> AgedQuality:
        found = study.measure(age)
        progress(1)
        return found

    curve = [measure(age) for age in ages]
    passed = [point.difference.is_as_good for point in curve]
    fails = passed.index(False) if False in passed else None
    if fails:
        low, high = curve[fails - 1].age, curve[fails].age
        for _ in range(steps):
            curve.append(measure(math.sqrt(low * high)))
            if curve[-1].difference.is_as_good:
                low = curve[-1].age
            else:
                high = curve[-1].age
    curve.sort(key=lambda point: point.age)
    ageing = system.blueprint.ageing
    assert ageing is not None  # by the study
    first = max(ageing.settle, ageing.age)
    periods = [point.age - first for point in curve]
    useful = [p for p in periods if ageing.period <= p < TEN_YEARS * (1 - CLOSE)]
    if max(periods) >= TEN_YEARS * (1 - CLOSE):
        useful.append(TEN_YEARS)
    return Lifetime(tuple(curve), tuple(study.price(p, curve) for p in useful))
