"""The laws of a table of targets and reads: all steps of the fit, in uS and seconds."""

import dataclasses
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from ._devices import Between, deviations, fit_between, followed, is_told_apart
from ._groups import Groups, Partition, partition
from ._laws import (
    find_unit,
    fit_growth,
    fit_mean,
    fit_spread,
    log_time,
    MeanLaw,
    Reads,
    UNLIKELY,
)
from ._outliers import apart, Stuck, stuck_shares
from ._regression import FEWEST_CLUSTERS, Regression
from ._table import MeasuredTable


MICRO = 1e-6
FEW_AT_FIRST = 50  # reads at the first time: fewer take those of all times
MOST_POWERS = 3  # of g in the drift


@dataclasses.dataclass(frozen=True)
class SpreadLaw:
    """The spread over g at the first time, and its growth.

    Args:
        fit: The polynomial in uS; the best one also where a table is used.
        table: Targets and spreads in uS; `None` for the polynomial.
        rate: Growth with ln t, in uS, with its standard error; `None` without times.
        growth: The fit of the growth; `None` without times.
    """

    fit: Regression
    table: tuple[np.ndarray, np.ndarray] | None
    rate: tuple[float, float] | None
    growth: Regression | None

    def first(self, g: np.ndarray) -> np.ndarray:
        """The spread at the first time at targets `g`, in uS."""
        if self.table is not None:
            return np.interp(g, *self.table)
        return np.maximum(np.polyval(self.fit.values[::-1], g), 0.0)

    def at(self, g: np.ndarray, log: np.ndarray) -> np.ndarray:
        """The spread at targets `g` and at ln t, in uS."""
        return np.hypot(self.first(g), self.rate[0] * log if self.rate else 0.0)


@dataclasses.dataclass(frozen=True)
class TableFit:
    """The laws of a table, and what they were fitted to.

    Args:
        groups: The data by group, in siemens and seconds.
        mean: The law of the mean.
        spread: The law of the spread: over cycles of one device if `between` is there.
        between: The spread over devices; `None` if they are not told apart.
        stuck: Reads apart from the law.
        reads: The reads that follow the law.
        scores: Deviations of the reads in standard deviations of the law.
        is_exact: Whether the groups are of equal targets.
    """

    groups: Groups
    mean: MeanLaw
    spread: SpreadLaw
    between: Between | None
    stuck: Stuck
    reads: Reads
    scores: np.ndarray
    is_exact: bool


def fit_table(table: MeasuredTable, degree: int, tabulated: bool | None) -> TableFit:
    """Fit all laws.

    Args:
        table: The reads.
        degree: Highest power of the spread's polynomial.
        tabulated: Whether the spread is a table; `None` takes one where no polynomial
            describes the data.

    Raises:
        ValueError: If there are too few reads, or one target only.
    """
    g, error = table.target / MICRO, (table.read - table.target) / MICRO
    time = np.zeros_like(g) if table.time is None else table.time
    if g.size and np.ptp(g) == 0:
        raise ValueError(
            f"all targets are {g[0]:g} uS: a cell needs a range; measure two or more"
        )
    is_apart = apart(error, partition(g, time))
    keep = ~is_apart
    groups = partition(g[keep], time[keep])
    device = None if table.device is None else table.device[keep]
    told = is_told_apart(device, groups)
    cluster = device if told else _cluster(device, g[keep], groups, time[keep])
    reads = Reads(g[keep], error[keep], time[keep], groups, cluster)
    turn = _laws(reads, device if told else None, degree, tabulated)
    spread, between = turn.spread, turn.between
    mean = turn.mean if between is None else _widened(turn.mean, between)
    log = log_time(reads.time, mean.unit)
    std = spread.at(reads.g, log)
    deviation, _, num = deviations(
        reads.error - mean.law, groups, device if told else None
    )
    used = np.maximum(1 - 1 / num, 1e-9)
    scores = (deviation / np.maximum(std * np.sqrt(used), 1e-12))[num > 1]
    whole = np.sqrt(spread.first(g) ** 2 + (between.variance(g) if between else 0))
    stuck = stuck_shares(is_apart, g, table.read / MICRO, whole)
    shown = Groups(
        groups.target * MICRO,
        groups.time,
        reads.count,
        reads.means(reads.error) * MICRO,
        turn.sd * MICRO,
    )
    return TableFit(shown, mean, spread, between, stuck, reads, scores, groups.is_exact)


def _widened(mean: MeanLaw, between: Between) -> MeanLaw:
    """The law of the mean with what few devices leave unknown of it.

    More devices are seen in the scatter of the reads; see `weighted_rows`.
    """
    if between.num >= FEWEST_CLUSTERS:
        return mean
    wide = student.ppf(0.975, between.num - 1) / 1.96 / np.sqrt(between.num)
    if mean.knots is None:
        own = wide * np.array([between.std, between.std_rel])
    else:
        own = wide * np.sqrt(between.variance(mean.knots))
    errors = mean.fit.errors.copy()
    errors[: own.size] = np.hypot(errors[: own.size], own)
    return dataclasses.replace(mean, fit=dataclasses.replace(mean.fit, errors=errors))


