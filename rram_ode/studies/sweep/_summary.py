"""A table of a sweep: one row for each point of the grid, over its chips."""

import dataclasses
import math
from typing import Any

import numpy as np

from ...metrics import Difference, Interval, median_interval
from .._yield import chip_yield
from ._chips import PENDING, REFUSED, STATE
from ._dataset import open_study
from ._study import Study


FARTHEST = 1e300  # distance of a chip that was refused, while medians are taken


LIMIT = 1.0  # just-noticeable distances up to which a chip counts as good


@dataclasses.dataclass(frozen=True)
class PointSummary:
    """The chips of one point.

    Args:
        settings: Values of the swept settings, by dotted name.
        num_chips: Chips that are there.
        refused: Chips of them that were refused.
        distance: Median distance to the data with its 95 % interval over chips, in
            just-noticeable distances; a refused chip is farther than any. `None` if
            more than half of the chips were refused.
        good: Fraction of chips within the limit, with its 95 % interval over chips.
        energy: Median energy of a sample over the chips that were solved, in joules;
            NaN if none was.
        saturated: Mean fraction of samples with a node beyond its limit.
        verdicts: Number of chips by verdict beside fresh data.
        error: Half of the 90 % interval of one chip's distance, median over chips, in
            just-noticeable distances: it blurs the yield near the limit.
    """

    settings: dict[str, Any]
    num_chips: int
    refused: int
    distance: Interval | None
    good: Interval | None
    energy: float
    saturated: float
    verdicts: dict[str, int]
    error: float = 0.0


def summarise(study: Study, folder: Any, limit: float = LIMIT) -> list[PointSummary]:
    """What a sweep found so far, point by point.

    Args:
        study: What is asked.
        folder: Where its dataset is.
        limit: Largest distance of a good chip, in just-noticeable distances. The
            distance of a chip is an estimate with an error of its own: near the limit
            it blurs the yield.
    """
    with open_study(folder) as data:
        return [
            _summary(study.settings(point), data, study.index(point), limit)
            for point in range(study.num_points)
        ]


def _summary(
    settings: dict[str, Any], data: Any, index: tuple[int, ...], limit: float
) -> PointSummary:
    read = lambda name: np.asarray(data[name][index].values)
    state = read(STATE)
    there = state != PENDING
    distance = read("distance")[there]
    solved = np.isfinite(distance)
    over_chips = lambda name, of: float(of(read(name)[there][solved]))
    return PointSummary(
        settings,
        int(there.sum()),
        int((state == REFUSED).sum()),
        _median(distance),
        chip_yield(distance.tolist(), limit) if there.any() else None,
        over_chips("energy", np.median) if solved.any() else math.nan,
        over_chips("saturated", np.mean) if solved.any() else math.nan,
        _verdicts(*(read(f"difference{end}")[there] for end in ("", "_low", "_high"))),
        _error(*(read(f"distance_{end}")[there] for end in ("low", "high"))),
    )


def _median(distance: np.ndarray) -> Interval | None:
    """The median, where a chip without a finite distance is farther than any other."""
    if not distance.size:
        return None
    far = np.where(np.isfinite(distance), distance, FARTHEST)
    found = [x if x < FARTHEST / 4 else math.inf for x in median_interval(far.tolist())]
    return Interval(*found) if math.isfinite(found[0]) else None


def _error(low: np.ndarray, high: np.ndarray) -> float:
    found = (high - low)[np.isfinite(high - low)] / 2
    return float(np.median(found)) if found.size else 0.0


def _verdicts(middle: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in zip(middle, low, high, strict=True):
        if np.isfinite(each).all():
            verdict = str(Difference(*map(float, each), delta=1.0, factor=1.0).verdict)
            found[verdict] = found.get(verdict, 0) + 1
    return found
