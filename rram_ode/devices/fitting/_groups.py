"""Reads in groups: of equal targets and times, or of neighbours if none are equal."""

import dataclasses

import numpy as np


FEWEST_READS = 5  # of a file; a level of fewer reads leans on the law over all levels
REPEATED = 2  # reads of one target: each more is a degree of freedom of the spread
MOST_LEVELS = 64  # distinct targets: more are points of a scan, not levels of a cell
ENOUGH_READS = 8  # per group of neighbours, of which the spread is a regression
SAME_TIME = 1.05  # ratio of neighbouring times within one group: jitter of a schedule
LONG_GROUP = 1.5  # ratio of last to first beyond which times are no group but a record
MOST_BINS = 20
SAME_TARGET = 1e-6  # relative: rounding of a file


@dataclasses.dataclass(frozen=True)
class Groups:
    """Reads of like target and time, `(groups,)`, in siemens and seconds.

    Args:
        target: Target conductance; the mean in a group of neighbouring targets.
        time: Time after programming; 0 if it was not recorded.
        count: Number of reads, without those that lie apart from the law.
        mean: Mean of read minus target.
        spread: Standard deviation of the reads from the law of the mean: of reads of
            one device, where devices are told apart.
    """

    target: np.ndarray
    time: np.ndarray
    count: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


@dataclasses.dataclass(frozen=True)
class Partition:
    """Which read belongs to which group; groups rise by time and then by target.

    Args:
        index: Number of the group of each read.
        target: Mean target of each group.
        time: Time of each group; the geometric mean where it has several.
        is_exact: Whether each group is of one target, asked for again and again.
    """

    index: np.ndarray
    target: np.ndarray
    time: np.ndarray
    is_exact: bool

    @property
    def num(self) -> int:
        """The number of groups."""
        return self.target.size

    @property
    def is_first(self) -> np.ndarray:
        """Whether a group is of the first time."""
        return self.time == self.time[0]

    def mean(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The mean of a value of each read over each group."""
        total = np.bincount(self.index, weights, self.num)
        summed = np.bincount(self.index, weights * values, self.num)
        return summed / np.maximum(total, 1e-300)


def partition(target: np.ndarray, time: np.ndarray) -> Partition:
    """The groups of a table.

    Times that differ by some percent are one group, and so are targets that are equal.
    Where that leaves more than a tenth of the reads alone (or, with more targets than
    a cell has levels, in groups of fewer than five), targets (and times, if need be)
    are grouped with their neighbours instead.

    Raises:
        ValueError: If there are fewer than five reads.
    """
    if target.size < FEWEST_READS:
        raise ValueError(
            f"the file has {target.size} reads; a spread needs {FEWEST_READS} or more"
        )
    when = _times(time, MOST_BINS)
    levels = levels_of(target)
    pairs = when * (levels.max() + 1) + levels
    _, index, count = np.unique(pairs, return_inverse=True, return_counts=True)
    index = index.reshape(-1)
    fewest = REPEATED if levels.max() < MOST_LEVELS else FEWEST_READS
    if np.sum(count[count >= fewest]) >= 0.9 * target.size:
        return _made(target, time, index, when, levels, True)
    # Times come first: a record needs few of them to have reads enough in each.
    while np.bincount(when).min() < FEWEST_READS and when.max() > 0:
        when = _times(time, max(int(when.max()), 1))
    fewest = int(np.bincount(when).min())
    bins = int(np.clip(fewest // ENOUGH_READS, 1, MOST_BINS))
    levels = _bins(target, bins)
    return _made(target, time, None, when, levels, False)


def levels_of(target: np.ndarray) -> np.ndarray:
    """The number of each target among those that are not equal."""
    return _clusters(target, 1 + SAME_TARGET)


def _made(
    target: np.ndarray,
    time: np.ndarray,
    index: np.ndarray | None,
    when: np.ndarray,
    levels: np.ndarray,
    is_exact: bool,
) -> Partition:
    if index is None:
        pairs = when * (levels.max() + 1) + levels
        index = np.unique(pairs, return_inverse=True)[1].reshape(-1)
    num = int(index.max()) + 1
    ones = np.ones_like(target)
    mean = lambda x: np.bincount(index, x, num) / np.bincount(index, ones, num)
    # One number for all groups of one time, and of one target.
    at = np.array([_centre(time[when == n]) for n in range(int(when.max()) + 1)])
    of = np.bincount(levels, target) / np.bincount(levels)
    first = np.zeros(num, int)
    first[index] = np.arange(index.size)
    exact = of[levels[first]] if is_exact else mean(target)
    return Partition(index, exact, at[when[first]], is_exact)


def _centre(time: np.ndarray) -> float:
    """The time of a group; a value that all reads have stays as it is."""
    if time.size == 0 or time[0] == time[-1] and np.ptp(time) == 0:
        return float(time[0]) if time.size else 0.0
    return float(np.exp(np.mean(np.log(time)))) if time.min() > 0 else 0.0


def _times(time: np.ndarray, most: int) -> np.ndarray:
    """The number of the group of each time; 0 s is a group of its own."""
    found = np.zeros(time.size, int)
    later = time > 0
    if not later.any():
        return found
    log = time[later]
    groups = _clusters(log, SAME_TIME)
    num = int(groups.max()) + 1
    low, high = np.full(num, np.inf), np.zeros(num)
    np.minimum.at(low, groups, log)
    np.maximum.at(high, groups, log)
    if num > most or np.any(high > LONG_GROUP * low):
        groups = _bins(np.log(log), most)
    found[later] = groups + int(not later.all())
    return found


def _clusters(values: np.ndarray, ratio: float) -> np.ndarray:
    """The number of each value's cluster: a larger step than `ratio` begins one."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    begins = ordered[1:] > ordered[:-1] * ratio + 1e-300
    numbers = np.concatenate([[0], np.cumsum(begins)])
    found = np.empty(values.size, int)
    found[order] = numbers
    return found


def _bins(values: np.ndarray, num: int) -> np.ndarray:
    """The number of each value's bin; bins have like counts, equal values one bin."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, num + 1)[1:-1]))
    found = np.searchsorted(edges, values, side="right")
    return np.unique(found, return_inverse=True)[1].reshape(-1)
