"""One piece of a sweep's work: some chips of one system, sampled and judged.

`judge_chips` is all that a task computes. What spreads the chips of a piece over the
devices of a process, or over processes, replaces this function and nothing else.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...system import NUM_SLOW, Repeat, System


class Quantity(NamedTuple):
    """A number that is kept of each chip: what it is, and its unit."""

    what: str
    unit: str = ""


JND = "just-noticeable distances"


QUANTITIES = {
    "distance": Quantity("distance of the samples to data, without bias", JND),
    "distance_low": Quantity("lower end of its 90 % interval", JND),
    "distance_high": Quantity("upper end of its 90 % interval", JND),
    "p_value": Quantity("probability of such a distance if both laws are one"),
    "effective_samples": Quantity("independent samples that would know as much"),
    "difference": Quantity("the distance less that of fresh data", JND),
    "difference_low": Quantity("lower end of its 90 % interval", JND),
    "difference_high": Quantity("upper end of its 90 % interval", JND),
    "energy": Quantity("energy of a sample, projected", "J"),
    "period": Quantity("circuit time of a sample with its reset", "s"),
    "saturated": Quantity("fraction of samples with a node beyond its limit"),
    "stressed": Quantity("fraction of cells and times above the disturbing voltage"),
    "not_finite": Quantity("fraction of samples that are not finite"),
    "unsolved": Quantity("fraction of samples that the solver did not finish"),
}


STATE = "state"
PENDING, SOLVED, REFUSED = 0, 1, 2


class Outcome(NamedTuple):
    """What a piece of work gave.

    Args:
        values: Of each of `QUANTITIES` one number a chip; NaN of a refused chip.
        state: `SOLVED` or `REFUSED` of each chip.
        refusal: Why the first refused chip was refused; empty if none was.
    """

    values: dict[str, np.ndarray]
    state: np.ndarray
    refusal: str


def refused(num: int, why: str) -> Outcome:
    """What is found of `num` chips whose system the builder refuses."""
    values = {name: np.full(num, np.nan) for name in QUANTITIES}
    return Outcome(values, np.full(num, REFUSED, np.uint8), why)


def judge_chips(
    system: System,
    chips: range,
    *,
    num_samples: int,
    seed: int,
    chip_seed: int,
    progress: Callable[[int], object] = lambda num: None,
) -> Outcome:
    """Sample and judge chips of a system, one after the other.

    A chip's numbers depend on the system, on its own number and on the seeds alone. A
    chip whose circuit cannot be, or whose samples all diverge, is refused: it counts in
    a yield as not good.

    Args:
        system: What the chips are chips of.
        chips: Their numbers k: the chip with the seed `chip_seed + k`, whose starts and
            data have the seed `seed + k`.
        num_samples: Samples of a chip.
        seed: Seed of the samples of chip 0.
        chip_seed: Seed of chip 0.
        progress: Told 1 for each chip.
    """
    values = {name: np.full(len(chips), np.nan) for name in QUANTITIES}
    state = np.full(len(chips), SOLVED, np.uint8)
    refusal = ""
    for place, number in enumerate(chips):
        repeat = Repeat(num_samples, seed + number)
        try:
            found = _judge(system, repeat, chip_seed + number)
        except ValueError as error:
            state[place], refusal = REFUSED, refusal or str(error)
        else:
            for name, value in found.items():
                values[name][place] = value
        progress(1)
    return Outcome(values, state, refusal)


def _judge(system: System, repeat: Repeat, chip_seed: int) -> dict[str, float]:
    """The quantities of one chip."""
    run = repeat.analog(system, system.program(chip_seed))
    data, fresh = repeat.data(system), repeat.fresh_data(system)
    yardstick = system.yardstick
    far = yardstick.measure(run.x, data, NUM_SLOW)
    beside = yardstick.compare(run.x, fresh, data, NUM_SLOW)
    return {
        "distance": far.value,
        "distance_low": far.low,
        "distance_high": far.high,
        "p_value": far.p_value,
        "effective_samples": far.effective_samples,
        "difference": beside.value / beside.delta,
        "difference_low": beside.low / beside.delta,
        "difference_high": beside.high / beside.delta,
        "energy": float(run.energy.energy),
        "period": float(run.energy.period_s),
        "saturated": run.saturated_fraction,
        "stressed": run.stressed_fraction,
        "not_finite": 1 - float(np.isfinite(run.x).all(axis=1).mean()),
        "unsolved": run.unsolved / run.num,
    }
