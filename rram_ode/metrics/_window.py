"""The windows of the histograms: the paper's, or the range of other data."""

import numpy as np


PAPER_LINE = (-4.0, 4.0)  # of `kl_1d`


_PAPER_PLANE = 1.2  # largest coordinate of the paper's data, with room


_TAIL = 0.025  # at either end; beyond it lies at most one more span (assumed)


_LEAST_FILLED = 0.5  # of the paper's plane (assumed)


def has_paper_windows(data: np.ndarray) -> bool:
    """Whether the paper's windows fit `data`, `(num, dim)`, as they fit its ring.

    They do if all data lie in [-1.2, 1.2], and in each coordinate reach over half of
    it. Far larger data would lie outside, and far smaller ones in a single bin: in both
    cases any samples would score like good ones.
    """
    low, high = data.min(axis=0), data.max(axis=0)
    inside = np.all(low >= -_PAPER_PLANE) and np.all(high <= _PAPER_PLANE)
    filled = np.all(high - low >= _LEAST_FILLED * 2 * _PAPER_PLANE)
    return bool(inside and filled)


def line_window(data: np.ndarray) -> tuple[float, float]:
    """The range of `kl_1d`: the paper's [-4, 4], or that of all coordinates."""
    if has_paper_windows(data):
        return PAPER_LINE
    low, high = _window(data.reshape(-1, 1))
    return float(low[0]), float(high[0])


def plane_window(data: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends: the paper's +-`limit`, or the data's range."""
    if has_paper_windows(data):
        ends = np.full(data.shape[1], limit)
        return -ends, ends
    return _window(data)


def _window(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = data.min(axis=0), data.max(axis=0)
    # A few far points must not put all others into one bin.
    inner = np.quantile(data, [_TAIL, 1 - _TAIL], axis=0)
    span = inner[1] - inner[0]
    is_wide = span > 0
    low = np.where(is_wide, np.maximum(low, inner[0] - span), low)
    high = np.where(is_wide, np.minimum(high, inner[1] + span), high)
    room = np.where(high > low, 0.0, 0.5 + np.abs(low))  # a constant has a bin, too
    return low - room, high + room
