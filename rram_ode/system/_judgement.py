"""How near samples come to data, beside what fresh data reach, with intervals."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from ..metrics import Difference, Interval, interval, Quality, quality
from ..views import AbstractViewed
from ._views import COUNTS, view_judgement
from ._yardstick import Measured, NUM_SLOW, Yardstick


NUM_BLOCKS = 10
LEVEL = 0.95


@dataclasses.dataclass(frozen=True, repr=False)
class Judgement(AbstractViewed):
    """The metrics of some samples, and of as many fresh data, against the same data.

    The metrics of finitely many points have a bias that falls with their number. So
    where fresh data are fewer than the samples, as of pictures, the metrics are those
    of the first samples, as many as the fresh data; the distance, which has no bias, is
    that of all samples. Intervals hold what other samples and other data would give.
    Pictures count as independent draws of their law, though a few people wrote them.

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
        num_data: Number of data that both are judged against.

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
    num_data: int

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
        data = "as many" if number == self.num_data else str(self.num_data)
        rows.append(f"{number} samples, {data} data; +- 95 % over blocks of both.")
        return "\n".join(rows)

    _view = view_judgement


def judge_samples(
    x: np.ndarray, data: np.ndarray, fresh: np.ndarray, yardstick: Yardstick
) -> Judgement:
    """Judge samples, and fresh data, against data.

    Args:
        x: The samples, `(num, dim)`, in the order of lab time.
        data: Data, any number.
        fresh: Other data, any number.
        yardstick: What the distance is measured with.
    """
    num = min(len(x), len(fresh))  # of one number: see `Judgement`
    first, other = x[:num], fresh[:num]
    ours, floor = quality(first, data), quality(other, data)
    return Judgement(
        ours,
        floor,
        _intervals(first, data, ours),
        _intervals(other, data, floor),
        yardstick.measure(x, data, NUM_SLOW),
        yardstick.compare(x, fresh, data, NUM_SLOW),
        yardstick.accepted,
        len(data),
    )


def _intervals(x: np.ndarray, data: np.ndarray, whole: Quality) -> dict[str, Interval]:
    r"""Student's interval from the jackknife over blocks of samples and data.

    With $\theta_i$ the metric without block i of B, the standard error is
    $\sqrt{(B - 1) / B \sum_i (\theta_i - \bar\theta)^2}$ (B. Efron, C. Stein, "The
    jackknife estimate of variance", Ann. Statist. 9, 586, 1981). Each $\theta_i$ has
    nearly all points, so that a metric whose bias depends on their number keeps it.
    Block i is the i-th part of the samples and that of the data, whatever their
    numbers: both are left out at once, and as they are independent, so that their
    contributions to $\theta_i$ add, the error is that of both.
    """
    finite = np.all(np.isfinite(x), axis=1)
    num_blocks = min(NUM_BLOCKS, int(finite.sum()) // 2, len(data) // 2)
    if num_blocks < 2:
        return {}
    block, other = (
        np.arange(len(points)) * num_blocks // len(points) for points in (x, data)
    )
    rest = [
        quality(x[block != n], data[other != n]).as_dict()
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

    Where the data are a finite set that all repeats share, as the test pictures are,
    the intervals are those given this set: they say what more repeats would give with
    the same pictures. `judge_samples` has intervals that hold other pictures, too.

    Args:
        pairs: Samples and data of each repeat, `(num, dim)` and `(num_data, dim)`;
            fresh starts and lab time in each, and fresh data unless they are finite.
    """
    each = [quality(samples, data) for samples, data in pairs]
    values = [q.as_dict() for q in each]
    intervals = {}
    for name in values[0]:
        numbers = [x for v in values if (x := v[name]) is not None]
        if numbers and name not in COUNTS:
            intervals[name] = interval(numbers)
    return each[0], intervals
