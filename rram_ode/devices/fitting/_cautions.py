"""What the reads of a file cannot tell, whatever law is fitted to them."""

import numpy as np

from ..._core._units import format_quantity
from ._devices import FEWEST_DEVICES
from ._groups import LONG_GROUP
from ._table_fit import TableFit


MANY = 0.002  # reads apart from the law that are no stuck cells: more are warned of
FEWEST_FREE = 40  # degrees of freedom: they tell one spread to 11 %, three less well
ADVISED_READS = 20  # of one target: their own spread is known to 16 %
USUAL = (1e-9, 1e-2)  # siemens: the largest target of a memory cell is within
ENDS = {"hrs": "g_min or open", "lrs": "g_max"}


def cautions(found: TableFit) -> list[str]:
    """Warnings, the gravest first."""
    checks = (_too_many_apart, _is_unit_right, _is_clock, _one_change, _failures)
    checks = (*checks, _is_enough, _reads_or_writes, _elsewhere)
    return [text for check in checks for text in check(found)]


def _too_many_apart(found: TableFit) -> list[str]:
    if not found.unfit:
        return []
    return [
        f"{found.unfit:.0%} of the reads lie far from the others of their target: too "
        "many to leave out. The laws are of both kinds of reads together, and neither "
        "kind of cell is like them; a chip of it is not yours. Take the open or stuck "
        "cells out of the file, and give their share by `cell.stuck.hrs` or "
        "`cell.stuck.lrs`"
    ]


def _is_unit_right(found: TableFit) -> list[str]:
    most = float(found.groups.target.max())
    if USUAL[0] <= most <= USUAL[1]:
        return []
    low, high = (format_quantity(g, "S", 3) for g in USUAL)
    return [
        f"The largest target is {format_quantity(most, 'S', 3)}; those of memory cells "
        f"are from {low} to {high}. Is the unit in the names of the columns right"
    ]


def _is_clock(found: TableFit) -> list[str]:
    """Whether unlike times are one, as those of a clock that started long before."""
    time = found.reads.time
    first, last = float(time.min()), float(time.max())
    if not 0 < first < last < LONG_GROUP * first:
        return []
    if np.unique(found.groups.time).size > 1:
        return []
    return [
        f"The times are from {first:.10g} to {last:.10g} s and count as one: a span of "
        f"{last / first - 1:.2g} of the first. If they are of a clock that started "
        "before programming, a drift is hidden in the spread: write the time since "
        "programming instead"
    ]


def _one_change(found: TableFit) -> list[str]:
    change = found.change
    if change is None:
        return []
    time = format_quantity(change.time, "s", 3)
    moved = "" if change.shift is None else f" moved by {change.shift:.3g} uS and"
    return [
        f"The reads are of 0 s and of {time} alone: one change does not tell how it "
        "goes on, so that there is no law of the drift, and the cell is as at 0 s. The "
        f"{change.num} reads at {time}{moved} are not used; read at two later times or "
        "more"
    ]


def _failures(found: TableFit) -> list[str]:
    texts = []
    for course in found.stuck.courses:
        counts = [
            f"{course.stuck[n]} of {course.num[n]} at "
            + format_quantity(float(course.time[n]), "s", 3)
            for n in (0, -1)
        ]
        texts.append(
            f"Cells fail over time: {counts[0]}, {counts[1]} are stuck at "
            f"{ENDS[course.end]}. No law has this: `cell.stuck.{course.end}` is the "
            "share at the first time, and an aged chip has fewer than the data"
        )
    return texts


def _is_enough(found: TableFit) -> list[str]:
    """Whether the reads tell the spread as well as a chip needs it."""
    groups, free = found.groups, int(found.free.sum())
    each = float(np.median(groups.count))
    if free >= FEWEST_FREE:
        return []
    per = "target and time" if np.unique(groups.time).size > 1 else "target"
    reads = f"{each:g} reads per {per}" if found.is_exact else "few reads"
    return [
        f"The spread rests on {reads}, {free} degrees of freedom in all: no better "
        f"than to {1 / np.sqrt(2 * max(free, 1)):.0%}, and a stuck cell may hide in "
        f"it. Take {ADVISED_READS} reads or more per target"
    ]


def _reads_or_writes(found: TableFit) -> list[str]:
    """Whether reads of one device and target may be of one write."""
    device = found.reads.cluster
    if found.between is None or device is None or found.between.num < FEWEST_DEVICES:
        return []
    g = found.reads.g
    low, high = np.full(int(device.max()) + 1, np.inf), np.zeros(int(device.max()) + 1)
    np.minimum.at(low, device, g)
    np.maximum.at(high, device, g)
    if np.any(high > low):
        return []
    return [
        "Each device has one target, read several times, and the file does not tell "
        "whether it was written anew before each read. The reads count as writes: if "
        "they are not, the spread is that of reading, and the differences between "
        "devices are those between writes; leave one read of each write then (no "
        "column tells it)"
    ]


def _elsewhere(found: TableFit) -> list[str]:
    share = found.stuck.elsewhere
    if share <= MANY:
        return []
    return [
        f"{share:.2%} of the reads lie far from the law, and at neither end of the "
        "range: no stuck cells, and no part of the law of a chip"
    ]
