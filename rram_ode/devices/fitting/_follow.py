"""Whether values follow the targets, as reads do: by medians and by ranks."""

import math
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata


# Change of the reads for each change of the targets, all four assumed. Write-verified
# cells have 1 within a few per cent; 0.25 and 4 are taken as beyond what a programmed
# cell misses, and relative reads (0), percent (0), uA at 0.2 V (0.2) and nS (1000) lie
# outside.
REFUSED = 0.25, 4.0
DOUBTED = 0.7, 1.4
SURE = 3.0  # standard errors
QUARTILES = 0.25, 0.5, 0.75
ALIKE = 0.8  # correlation of ranks; two levels and distinct reads have 0.87
SHUFFLED = 0.4  # correlation of ranks; 120 cells of which 30 % are stuck have 0.17 on
FEWEST = 5  # rows whose ranks tell anything


class Slope(NamedTuple):
    """How reads change with the targets.

    Attributes:
        values: Slopes of the quartiles of the reads; the second is that of the median.
        error: Standard error of the second.
    """

    values: np.ndarray
    error: float

    def is_beyond(self, limits: tuple[float, float]) -> bool:
        """Whether all slopes are surely below, or above, two limits.

        Cells stuck at one end move the median where they are many, and one quartile.
        """
        low, high = self.values - SURE * self.error, self.values + SURE * self.error
        return bool((high < limits[0]).all() or (low > limits[1]).all())


def slope_of(target: np.ndarray, read: np.ndarray) -> Slope | None:
    """Slope of reads over targets, from the lower to the upper third of the targets.

    This is Tukey's resistant line. `None` if the targets do not differ.
    """
    good = np.isfinite(target) & np.isfinite(read)
    target, read = target[good], read[good]
    if not target.size or np.ptp(target) == 0:
        return None
    ordered = np.sort(target)
    low, high = ordered[ordered.size // 3], ordered[-1 - ordered.size // 3]
    if low >= high:  # most have one target
        low = ordered[0] if low > ordered[0] else low
        high = ordered[-1] if high < ordered[-1] else high
    ends = read[target <= low], read[target >= high]
    width = float(np.median(target[target >= high]) - np.median(target[target <= low]))
    rise = np.quantile(ends[1], QUARTILES) - np.quantile(ends[0], QUARTILES)
    return Slope(rise / width, math.hypot(*map(_error_of_median, ends)) / width)


def _error_of_median(values: np.ndarray) -> float:
    """Of Gaussian values: sqrt(pi / 2) sigma / sqrt(n), with sigma of their MAD."""
    around = np.median(np.abs(values - np.median(values)))
    sigma = 1.4826 * around
    return float(math.sqrt(math.pi / 2) * sigma / math.sqrt(values.size))


def has_same_order(target: np.ndarray, values: np.ndarray) -> bool:
    """Whether values rise, or fall, as the targets do; a count of rows does not."""
    good = np.isfinite(target) & np.isfinite(values)
    target, values = target[good], values[good]
    if values.size < FEWEST or np.ptp(target) == 0 or np.ptp(values) == 0:
        return False
    if (values == np.round(values)).all() and (np.diff(values) >= 0).all():
        return False
    return abs(_rank_correlation(target, values)) >= ALIKE


def is_shuffled(target: np.ndarray, values: np.ndarray) -> bool:
    """Whether values surely do not rise with the targets, as in rows out of order."""
    good = np.isfinite(target) & np.isfinite(values)
    target, values = target[good], values[good]
    if np.unique(target).size < 2 or np.unique(values).size < 2:
        return False
    return _rank_correlation(target, values) + SURE / math.sqrt(values.size) < SHUFFLED


def _rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])
