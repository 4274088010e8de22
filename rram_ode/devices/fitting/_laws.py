"""The laws of mean error and spread over conductance and time, in uS and seconds."""

import dataclasses
import functools

import numpy as np
from scipy.stats import t as student

from ._groups import levels_of, Partition
from ._lack import find_lack, Lack
from ._regression import alike, judged, Regression, weighted, weighted_rows


UNLIKELY = 1e-3  # chance of a chi-square at which a law does not describe the data
MANY_FREE = 100  # degrees of freedom of a spread that is as good as known
UNITS_OF_TIME = np.geomspace(1e-6, 1.0, 37)  # of the first time: the drift before it


@dataclasses.dataclass(frozen=True)
class Reads:
    """The reads of one file that follow the law, in uS and seconds.

    Args:
        g: Targets, `(reads,)`.
        error: Reads minus targets.
        time: Seconds after programming.
        groups: The groups of the reads.
        cluster: Number of the device, or of the cell that was followed in time; `None`
            if reads count as independent.
    """

    g: np.ndarray
    error: np.ndarray
    time: np.ndarray
    groups: Partition
    cluster: np.ndarray | None

    def means(self, values: np.ndarray) -> np.ndarray:
        """The mean over each group."""
        return self.groups.mean(values, np.ones_like(values))

    @functools.cached_property
    def cell(self) -> np.ndarray | None:
        """Number of the cell of each read; `None` if hardly any is read again later."""
        if self.cluster is None:
            return None
        levels = levels_of(self.g)
        pairs = self.cluster * (int(levels.max()) + 1) + levels
        cell = np.unique(pairs, return_inverse=True)[1].reshape(-1)
        when = np.unique(self.groups.time, return_inverse=True)[1].reshape(-1)
        once = np.unique(np.stack([cell, when[self.groups.index]]), axis=1)[0]
        is_read_again = np.bincount(once) > 1
        return cell if np.mean(is_read_again[cell]) > 0.5 else None

    @property
    def count(self) -> np.ndarray:
        """The number of reads of each group."""
        return np.bincount(self.groups.index, minlength=self.groups.num)


@dataclasses.dataclass(frozen=True)
class MeanLaw:
    """The mean error: a straight line or a table over g, and its drift over ln t.

    Args:
        fit: Coefficients of the line or the table, then those of the drift.
        knots: Targets of the table, in uS; `None` for a line.
        unit: Time from which ln t counts, in seconds; `None` without a drift.
        law: The law at each read, in uS.
        powers: Number of coefficients of the drift: powers of g from 0 on.
        lack: How far the drift within cells is from even in ln t, where cells are read
            several times; the fit's chi-square is then that of the means of cells.
    """

    fit: Regression
    knots: np.ndarray | None
    unit: float | None
    law: np.ndarray
    powers: int = 2
    lack: Lack | None = None

    @property
    def chance(self) -> float:
        """The probability of worse data, in means or within cells, if it is right."""
        own = self.fit.chance
        return own if self.lack is None else min(1.0, 2 * min(own, self.lack.chance))

    @property
    def chi_square(self) -> float:
        """That of the means and within cells, for each degree of freedom of both."""
        parts = [self.fit] if self.lack is None else [self.fit, self.lack]
        free = sum(part.free for part in parts)
        return sum(part.chi_square * part.free for part in parts) / max(free, 1)

    @property
    def programmed(self) -> np.ndarray:
        """Coefficients of the mean error at the first time."""
        return self.fit.values[: 2 if self.knots is None else self.knots.size]

    @property
    def shift(self) -> np.ndarray:
        """Coefficients of the drift per e-fold of time."""
        return self.fit.values[2 if self.knots is None else self.knots.size :]


def log_time(time: np.ndarray, unit: float | None) -> np.ndarray:
    """ln(t / unit), and 0 at t = 0 or without a drift."""
    if unit is None:
        return np.zeros_like(time)
    return np.log(np.where(time > 0, time, unit) / unit)


