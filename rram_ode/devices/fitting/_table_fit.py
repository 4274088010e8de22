"""The laws of a table of targets and reads: all steps of the fit, in uS and seconds."""

import dataclasses
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from ._change import Change, split_at_zero
from ._devices import (
    Between,
    deviations,
    fit_between,
    followed,
    in_order,
    is_told_apart,
)
from ._groups import Groups, Partition, partition
from ._laws import (
    find_unit,
    fit_mean,
    log_time,
    MeanLaw,
    Reads,
    UNLIKELY,
)
from ._outliers import apart, MOST, Stuck, stuck_shares
from ._regression import FEWEST_CLUSTERS
from ._spread_law import fit_spread_law, SpreadLaw
from ._table import MeasuredTable, MICRO


MOST_POWERS = 3  # of g in the drift


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
        scores: Deviations of the reads in standard deviations of the law; the mean of
            each cell that was read several times.
        free: Degrees of freedom of the spread of each group.
        is_exact: Whether the groups are of equal targets.
        order: Correlation of the errors of cells that have one order at all times, by
            which they were followed; `None` if they were not.
        unfit: Share of the reads apart from the others of their group where they are
            too many to leave out; 0 if they are not.
        change: The change from 0 s to the one later time, which no law holds; `None`
            if there are other times.
        left_out: Targets and errors, in uS, of the reads of the first time that lie
            apart from the law, `(2, reads)`.
    """

    groups: Groups
    mean: MeanLaw
    spread: SpreadLaw
    between: Between | None
    stuck: Stuck
    reads: Reads
    scores: np.ndarray
    free: np.ndarray
    is_exact: bool
    order: float | None = None
    unfit: float = 0.0
    change: Change | None = None
    left_out: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((2, 0)))


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
    whole = partition(g, time)
    if np.unique(whole.time).size == 2 and whole.time[0] == 0:
        fresh, change = split_at_zero(table, whole)
        return dataclasses.replace(fit_table(fresh, degree, tabulated), change=change)
    is_far = apart(error, whole)
    is_apart = is_far & (is_far.mean() <= MOST)
    keep = ~is_apart
    groups = partition(g[keep], time[keep])
    device = None if table.device is None else table.device[keep]
    told = is_told_apart(device, groups)
    cluster = device if told else _cluster(device, g[keep], groups, time[keep])
    order = None
    if cluster is None and device is None and whole.is_exact:
        found = in_order(g, whole, error, is_apart)
        cluster, order = (None, None) if found is None else (found[0][keep], found[1])
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
    if reads.cell is not None and not told:
        own = reads.cell[num > 1]
        scores = np.bincount(own, scores) / np.maximum(np.bincount(own), 1)
        scores = scores[np.unique(own)]
    both = np.sqrt(spread.first(g) ** 2 + (between.variance(g) if between else 0))
    stuck = stuck_shares(is_apart, g, table.read / MICRO, both, whole.time[whole.index])
    shown = Groups(
        groups.target * MICRO,
        groups.time,
        reads.count,
        reads.means(reads.error) * MICRO,
        turn.sd * MICRO,
    )
    return TableFit(
        shown,
        mean,
        spread,
        between,
        stuck,
        reads,
        scores,
        turn.free,
        groups.is_exact,
        order,
        float(is_far.mean()) if is_far.mean() > MOST else 0.0,
        left_out=np.stack([g, error])[:, is_apart & whole.is_first[whole.index]],
    )


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
    free: np.ndarray  # degrees of freedom of `sd`
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
    weigh = lambda turn: (
        turn.std[reads.groups.index],
        turn.error,
        int(turn.free.sum()),
    )

    def take(mean: MeanLaw) -> _Turn:
        around = reads.error if reads.groups.is_exact else reads.error - mean.law
        sd, free = _group_spread(around, reads, device)
        log = log_time(reads.groups.time, unit)
        spread = fit_spread_law(reads, sd, free, log, degree, tabulated, unit is None)
        between = None
        if device is not None:
            between = fit_between(reads.error - mean.law, reads.groups, device, sd)
        inner = spread.at(reads.groups.target, log)
        return _Turn(
            mean, spread, between, sd, free, *_errors(reads, inner, between, sd)
        )

    turn = take(fit_mean(reads, std[reads.groups.index], error, unit=unit))
    for _ in range(2):
        turn = take(_straight_or_bent(reads, *weigh(turn), unit))
    return turn._replace(mean=_straight_or_bent(reads, *weigh(turn), unit))


def _straight_or_bent(
    reads: Reads, std: np.ndarray, error: np.ndarray, known: int, unit: float | None
) -> MeanLaw:
    """The simplest law of the mean that fits, or the one that fits best.

    A straight line with a drift that is one, too; then more powers of g in the drift;
    then a table in place of the line.
    """
    targets = np.unique(reads.groups.target[reads.groups.is_first])
    best = None
    for knots in (None, targets) if targets.size > 2 else (None,):
        for powers in range(2, MOST_POWERS + 1 if unit is not None else 3):
            law = fit_mean(
                reads, std, error, knots=knots, unit=unit, powers=powers, known=known
            )
            if law.chance >= UNLIKELY:
                return law
            if best is None or law.chi_square < best.chi_square:
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
