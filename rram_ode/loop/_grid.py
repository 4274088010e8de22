"""Where a solver may step: even steps, and every edge of a held signal."""

import math

import numpy as np


def union_grid(num_steps: int, intervals: list[float]) -> np.ndarray:
    """Times from 0 to 1: `num_steps` even steps and the edges of each interval.

    Edges closer than 1e-5 of a step, or 4 roundings of single precision, to a time that
    is there already are left out.

    Args:
        num_steps: Number of even steps, at least 1.
        intervals: Holds over the duration of the solve.
    """
    even = np.arange(num_steps + 1) / num_steps
    edges = np.sort(np.concatenate([[], *(inner_edges(i) for i in intervals)]))
    return _merge(even, edges, 1e-5 / num_steps)


def most_steps(num_steps: int, intervals: list[float]) -> int:
    """A number of steps that `union_grid` does not pass with these or longer holds.

    It is the same however durations in single precision round the intervals.
    """
    return num_steps + sum(math.ceil(1 / interval - 1e-3) for interval in intervals)


def refine_grid(grid: np.ndarray, interval: float) -> np.ndarray:
    """`grid` from 0 to 1 with the edges of one more hold."""
    return with_edges(grid, inner_edges(interval))


def with_edges(grid: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """`grid` from 0 to 1 with more edges, which rise."""
    return _merge(grid, edges, 1e-5 / max(grid.size, edges.size))


def _merge(grid: np.ndarray, edges: np.ndarray, close: float) -> np.ndarray:
    close = max(close, 4 * float(np.finfo(np.float32).eps))
    at = np.clip(np.searchsorted(grid, edges), 1, grid.size - 1)
    gap = np.minimum(np.abs(edges - grid[at]), np.abs(edges - grid[at - 1]))
    merged = np.sort(np.concatenate([grid, edges[gap > close]]))
    fresh = np.diff(merged, prepend=-1.0) > close
    return merged[fresh]


def inner_edges(interval: float) -> np.ndarray:
    """Multiples of `interval` strictly between 0 and 1."""
    count = math.ceil((1 - 1e-9) / interval)
    return np.arange(1, count) * interval
