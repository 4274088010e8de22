"""Differences between devices apart from those between cycles of one device."""

import dataclasses

import numpy as np
from scipy.optimize import nnls

from ._groups import levels_of, Partition


FEWEST_FREE = 10  # degrees of freedom: fewer do not tell cycles from devices
FEWEST_DEVICES = 2
SORTED = 0.1  # of the steps from read to read go back: fewer are sorted reads
ALIKE, SURE = 0.3, 6.0  # correlation of cells in order, and its standard errors


@dataclasses.dataclass(frozen=True)
class Between:
    r"""The spread over devices, $\sqrt{\sigma^2 + (\sigma_r g)^2}$.

    Args:
        std: $\sigma$, in uS.
        std_rel: $\sigma_r$.
        error: Relative standard error of both, by the number of devices alone: one
            device errs alike at its targets, so that more targets do not tell more.
        num: Number of devices.
    """

    std: float
    std_rel: float
    error: float
    num: int

    def variance(self, g: np.ndarray) -> np.ndarray:
        """The variance over devices at targets in uS."""
        return self.std**2 + (self.std_rel * g) ** 2


def is_told_apart(device: np.ndarray | None, groups: Partition) -> bool:
    """Whether devices were programmed to one target more than once."""
    if device is None or int(device.max()) + 1 < FEWEST_DEVICES:
        return False
    pairs = _pairs(device, groups)
    return device.size - int(pairs.max()) - 1 >= FEWEST_FREE


def deviations(
    error: np.ndarray, groups: Partition, device: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reads without the mean of their group, or of their device in it.

    Returns:
        The deviation of each read; the number of means that were taken in each group;
        and the number of reads of each read's own mean.
    """
    pairs = groups.index if device is None else _pairs(device, groups)
    count = np.bincount(pairs)
    mean = np.bincount(pairs, error) / count
    group_of = np.zeros(count.size, int)
    group_of[pairs] = groups.index
    taken = np.bincount(group_of, minlength=groups.num)
    return error - mean[pairs], taken, count[pairs]


def fit_between(
    error: np.ndarray, groups: Partition, device: np.ndarray, within: np.ndarray
) -> Between:
    """The spread over devices at the first time, by an analysis of variance.

    Args:
        error: Reads minus the law of the mean, in uS.
        groups: Their groups.
        device: Their devices.
        within: Spread of the cycles of one device in each group, in uS.
    """
    num = int(device.max()) + 1
    table = groups.index * num + device
    count = np.bincount(table, minlength=groups.num * num).reshape(groups.num, num)
    summed = np.bincount(table, error, groups.num * num).reshape(groups.num, num)
    there = count > 0
    means = np.where(there, summed / np.maximum(count, 1), 0.0)
    total, devices = count.sum(axis=1), there.sum(axis=1)
    centre = np.sum(count * means, axis=1) / total
    between = np.sum(count * (means - centre[:, None]) ** 2, axis=1)
    good = groups.is_first & (devices > 1)
    free = np.maximum(devices - 1, 1)
    each = (total - np.sum(count**2, axis=1) / total) / free
    variance = ((between / free - within**2) / np.maximum(each, 1e-12))[good]
    g, scale = groups.target[good], within[good] ** 2 / each[good]
    if not variance.size:
        return Between(0.0, 0.0, np.inf, num)
    error_of = np.full(variance.size, max(float(np.mean(variance)), 1e-18))
    top, found = float(g.max()), np.zeros(2)
    for _ in range(4):
        weight = 1 / np.maximum(error_of + scale, 1e-18)
        design = np.stack([np.ones_like(g), (g / top) ** 2], axis=1)
        found, _ = nnls(design * weight[:, None], variance * weight)
        error_of = np.maximum(design @ found, 1e-3 * float(np.mean(np.abs(variance))))
    return Between(
        float(np.sqrt(found[0])),
        float(np.sqrt(found[1]) / top),
        float(1 / np.sqrt(2 * max(num - 1, 1))),
        num,
    )


def _pairs(device: np.ndarray, groups: Partition) -> np.ndarray:
    """A number for each pair of a group and a device that there is."""
    pairs = groups.index * (int(device.max()) + 1) + device
    return np.unique(pairs, return_inverse=True)[1].reshape(-1)


def followed(
    target: np.ndarray, groups: Partition, time: np.ndarray
) -> np.ndarray | None:
    """The number of the cell of each read, where each target is one cell over time.

    `None` if a target has several reads at one time, or there is one time.
    """
    numbers = np.unique(target, return_inverse=True)[1].reshape(-1)
    pairs = np.stack([numbers, np.unique(time, return_inverse=True)[1].reshape(-1)])
    is_single = np.unique(pairs, axis=1).shape[1] == target.size
    is_long = target.size >= 2 * (int(numbers.max()) + 1)
    return numbers if is_single and is_long and not groups.is_first.all() else None


def in_order(
    target: np.ndarray, groups: Partition, error: np.ndarray, is_apart: np.ndarray
) -> tuple[np.ndarray, float] | None:
    """The number of the cell of each read, where each time has the cells in one order.

    They are the same cells if reads in like places of two times err alike: with a
    correlation above 0.3, and of six standard errors.

    Args:
        target: Targets, `(reads,)`.
        groups: Their groups, of equal targets.
        error: Reads minus targets.
        is_apart: Reads apart from their group, which tell nothing here.

    Returns:
        The numbers and the correlation; `None` if they are not the same cells.
    """
    level, index = levels_of(target), groups.index
    order = np.argsort(index, kind="stable")
    count = np.bincount(index, minlength=groups.num)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    place = np.empty(target.size, int)
    place[order] = np.arange(target.size) - start[index[order]]
    cell = level * (int(place.max()) + 1) + place
    cell = np.unique(cell, return_inverse=True)[1].reshape(-1)
    when = np.unique(groups.time, return_inverse=True)[1].reshape(-1)[index]
    num_times, num = int(when.max()) + 1, int(cell.max()) + 1
    if num_times < 2 or num * num_times != target.size or count.min() < 2:
        return None  # not all cells at all times
    table = np.empty((num_times, num))
    centre = groups.mean(error, 1.0 - is_apart)
    table[when, cell] = np.where(is_apart, 0.0, error - centre[index])
    of = np.empty(num, int)
    of[cell] = level
    rises = np.diff(table, axis=1)[:, of[1:] == of[:-1]] > 0
    if not SORTED < np.mean(rises) < 1 - SORTED:
        return None  # sorted reads are alike in their places, whichever cells they are
    before, after = table[:-1], table[1:]
    norm = np.sqrt(np.sum(before**2) * np.sum(after**2))
    alike = float(np.sum(before * after)) / max(float(norm), 1e-300)
    return (cell, alike) if alike > max(ALIKE, SURE / np.sqrt(before.size)) else None
