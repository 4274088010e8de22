"""How near samples come to data, beside what fresh data reach, with intervals."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from ..metrics import Difference, Interval, interval, Quality, quality
from ._yardstick import Measured, NUM_SLOW, Yardstick


NUM_BLOCKS = 10
LEVEL = 0.95
COUNTS = ("num_samples", "outside_fraction", "non_finite_fraction")


@dataclasses.dataclass(frozen=True)
class Judgement:
    """The metrics of some samples, and of as many fresh data, against the same data.

    A metric that the dimension of the points does not have is `None`, without interval.

    Args:
        quality: Metrics of the samples against data.
        floor: Metrics of fresh data against the same data; no sampler is expected
            below it.
        intervals: 95 % confidence interval of each metric of `quality`.
        floor_intervals: 95 % confidence interval of each metric of `floor`.
        distance: Distance of the samples to the data: this one decides.
        difference: The samples beside fresh data; its verdict is `equal`, `worse`,
            `undecided`, or by chance `better`.
        accepted: The distortion whose distance is 1, in words.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring")
        >>> found = system.judge(system.data(200))
        >>> sorted(found.intervals) == sorted(found.floor_intervals)
        True
        >>> print(found)
        distance ...
        >>> print(found.difference.verdict)
        undecided
    """

    quality: Quality
    floor: Quality
    intervals: dict[str, Interval]
    floor_intervals: dict[str, Interval]
    distance: Measured
    difference: Difference
    accepted: str

    def __str__(self) -> str:
        """The verdict, and a table of the metrics with half of their intervals."""
        far = self.distance
        rows = [
            f"distance to the data {far.value:.2f} ({far.low:.2f} to {far.high:.2f}), "
            f"where 1 is {self.accepted};",
            f"beside fresh data: {self.difference.verdict}",
            f"{'metric':<20} {'samples':<20} {'fresh data':<20}".rstrip(),
        ]
        for name, value in self.quality.as_dict().items():
            floor = self.floor.as_dict()[name]
            if name in COUNTS or value is None or floor is None:
                continue
            ours = _text(value, self.intervals.get(name))
            theirs = _text(floor, self.floor_intervals.get(name))
            rows.append(f"{name:<20} {ours:<20} {theirs}")
        number = self.quality.num_samples
        rows.append(f"{number} samples, as many data; +- 95 % over blocks of both.")
        return "\n".join(rows)


def judge_samples(
    x: np.ndarray, data: np.ndarray, fresh: np.ndarray, yardstick: Yardstick
) -> Judgement:
    """Judge samples, and fresh data, against data.

    Args:
        x: The samples, `(num, dim)`, in the order of lab time.
        data: As many data.
        fresh: As many other data.
        yardstick: What the distance is measured with.
    """
    ours, floor = quality(x, data), quality(fresh, data)
    return Judgement(
        ours,
        floor,
        _intervals(x, data, ours),
        _intervals(fresh, data, floor),
        yardstick.measure(x, data, NUM_SLOW),
        yardstick.compare(x, fresh, data, NUM_SLOW),
        yardstick.accepted,
    )


def _intervals(x: np.ndarray, data: np.ndarray, whole: Quality) -> dict[str, Interval]:
    r"""Student's interval from the jackknife over blocks of samples and data.

    With $\theta_i$ the metric without block i of B, the standard error is
    $\sqrt{(B - 1) / B \sum_i (\theta_i - \bar\theta)^2}$ (B. Efron, C. Stein, "The
    jackknife estimate of variance", Ann. Statist. 9, 586, 1981). Each $\theta_i$ has
    nearly all points, so that a metric whose bias depends on their number keeps it.
    """
    finite = np.all(np.isfinite(x), axis=1)
    num_blocks = min(NUM_BLOCKS, int(finite.sum()) // 2)
    if num_blocks < 2:
        return {}
    block = np.arange(len(x)) * num_blocks // len(x)
    rest = [
        quality(x[block != n], data[block != n]).as_dict()
        for n in range(num_blocks)
        if finite[block != n].sum() > 1
    ]
    t = stdtrit(len(rest) - 1, (1 + LEVEL) / 2)
    found = {}
    for name, value in whole.as_dict().items():
        if name in COUNTS or value is None:
            continue
        without = np.array([each[name] for each in rest], float)
        error = np.sqrt((len(rest) - 1) * without.var())
        found[name] = Interval(value, value - t * error, value + t * error)
    return found


def _text(value: float, span: Interval | None) -> str:
    return f"{value:.4f}" + ("" if span is None else f" +- {span.high - value:.4f}")


def judge_repeats(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]],
) -> tuple[Quality, dict[str, Interval]]:
    """The quality of the first of some repeats, and intervals over all of them.

    Args:
        pairs: Samples and data of each repeat, `(num, dim)` both; fresh starts, data
            and lab time in each.
    """
    each = [quality(samples, data) for samples, data in pairs]
    values = [q.as_dict() for q in each]
    intervals = {}
    for name in values[0]:
        numbers = [x for v in values if (x := v[name]) is not None]
        if numbers and name not in COUNTS:
            intervals[name] = interval(numbers)
    return each[0], intervals
