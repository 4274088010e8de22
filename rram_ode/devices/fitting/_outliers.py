"""Reads apart from the law: stuck and open cells, told from the spread of the rest."""

import dataclasses

import numpy as np
from scipy.stats import fisher_exact

from ._groups import FEWEST_READS, Partition


CUT = 5.0  # robust standard deviations; Gaussian reads pass it once in two million
SMALL, CUT_SMALL = 20, 7.0  # fewer reads in a group know their spread less well
TINY, CUT_TINY = 10, 15.0
FEW_FOR_BEND = 60  # reads of one time, whose scales tell no bend over the target
FEWEST = 3  # reads of which one can be told from the others
MOST = 0.2  # a fraction beyond which reads are no outliers, but the law is another
UNLIKE = 1e-3  # chance of shares of stuck cells so unlike, early and late
NEAR = 0.1  # of the range, within which a cell counts as stuck at its end


@dataclasses.dataclass(frozen=True)
class Course:
    """Stuck cells over time.

    Args:
        end: The end at which they are stuck: "lrs" or "hrs".
        time: Seconds after programming, `(times,)`.
        stuck: Number of stuck reads at each time.
        num: Number of reads at which they can be seen.
        changes: Whether the share is not the same at all times.
    """

    end: str
    time: np.ndarray
    stuck: np.ndarray
    num: np.ndarray
    changes: bool


@dataclasses.dataclass(frozen=True)
class Stuck:
    """Fractions of the reads that lie apart from the law.

    Args:
        lrs: At the upper end of the range, or above it.
        hrs: At the lower end of the range, or below it (open cells too).
        elsewhere: Between the ends: no stuck cell, and no part of the law.
        num: Number of all of them, at all times.
        courses: Those over time, for each end where the share changes; the share above
            is then that of the first time.
    """

    lrs: float
    hrs: float
    elsewhere: float
    num: int
    courses: tuple[Course, ...] = ()


def apart(error: np.ndarray, groups: Partition) -> np.ndarray:
    """Which reads lie apart from the others of their group, `(reads,)`.

    The centre of a group is its median, and its scale the median distance from it, or
    that of a law over all groups if it is larger, for a group of few reads does not
    know its own; with fewer than five reads it is that of the law, if the file has
    reads enough to tell it.
    """
    centre, scale, count = _robust(error, groups)
    smooth = _smooth(scale, count, groups)
    leans = (count < FEWEST_READS) & (error.size >= FEW_FOR_BEND)
    scale = np.where(leans, smooth, np.maximum(scale, smooth))
    cut = np.select([count < TINY, count < SMALL], [CUT_TINY, CUT_SMALL], CUT)
    far = np.abs(error - centre[groups.index]) > (cut * scale)[groups.index]
    far &= (scale > 0)[groups.index] & (count >= FEWEST)[groups.index]
    return far


def stuck_shares(
    is_apart: np.ndarray,
    target: np.ndarray,
    read: np.ndarray,
    spread: np.ndarray,
    time: np.ndarray,
) -> Stuck:
    """The shares of stuck cells among reads, of which `is_apart` are.

    A stuck cell whose target is near the end where it is stuck cannot be seen, so that
    the share is that of the reads where it can; and it is that of the first time, if
    early and late times have unlike shares (by Fisher's exact test).

    Args:
        is_apart: Reads apart from the law, `(reads,)`.
        target: Their targets, in any unit.
        read: Their values.
        spread: Spread of the law at each target.
        time: The time of each read's group.
    """
    low, high = float(target.min()), float(target.max())
    near = NEAR * (high - low)
    at_hrs = is_apart & (read < low + near)
    at_lrs = is_apart & (read > high - near)
    between = is_apart & ~at_hrs & ~at_lrs
    ends = {
        "lrs": (at_lrs, target + CUT * spread < high - near),
        "hrs": (at_hrs, target - CUT * spread > low + near),
    }
    shares, changes = {}, []
    for end, (is_there, visible) in ends.items():
        course = _course(is_there[visible], time[visible])
        count = course.stuck[:1] if course.changes else course.stuck
        num = course.num[:1] if course.changes else course.num
        shares[end] = float(np.sum(count) / max(np.sum(num), 1))
        if course.changes:
            changes.append(dataclasses.replace(course, end=end))
    return Stuck(
        **shares,
        elsewhere=float(between.mean()),
        num=int(is_apart.sum()),
        courses=tuple(changes),
    )


def _course(is_there: np.ndarray, time: np.ndarray) -> Course:
    """The stuck reads of each time, and whether early and late shares are unlike."""
    times, when = np.unique(time, return_inverse=True)
    when = when.reshape(-1)
    num = np.bincount(when, minlength=times.size)
    stuck = np.bincount(when, is_there, times.size).astype(int)
    half = (times.size + 1) // 2
    early, late = np.s_[:half], np.s_[half:]
    table = [[stuck[x].sum(), (num - stuck)[x].sum()] for x in (early, late)]
    changes = times.size > 1 and np.asarray(fisher_exact(table))[1] < UNLIKE
    return Course("", times, stuck, num, bool(changes))


def _robust(
    error: np.ndarray, groups: Partition
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median, scale from the median distance, and number of reads of each group."""
    centre = _medians(error, groups)
    distance = np.abs(error - centre[groups.index])
    count = np.bincount(groups.index, minlength=groups.num)
    # The factor for a small sample: Croux and Rousseeuw, COMPSTAT 1992.
    small = count / np.maximum(count - 0.8, 0.2)
    return centre, 1.4826 * small * _medians(distance, groups), count


def _medians(values: np.ndarray, groups: Partition) -> np.ndarray:
    order = np.lexsort((values, groups.index))
    ordered = values[order]
    count = np.bincount(groups.index, minlength=groups.num)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    return (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2


def _smooth(scale: np.ndarray, count: np.ndarray, groups: Partition) -> np.ndarray:
    """The scale of each group by a power of the target, bent, over those of its time.

    Each group has at least the smallest scale that is not 0.
    """
    found = np.zeros_like(scale)
    good = scale > 0
    if not good.any():
        return found
    # The logarithm of the scale of n Gaussian reads is 1 / n low in the mean.
    log = np.log(np.where(good, scale, scale[good].min())) + 1 / np.maximum(count, 1)
    g = groups.target
    x = np.log(np.maximum(g, 0.3 * np.min(g[g > 0], initial=np.inf)))
    for time in np.unique(groups.time):
        here = np.flatnonzero(groups.time == time)
        most = 1 if count[here].sum() < FEW_FOR_BEND else 2
        degree = min(most, (np.unique(x[here]).size - 1) // 2)
        centred = x[here] - x[here].mean()
        law = np.polyfit(centred, log[here], degree, w=np.sqrt(count[here]))
        found[here] = np.exp(np.polyval(law, centred))
    return found