def fit_mean(
    reads: Reads,
    std: np.ndarray,
    group_error: np.ndarray,
    *,
    knots: np.ndarray | None = None,
    unit: float | None = None,
    powers: int = 2,
    known: int = MANY_FREE,
) -> MeanLaw:
    """The law of the mean.

    Args:
        reads: The reads.
        std: Standard deviation of each read, in uS.
        group_error: Standard error of the mean of each group, in uS.
        knots: Targets of a table, in uS; `None` for a straight line.
        unit: Time from which ln t counts, in seconds; `None` without a drift.
        powers: Number of coefficients of the drift.
        known: Degrees of freedom by which `std` and `group_error` are known.
    """
    design = _design(reads, knots, unit, powers)
    if reads.cluster is None and reads.groups.is_exact:
        # Reads of a group are alike, so that their means say the same as all of them.
        means = np.stack([reads.means(column) for column in design.T], axis=1)
        error = reads.means(std) / np.sqrt(reads.count)
        values, errors = weighted_rows(means, reads.means(reads.error), error, None)
    else:
        values, errors = weighted_rows(design, reads.error, std, reads.cluster)
    errors = errors * _of_student(known)
    law, cell = design @ values, reads.cell
    group_error = np.maximum(group_error, 1e-12)
    fit = judged(
        values, errors, reads.means(law), reads.means(reads.error), group_error
    )
    if fit.free and known < MANY_FREE:
        fit = dataclasses.replace(
            fit, chi_square=alike(fit.chi_square, fit.free, max(known, 1))
        )
    if unit is None or cell is None:
        return MeanLaw(fit, knots, unit, law, powers)
    lack = find_lack(
        reads.g,
        reads.error,
        std,
        log_time(reads.time, unit),
        reads.groups,
        cell,
        powers,
        float(reads.groups.time[0]) == 0,
    )
    fit = _of_cells(fit, reads.error - law, reads, cell, group_error, powers)
    return MeanLaw(fit, knots, unit, law, powers, lack)


def _of_student(free: int) -> float:
    """How much wider an interval is by Student's t than by a Gaussian."""
    return 1.0 if free >= MANY_FREE else float(student.ppf(0.975, max(free, 1)) / 1.96)


def _of_cells(
    fit: Regression,
    left: np.ndarray,
    reads: Reads,
    cell: np.ndarray,
    group_error: np.ndarray,
    powers: int,
) -> Regression:
    """`fit` with the chi-square of the means of cells, which do not err anew each time.

    Args:
        fit: The fit, with residuals of all groups.
        left: Reads minus the law, in uS.
        reads: The reads.
        cell: Number of the cell of each read.
        group_error: Standard error of the mean of each group, in uS.
        powers: Number of coefficients of the drift, which the means do not tell.
    """
    assert reads.cluster is not None  # of which the cells were made
    groups, count = reads.groups, np.bincount(cell)
    mean = np.bincount(cell, left) / count
    earliest = np.full(mean.size, groups.num)
    np.minimum.at(earliest, cell, groups.index)
    used, of = np.unique(earliest, return_inverse=True)
    of = of.reshape(-1)
    means = np.bincount(of, mean) / np.bincount(of)
    # A cell whose first read failed is in a later group, whose other cells are not new.
    is_new = groups.index == earliest[cell]
    new = np.bincount(groups.index[is_new], minlength=groups.num)[used]
    error = group_error[used] * np.sqrt(reads.count[used] / new)
    free = max(used.size - (fit.values.size - powers), 0)
    others = mean.size - used.size
    ratio = float(np.sum((means / error) ** 2)) / max(free, 1)
    is_independent = np.unique(reads.cluster).size == mean.size  # not of one device
    if free and others and is_independent:
        # The scatter of the means of cells tells their error.
        scatter = (mean - means[of]) / (error * np.sqrt(new))[of]
        known = max(float(np.sum(scatter**2)) / others, 1e-12)
        ratio = alike(ratio / known, free, others)
    return dataclasses.replace(fit, chi_square=ratio if free else 0.0, free=free)


def find_unit(reads: Reads, group_error: np.ndarray) -> float | None:
    """The time from which a drift counts; `None` if there is no later time.

    It is the first time, unless there are reads at 0 s: what happened between 0 s and
    the first time later then says how early the drift began.
    """
    time = reads.groups.time
    if np.all(time == time[0]):
        return None
    first = float(time[time > 0].min())
    if time[0] > 0:
        return first
    g, y, error = reads.groups.target, reads.means(reads.error), group_error
    left = []
    for unit in first * UNITS_OF_TIME:
        log = log_time(time, unit)
        design = np.stack([np.ones_like(g), g, log, g * log], axis=1)
        left.append(float(np.sum(weighted(design, y, error).residuals ** 2)))
    best = int(np.argmin(np.round(left, 6)[::-1]))
    return float((first * UNITS_OF_TIME)[::-1][best])


def _design(
    reads: Reads, knots: np.ndarray | None, unit: float | None, powers: int
) -> np.ndarray:
    g = reads.g
    columns = [np.ones_like(g), g] if knots is None else _hats(g, knots)
    if unit is not None:
        log = log_time(reads.time, unit)
        columns = [*columns, *(g**n * log for n in range(powers))]
    return np.stack(columns, axis=1)


def _hats(g: np.ndarray, knots: np.ndarray) -> list[np.ndarray]:
    """Functions that are 1 at one knot and 0 at the others, linear between."""
    return [np.interp(g, knots, unit) for unit in np.eye(knots.size)]
