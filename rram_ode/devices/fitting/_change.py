"""Reads at 0 s and at one later time: a change, which is no law of the drift."""

import dataclasses

import numpy as np

from ._groups import levels_of, Partition
from ._table import MeasuredTable, MICRO


@dataclasses.dataclass(frozen=True)
class Change:
    """The change from 0 s to the only later time.

    Args:
        time: That time, in seconds.
        shift: Median of the reads there minus that at 0 s, in uS, in the mean over
            targets; `None` if no target is of both times.
        num: Number of reads there.
    """

    time: float
    shift: float | None
    num: int


def split_at_zero(
    table: MeasuredTable, groups: Partition
) -> tuple[MeasuredTable, Change]:
    r"""The reads at 0 s, and the change to the later time.

    A line over $\ln(1 + t / t_0)$ goes through one change for each $t_0$ there is, so
    that the later reads tell no law.
    """
    is_fresh = groups.time[groups.index] == 0
    device = None
    if table.device is not None:
        device = np.unique(table.device[is_fresh], return_inverse=True)[1].reshape(-1)
    fresh = MeasuredTable(table.target[is_fresh], table.read[is_fresh], None, device)
    error, level = table.read - table.target, levels_of(table.target)
    shifts = [
        np.median(error[(level == n) & ~is_fresh])
        - np.median(error[(level == n) & is_fresh])
        for n in np.intersect1d(level[is_fresh], level[~is_fresh])
    ]
    shift = float(np.mean(shifts)) / MICRO if shifts else None
    return fresh, Change(float(groups.time[-1]), shift, int(np.sum(~is_fresh)))
