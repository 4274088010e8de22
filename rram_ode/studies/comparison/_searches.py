"""Searches at equal quality: fewest steps, fewest bits, shortest solve."""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

from ...config import replace
from ...formats import IntegerFormat
from ...metrics import Difference
from ...samplers import AbstractDigitalSampler, DIGITAL_SAMPLERS, Euler
from ...system import Store, System
from .._stability import find_stability, Stability
from ._equivalence import Distances, find_fewest, Search
from ._plan import ComparisonPlan, Referee
from ._runs import AnalogResult, run_chips, run_twins, STEPS, twin_clouds


FRACTIONS = (0.8, 0.65, 0.5, 0.4, 0.3, 0.2, 0.1)


TWIN_STEPS = 50


BITS = (3, 4, 5, 6, 7, 8, 10, 12, 16)


ROW_BITS = 16  # of the number of rows of a layer: 65,536 add up without saturation


INT8 = IntegerFormat(weights=8, activations=8, state=16, accumulator=32)


@dataclasses.dataclass(frozen=True)
class DigitalResult:
    """One digital sampler in one number format, at the quality of the analog machine.

    Args:
        name: Name of the sampler.
        form: Format of weights, activations, sums and state; `None` is single
            precision.
        sampler: The sampler, or `None` if it cannot run on this process.
        steps: Search over numbers of steps.
        bits: Search over bits of weights and activations at the number of steps found,
            with the state and the sums of `INT8`; `None` where it was not made.
        refused: Why the sampler cannot run on this process, or `None` if it can.
    """

    name: str
    form: IntegerFormat | None = None
    sampler: AbstractDigitalSampler | None = None
    steps: Search | None = None
    bits: Search | None = None
    refused: str | None = None

    @property
    def label(self) -> str:
        """The sampler and its format, for a table."""
        return self.name if self.form is None else f"{self.name}, int8"

    @property
    def num_steps(self) -> int | None:
        """Fewest steps that are as good, or `None` if no number tried is enough."""
        if self.steps is None or self.steps.found is None:
            return None
        return int(self.steps.found)

    @property
    def difference(self) -> Difference | None:
        """Difference at the steps found, or at the most if none passed."""
        if self.steps is None:
            return None
        found = self.steps.found
        return self.steps.tried[max(self.steps.tried) if found is None else found]


@dataclasses.dataclass(frozen=True)
class Attempt:
    """A duration of a solve that was tried.

    Args:
        stability: The loop where it rings first; its margin is infinite in a fidelity
            whose op-amps are infinitely fast.
        displacement: Root mean square distance of the end of a solve from that of the
            digital twin with the same start, per coordinate, in units of the data.
    """

    stability: Stability
    displacement: float


@dataclasses.dataclass(frozen=True)
class Shortest:
    """The shortest solve of equal quality, in seconds.

    Args:
        search: Over durations.
        attempts: What was seen at each duration that was tried.
        limit: Why the circuit refused a shorter duration, or `None` if it did not.
    """

    search: Search
    attempts: dict[float, Attempt]
    limit: str | None


def equalise(
    system: System,
    plan: ComparisonPlan,
    referee: Referee,
    analog: AnalogResult,
    name: str,
    progress: Callable[[int], object],
    store: Store | None = None,
) -> list[DigitalResult]:
    """The fewest steps that are as good, in single precision and in INT8.

    In single precision the fewest bits of weights and activations at these steps are
    searched, too. A `store` keeps what was tried, so that a killed comparison goes on.
    """
    sampler = DIGITAL_SAMPLERS[name]()
    if (reason := sampler_refusal(system, name)) is not None:
        return [DigitalResult(name, refused=reason)]

    def judge(num_steps: int, form: IntegerFormat | None) -> Distances:
        progress(1)
        tried = functools.partial(
            run_twins, system, plan, referee, sampler, num_steps, form
        )
        if store is None:
            return tried()
        what = f"{name}-{num_steps}-{_name(form)}-{plan.num_chips}"
        return np.array(store.remember(what, lambda: tried().tolist()))

    def search(candidates, run) -> Search:
        return find_fewest(candidates, run, analog.distances, margin=plan.margin)

    found = []
    for form in (None, INT8):
        steps, bits = search(STEPS, lambda n, form=form: judge(int(n), form)), None
        if form is None and steps.found is not None:
            num = int(steps.found)
            bits = search(BITS, lambda b, num=num: judge(num, integers(int(b))))
        found.append(DigitalResult(name, form, sampler, steps, bits))
    return found


def _name(form: IntegerFormat | None) -> str:
    """The bits of a format, as part of a name."""
    if form is None:
        return "float"
    bits = (form.weights, form.activations, form.state, form.accumulator)
    return "-".join(str(int(each)) for each in bits)


def sampler_refusal(system: System, name: str) -> str | None:
    """Why a digital sampler cannot run on a system's process; `None` if it can."""
    sampler = DIGITAL_SAMPLERS[name]()
    process = sampler.process_along(
        system.checkpoint.sde, system.config.solve.beta_factor
    )
    try:
        sampler.check(process)
    except ValueError as error:
        return " ".join(str(error).split())
    return None


def integers(bits: int) -> IntegerFormat:
    """So many bits for weights and activations; state and sums that do not limit them.

    A sum of products of b bits has 2 b bits and those of the number of rows.
    """
    state, sums = max(int(INT8.state), bits), 2 * bits + ROW_BITS
    return IntegerFormat(bits, bits, state, max(int(INT8.accumulator), sums))


def find_shortest(
    system: System,
    plan: ComparisonPlan,
    referee: Referee,
    progress: Callable[[int], object],
) -> Shortest:
    """The shortest solve that is as good as Euler's method in 50 steps.

    The candidates are a grid of durations up to that of the configuration. A duration
    that the circuit refuses ends the grid; the result keeps the reason.
    """
    duration = system.config.solve.duration
    allowed, limit = {duration: system}, None
    for fraction in FRACTIONS:
        config = replace(system.config, "solve.duration", fraction * duration)
        try:
            shorter = System.from_config(config)
            shorter.check(plan.chip(shorter))
        except ValueError as error:
            limit = " ".join(str(error).split())
            break
        allowed[fraction * duration] = shorter
    twins = twin_clouds(system, plan, Euler(), TWIN_STEPS)
    reference = np.array([referee(n, x) for n, x in enumerate(twins)])
    attempts: dict[float, Attempt] = {}

    def run(seconds: int | float) -> Distances:
        shorter = allowed[seconds]
        found = run_chips(shorter, plan, referee, progress)
        assert found.first is not None  # a plan has a chip
        moved = np.concatenate(found.clouds) - np.concatenate(twins)
        moved = moved[np.isfinite(moved).all(axis=1)]
        attempts[seconds] = Attempt(
            find_stability(shorter, plan.chip(shorter), found.first),
            float(np.sqrt(np.mean(moved**2))),
        )
        return found.distances

    search = find_fewest(sorted(allowed), run, reference, margin=plan.margin)
    return Shortest(search, attempts, limit)
