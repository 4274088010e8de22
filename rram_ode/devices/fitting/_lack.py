r"""Whether a drift is even in ln t, by the differences within cells read several times.

A cell keeps the error of its programming: reads of it at several times share it, so
that the mean over cells errs alike at all times, and its departures from a law look
small beside its error. Within a cell the error cancels. The differences are fitted by
$m(g) L$ with $L = \ln(t / t_0)$ and by curves $P_k(L)$ besides, k = 2, 3, ..., whose
coefficients are 0 for a drift that is even in L.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from scipy.stats import chi2

from ._groups import Partition
from ._regression import alike


MOST_CURVES = 4  # k up to 5: sharper bends are between the times of any table
FEW_CELLS = 12  # fewer do not tell their own scatter: then that of the reads serves
CELLS_FOR_SLOPES = 24  # cells that tell a bend which depends on the target
CELLS_PER_CURVE = 4


Average = Callable[[np.ndarray], np.ndarray]  # of each read's cell


@dataclasses.dataclass(frozen=True)
class Lack:
    """How far the drift within cells is from even in ln t.

    Args:
        chi_square: For each degree of freedom: that of the same chance as Fisher's F.
        free: Degrees of freedom: the curves.
        cells: Number of cells that were read several times.
    """

    chi_square: float
    free: int
    cells: int

    @property
    def chance(self) -> float:
        """The probability of a larger one if the drift is even."""
        return float(chi2.sf(self.chi_square * self.free, self.free))


def find_lack(
    g: np.ndarray,
    error: np.ndarray,
    std: np.ndarray,
    log: np.ndarray,
    groups: Partition,
    cell: np.ndarray,
    powers: int,
    is_zero_apart: bool,
) -> Lack | None:
    r"""The lack of fit of a drift within cells; `None` if there are too few times.

    With 12 cells or more, the covariance of the coefficients is that of the cells'
    scatter, by leaving out one cell at a time, and the statistic is Hotelling's $T^2$:
    cells may drift by slopes of their own, and their reads may err together. With
    fewer, each cell has a slope of its own, and other errors of its reads count as
    independent.

    Args:
        g: Targets, `(reads,)`, in uS.
        error: Reads minus targets, in uS.
        std: Standard deviation of each read, in uS.
        log: ln t of each read.
        groups: Groups of the reads.
        cell: Number of the cell of each read.
        powers: Number of coefficients of the drift.
        is_zero_apart: Whether reads at 0 s are left out, as where they found t_0.
    """
    when = np.unique(groups.time, return_inverse=True)[1].reshape(-1)[groups.index]
    keep = (groups.time[groups.index] > 0) | (not is_zero_apart)
    several = np.bincount(cell[keep], minlength=int(cell.max()) + 1) > 1
    keep &= several[cell]
    num_times = np.unique(when[keep]).size
    if num_times < 3:
        return None
    cell = np.unique(cell[keep], return_inverse=True)[1].reshape(-1)
    num, g, log = int(cell.max()) + 1, g[keep] / g.max(), log[keep]
    mean = _mean_within(cell)
    weight = 1 / np.maximum(mean(std[keep]), 1e-12)
    most = min(num_times - 2, MOST_CURVES)
    if num < FEW_CELLS:
        free = cell.size - 2 * num
        curves = _curves(log, min(most, max(free // 3, 1)))
        return _of_reads(error[keep], log, curves, weight, mean, num)
    is_sloped = num >= CELLS_FOR_SLOPES and float(np.ptp(g)) > 0
    each = num // (CELLS_PER_CURVE * (1 + is_sloped))
    curves = _curves(log, min(most, each))
    curves = [*curves, *(g * c for c in curves)] if is_sloped else curves
    design = np.stack([*(g**n * log for n in range(powers)), *curves], axis=1)
    return _of_cells(error[keep], design, len(curves), weight, mean, cell, is_sloped)


def _mean_within(cell: np.ndarray) -> Average:
    """A function that gives each read the mean over its cell."""
    count = np.bincount(cell)
    return lambda x: (np.bincount(cell, x) / count)[cell]


def _curves(log: np.ndarray, num: int) -> list[np.ndarray]:
    """Legendre's polynomials of ln t from the second on."""
    z = 2 * (log - log.min()) / max(float(np.ptp(log)), 1e-12) - 1
    return list(np.polynomial.legendre.legvander(z, num + 1).T[2:])


def _of_cells(
    error: np.ndarray,
    design: np.ndarray,
    num_curves: int,
    weight: np.ndarray,
    mean: Average,
    cell: np.ndarray,
    is_sloped: bool,
) -> Lack | None:
    """Hotelling's test of the curves, whose covariance is that of the cells."""
    rows = np.stack([weight * (x - mean(x)) for x in design.T], axis=1)
    scale = np.maximum(np.linalg.norm(rows, axis=0), 1e-300)
    rows, y = rows / scale, weight * (error - mean(error))
    num = int(cell.max()) + 1
    free = num - 1 - is_sloped
    squares = _summed(rows[:, :, None] * rows[:, None], cell, num)
    products = _summed(rows * y[:, None], cell, num)
    small = 1e-10 * np.eye(rows.shape[1])  # the columns are of unit length
    solve = lambda a, b: np.linalg.solve(a + small, b[..., None])[..., 0]
    whole, sums = squares.sum(axis=0), products.sum(axis=0)
    values = solve(whole, sums)
    # The jackknife: a plain sum of scores understates the error of few cells.
    moved = solve(whole - squares, sums - products)[:, -num_curves:]
    found = values[-num_curves:]
    off = moved - found
    inner = off.T @ off * ((num - 1) / free)
    inner = inner + 1e-12 * float(found @ found) * np.eye(num_curves)
    if not np.any(found):
        return None
    square = float(found @ np.linalg.solve(inner, found))
    left = free - num_curves + 1
    return _lack(square * left / (num_curves * free), num_curves, left, num)


def _summed(values: np.ndarray, cell: np.ndarray, num: int) -> np.ndarray:
    """The sum over the reads of each cell, `(cells, ...)`."""
    flat = values.reshape(cell.size, -1)
    summed = np.stack([np.bincount(cell, v, num) for v in flat.T], axis=1)
    return summed.reshape(num, *values.shape[1:])


def _of_reads(
    error: np.ndarray,
    log: np.ndarray,
    curves: list[np.ndarray],
    weight: np.ndarray,
    mean: Average,
    num: int,
) -> Lack | None:
    """Fisher's test of the curves against the scatter of reads around cells' lines."""
    centred = weight * (log - mean(log))
    square = np.maximum(mean(centred**2), 1e-300)

    def apart(x: np.ndarray) -> np.ndarray:
        """Without the straight line of each cell."""
        y = weight * (x - mean(x))
        return y - centred * mean(y * centred) / square

    rows, y = np.stack([apart(curve) for curve in curves], axis=1), apart(error)
    values = np.linalg.lstsq(rows, y, rcond=None)[0]
    law = rows @ values
    free = y.size - 2 * num - len(curves)
    if free < 1 or not np.any(law):
        return None
    left = max(float(np.sum((y - law) ** 2)), 1e-12 * float(law @ law))
    return _lack(float(law @ law) / len(curves) / (left / free), len(curves), free, num)


def _lack(ratio: float, num_curves: int, free: int, cells: int) -> Lack:
    return Lack(alike(ratio, num_curves, free), num_curves, cells)