def _cluster(
    device: np.ndarray | None, g: np.ndarray, groups: Partition, time: np.ndarray
) -> np.ndarray | None:
    """What errs together: a device with several reads, or a cell followed in time."""
    if device is not None and device.size >= 2 * (int(device.max()) + 1):
        return device
    return followed(g, groups, time)


class _Turn(NamedTuple):
    """The laws by the weights of the turn before, and the weights that they give."""

    mean: MeanLaw
    spread: SpreadLaw
    between: Between | None
    sd: np.ndarray  # of each group, in uS
    std: np.ndarray  # of a read of each group, by the law
    error: np.ndarray  # of the mean of each group


def _laws(
    reads: Reads, device: np.ndarray | None, degree: int, tabulated: bool | None
) -> _Turn:
    """Mean and spread in turns, since each weights the other; three settle it."""
    rough, _ = _group_spread(reads.error, reads, device)
    std = np.maximum(rough, 0.1 * float(np.mean(rough)))
    error = np.maximum(std / np.sqrt(reads.count), 1e-12)
    unit = find_unit(reads, error)
    weigh = lambda turn: (turn.std[reads.groups.index], turn.error)

    def take(mean: MeanLaw) -> _Turn:
        around = reads.error if reads.groups.is_exact else reads.error - mean.law
        sd, free = _group_spread(around, reads, device)
        log = log_time(reads.groups.time, unit)
        spread = _fit_spread(reads, sd, free, log, degree, tabulated, unit is None)
        between = None
        if device is not None:
            between = fit_between(reads.error - mean.law, reads.groups, device, sd)
        inner = spread.at(reads.groups.target, log)
        return _Turn(mean, spread, between, sd, *_errors(reads, inner, between, sd))

    turn = take(fit_mean(reads, std[reads.groups.index], error, unit=unit))
    for _ in range(2):
        turn = take(_straight_or_bent(reads, *weigh(turn), unit))
    return turn._replace(mean=_straight_or_bent(reads, *weigh(turn), unit))


def _straight_or_bent(
    reads: Reads, std: np.ndarray, error: np.ndarray, unit: float | None
) -> MeanLaw:
    """The simplest law of the mean that fits, or the one that fits best.

    A straight line with a drift that is one, too; then more powers of g in the drift;
    then a table in place of the line.
    """
    targets = np.unique(reads.groups.target[reads.groups.is_first])
    best = None
    for knots in (None, targets) if targets.size > 2 else (None,):
        for powers in range(2, MOST_POWERS + 1 if unit is not None else 3):
            law = fit_mean(reads, std, error, knots=knots, unit=unit, powers=powers)
            if not law.fit.free or law.fit.chance >= UNLIKELY:
                return law
            if best is None or law.fit.chi_square < best.fit.chi_square:
                best = law
    assert best is not None  # there is a straight line at least
    return best


def _errors(
    reads: Reads, inner: np.ndarray, between: Between | None, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation of a read, and standard error of the mean, of each group."""
    floor = 1e-3 * float(np.mean(sd)) + 1e-12
    shared, num = 0.0, reads.count
    if between is not None:
        shared = between.variance(reads.groups.target)
        num = np.minimum(reads.count, between.num)
    error = np.sqrt(inner**2 / reads.count + shared / num)
    return np.maximum(np.sqrt(inner**2 + shared), floor), np.maximum(error, floor)


def _group_spread(
    error: np.ndarray, reads: Reads, device: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation of each group, and its degrees of freedom."""
    deviation, taken, _ = deviations(error, reads.groups, device)
    free = np.maximum(reads.count - taken, 0)
    square = np.bincount(reads.groups.index, deviation**2, reads.groups.num)
    return np.sqrt(square / np.maximum(free, 1)), free


def _fit_spread(
    reads: Reads,
    sd: np.ndarray,
    free: np.ndarray,
    log: np.ndarray,
    degree: int,
    tabulated: bool | None,
    is_one_time: bool,
) -> SpreadLaw:
    groups = reads.groups
    good = free >= 2
    is_few = reads.count[groups.is_first].sum() < FEW_AT_FIRST and not is_one_time
    here = good & (groups.is_first | is_few)
    g = groups.target[here]
    most = max(min(degree, np.unique(g).size - 2), 0)
    law, rate, growth = None, None, None
    for _ in range(3 if is_few else 1):
        grown = 0.0 if rate is None or rate[0] < 2 * rate[1] else rate[0] * log[here]
        start = np.sqrt(np.maximum(sd[here] ** 2 - grown**2, 0.01 * sd[here] ** 2))
        fit = fit_spread(g, start, free[here], most)
        is_bad = fit.free > 0 and fit.chance < UNLIKELY and not is_few
        is_table = is_bad if tabulated is None else tabulated
        law = SpreadLaw(fit, _rising(g, start) if is_table else None, None, None)
        if not is_one_time:
            later = good & (log > 0)
            rate, growth = fit_growth(
                sd[later], law.first(groups.target)[later], free[later], log[later]
            )
            law = dataclasses.replace(law, rate=rate, growth=growth)
    if law is None:
        raise ValueError("no group has reads enough for a spread")
    return law


def _rising(g: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """A table in rising order; `None` for one point, which is no table."""
    order = np.argsort(g)
    return (g[order], spread[order]) if g.size > 1 else None
