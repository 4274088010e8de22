"""What a fit says of itself: notes, and warnings where a law does not fit the data."""

import numpy as np
from scipy.stats import chi2

from ..._core._units import format_quantity
from ._cautions import cautions
from ._groups import Groups
from ._laws import log_time, UNLIKELY
from ._shape import shape_fits
from ._table import MICRO
from ._table_fit import TableFit


def sentences(
    found: TableFit, has_devices: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notes and warnings on a fit."""
    notes = [_size(found), _mean(found), _spread(found)]
    notes += (
        _order(found) + _drift(found) + _devices(found, has_devices) + _stuck(found)
    )
    checks = (_mean_fits, _spread_fits, _growth_fits, shape_fits)
    warnings = [text for check in checks for text in check(found)]
    return tuple(notes), (*cautions(found), *warnings)


def _size(found: TableFit) -> str:
    groups = found.groups
    targets, times = np.unique(groups.target).size, np.unique(groups.time).size
    kind = "targets" if found.is_exact else "groups of neighbouring targets"
    what = f"{groups.count.sum()} reads in {groups.count.size} groups"
    return f"{what}: {targets} {kind}" + (f" at {times} times" if times > 1 else "")


def _mean(found: TableFit) -> str:
    mean = found.mean
    if mean.knots is None:
        b, e = mean.fit.values, mean.fit.errors
        law = f"({b[0]:.3g} +- {e[0]:.2g}) uS + ({b[1]:.3g} +- {e[1]:.2g}) g"
    else:
        low, high = mean.programmed.min(), mean.programmed.max()
        law = f"a table from {low:.3g} to {high:.3g} uS"
    return f"mean error: {law}; {_chi(mean.fit)}"


def _spread(found: TableFit) -> str:
    spread = found.spread
    of = "spread over cycles of one device" if found.between else "spread"
    g = np.array([found.reads.g.min(), found.reads.g.max()])
    low, high = (format_quantity(s * MICRO, "S", 3) for s in spread.first(g))
    ends = f"{low} at {format_quantity(g[0] * MICRO, 'S', 3)}, {high} at "
    ends += format_quantity(g[1] * MICRO, "S", 3)
    kind = (
        f"a polynomial of degree {spread.fit.values.size - 1}, {_chi(spread.fit)}"
        if spread.table is None
        else "the table of the groups"
    )
    return f"{of}: {ends}, by {kind}"


def _drift(found: TableFit) -> list[str]:
    mean, rate = found.mean, found.spread.rate
    if mean.unit is None or rate is None:
        return []
    m, e = mean.shift, mean.fit.errors[-mean.shift.size :]
    text = f"drift per e-fold of time: ({m[0]:.3g} +- {e[0]:.2g}) uS"
    text += f" + ({m[1]:.3g} +- {e[1]:.2g}) g"
    grown = f"({rate[0]:.3g} +- {rate[1]:.2g}) uS" if rate[0] > 0 else "none"
    if found.spread.growth is None:
        grown = "not known, as no device was read twice at a later time"
    since = format_quantity(mean.unit, "s", 3)
    text += f"; growth of the spread: {grown}; ln t counts from {since}"
    if mean.lack is not None:
        text += f"; within {mean.lack.cells} cells that were read several times, "
        text += _chi(mean.lack)
    return [text]


def _order(found: TableFit) -> list[str]:
    if found.order is None:
        return []
    return [
        f"reads in the same place of each time err alike (correlation {found.order:.2f}"
        "): they count as reads of the same cells; a column `device` would say so"
    ]


def _devices(found: TableFit, has_devices: bool) -> list[str]:
    if found.between is not None:
        between = found.between
        return [
            f"differences between {between.num} devices: "
            f"{format_quantity(between.std * MICRO, 'S', 3)} and "
            f"{between.std_rel:.2%} of g, to {between.error:.0%}"
        ]
    if has_devices:
        return [
            "devices are not told apart from cycles: that takes two reads or more of "
            "one target by one device at one time"
        ]
    return []


def _stuck(found: TableFit) -> list[str]:
    stuck = found.stuck
    if not stuck.num:
        return []
    when = " at the first time" if stuck.courses else ""
    return [
        f"{stuck.num} reads lie apart from the law and are left out of it. Of the "
        f"reads{when} whose targets are away from there, {stuck.hrs:.2%} are stuck at "
        f"g_min or open (`cell.stuck.hrs`) and {stuck.lrs:.2%} at g_max "
        f"(`cell.stuck.lrs`); of all, {stuck.elsewhere:.2%} are elsewhere"
    ]


def _chi(fit) -> str:
    if not fit.free:
        return "through all points"
    return f"chi-square {fit.chi_square:.2f} for each of {fit.free} degrees of freedom"


def _mean_fits(found: TableFit) -> list[str]:
    mean, lack = found.mean, found.mean.lack
    if mean.chance < UNLIKELY:
        is_drift = mean.unit is not None
        square, of = mean.fit.chi_square, ""
        if lack is not None:
            is_drift = lack.chance <= mean.fit.chance
            square = lack.chi_square if is_drift else square
            of = f" within {lack.cells} cells" if is_drift else " of the means of cells"
        what = (
            "The drift of the mean is not even in ln t"
            if is_drift
            else "The mean error is no smooth function of the target"
        )
        return [
            f"{what}: chi-square {square:.1f}{of}, where 1 is right. The law does not "
            "describe the data; a chip of it is not yours"
        ]
    if mean.knots is not None:
        return [
            "The mean error is no straight line over the target: the table of the data "
            "is used in its place"
        ]
    return []


def _spread_fits(found: TableFit) -> list[str]:
    spread = found.spread
    if not spread.fit.free or spread.fit.chance >= UNLIKELY:
        return []
    text = (
        f"The spread is no polynomial of degree {spread.fit.values.size - 1}: "
        f"chi-square {spread.fit.chi_square:.1f}, where 1 is right"
    )
    if spread.table is None:
        return [f"{text}. The law does not describe the data"]
    return [f"{text}; the table of the data is used in its place"]


def _growth_fits(found: TableFit) -> list[str]:
    """Whether the spread at later times is that of the law."""
    if found.spread.rate is None:
        return []
    groups, unit = found.groups, found.mean.unit
    log = log_time(groups.time, unit)
    law = found.spread.at(groups.target / MICRO, log)
    if found.reads.cell is not None and found.between is None:
        law = np.hypot(_first_spread(groups) / MICRO, found.spread.rate[0] * log)
    later = (log > 0) & (law > 0) & (found.free > 1)
    ratio = (groups.spread[later] / MICRO / law[later]) ** 2
    # The spread at the first time is known from its reads alone, for each coefficient.
    known = found.free[groups.time == groups.time[0]].sum()
    known = max(known / max(found.spread.fit.values.size, 1), 1)
    score = (ratio - 1) / np.sqrt(2 / found.free[later] + 2 / known)
    free = int(later.sum()) - 1
    total = float(np.sum(np.minimum(np.abs(score), 30.0) ** 2))
    # A variance of few reads is skewed, so that its score is no Gaussian one.
    if free < 1 or total < 2 * free or chi2.sf(total, free) > UNLIKELY / 10:
        return []
    return [
        "The spread does not grow evenly in ln t at all targets: chi-square "
        f"{total / free:.1f}, where 1 is right. Spreads at an age are those of the "
        "data only in the mean"
    ]


def _first_spread(groups: Groups) -> np.ndarray:
    """The spread of the same cells at the first time, for each group."""
    first = np.flatnonzero(groups.time == groups.time[0])
    apart = np.abs(groups.target[:, None] - groups.target[first])
    return groups.spread[first[np.argmin(apart, axis=1)]]
