"""A record of reads of one cell in time: white, 1/f and telegraph noise from it."""

import numpy as np

from ..._core._sheet import Sheet
from ..._core._units import format_quantity
from ...noise import (
    FlickerReadNoise,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    WhiteReadNoise,
)
from .._cell import Cell
from .._programming_noise import ProgrammingNoise
from .._range import ConductanceRange
from ._conductances import require_offset, to_siemens
from ._device_fit import DeviceFit, without_writing
from ._groups import Groups
from ._record_doubts import doubts_of
from ._record_noise import find_noise, NoiseOfRecord, SEVERAL
from ._roles import Roles
from ._table import suspects_of, times_of, voltage_of


FEWEST_READS = 50
UNEVEN = 0.2  # of the interval: times beyond it are no even record
GAP = 10  # reads: a longer gap ends a record, since noise runs on in it unseen
CLEAR = 2.0  # standard deviations between two states that single reads tell apart
FEW_JUMPS = 30  # of a trap: fewer leave its dwell times uncertain by a third


def has_trace(roles: Roles) -> bool:
    """Whether a file holds reads in time, and no targets."""
    return "target" not in roles.one and {"read", "time"} <= set(roles.one)


def fit_trace(sheet: Sheet, roles: Roles) -> DeviceFit:
    """The read noise in a record at one level; see `find_noise`.

    Raises:
        ValueError: If the record is short, or its times are not evenly spaced.
    """
    g, time = to_siemens(roles.one["read"], voltage_of(roles)), times_of(roles)
    if time is None or g.shape != time.shape or g.ndim != 1:
        raise ValueError("a record needs as many times as reads, along one axis")
    largest = float(np.nanmax(g, initial=0.0))
    require_offset(roles.one["read"], g, largest)
    keep = np.isfinite(g) & np.isfinite(time)
    order = np.argsort(time[keep], kind="stable")
    kept, interval, missing = _even(time[keep][order])
    g, lost = g[keep][order][kept], int(np.sum(~keep))
    fitted, level = find_noise(g, interval), float(g.mean())
    found = fitted.noise
    notes = [
        *sheet.notes,
        f"a record of {g.size} reads at {format_quantity(level, 'S')}, one every "
        f"{format_quantity(interval, 's')}, without targets",
        *([f"{lost} reads without a value were left out"] if lost else []),
        *missing,
        _said(found),
    ]
    warnings = [*suspects_of(roles), *_doubts(found, interval)]
    warnings += doubts_of(fitted, interval)
    span = ConductanceRange(max(float(g.min()), 0.0), float(g.max()))
    groups = Groups(*(np.array([x]) for x in (level, 0.0, g.size, 0.0, g.std())))
    band = 0.5 / interval
    noise, settings = _noise(found, level, band, 1 / (interval * g.size))
    cell = Cell(span, (ProgrammingNoise(0.0),), noise)
    return without_writing(cell, groups, settings, notes, warnings)


def _doubts(found: NoiseOfRecord, interval: float) -> list[str]:
    """What makes the states and their dwell times uncertain."""
    texts, every = [], format_quantity(interval, "s", 3)
    if found.drift:
        texts.append(
            f"The reads drift by {format_quantity(found.drift, 'S', 3)} over the "
            "record: the noise is that around the drift, which is in no setting here. "
            "A drift needs a table of targets, reads and times"
        )
    if found.steps:
        often = "once" if found.steps == 1 else f"{found.steps} times"
        texts.append(
            f"The reads step {often} by "
            f"{format_quantity(found.step, 'S', 3)}: a trap takes {SEVERAL} jumps each "
            "way or more, so that there is no law of a trap, and the noise is that "
            "around the levels. Record for longer"
        )
    if not found.jump:
        return texts
    if found.jumps < FEW_JUMPS:
        texts.append(
            f"The record has some {found.jumps:.0f} jumps: the dwell times are known "
            f"to {1 / np.sqrt(max(found.jumps / 2, 1)):.0%}"
        )
    if min(found.low, found.high) < interval:
        texts.append(
            f"A state lasts less than the {every} from read to read, so that most of "
            "its jumps are not seen: the dwell times follow from how alike two reads "
            "are, if there is one trap alone"
        )
    ratio = found.jump / max(float(np.hypot(found.white, found.flicker)), 1e-300)
    if ratio < CLEAR:
        texts.append(
            f"The two states are {ratio:.1f} standard deviations of the noise apart, "
            "so that single reads do not tell them: short visits are missed, and the "
            "dwell times may be wrong by a fifth"
        )
    return texts


def _even(time: np.ndarray) -> tuple[slice, float, list[str]]:
    """The longest stretch of a record without a long gap.

    Args:
        time: Times of the reads that have a value, ascending, in seconds.

    Returns:
        The stretch, the mean interval in it, and notes on what is missing.
    """
    if time.size < FEWEST_READS:
        raise ValueError(
            f"a record of read noise needs {FEWEST_READS} reads or more; got "
            f"{time.size} (a table of programmed cells needs a column `target_uS`)"
        )
    steps = np.diff(time)
    interval = float(np.median(steps))
    parts = np.rint(steps / interval) if interval > 0 else np.zeros(steps.size)
    uneven = (parts < 1) | (np.abs(steps - parts * interval) > UNEVEN * interval)
    if np.mean(uneven) > 0.05:
        raise ValueError(
            "the times of a record must be evenly spaced, but for missing reads; "
            f"{np.mean(uneven):.0%} of the steps are no multiple of "
            f"{format_quantity(max(interval, 0.0), 's', 3)} (a table of programmed "
            "cells needs a column `target_uS`)"
        )
    cuts = np.flatnonzero(parts > GAP) + 1
    edges = [0, *cuts.tolist(), time.size]
    longest = int(np.argmax(np.diff(edges)))
    first, last = edges[longest : longest + 2]
    if last - first < FEWEST_READS:
        raise ValueError(
            f"a record of read noise needs {FEWEST_READS} reads or more without a gap "
            f"of over {GAP} reads; got {last - first}"
        )
    mean = float(time[last - 1] - time[first]) / (last - first - 1)
    holes = int(np.sum(np.maximum(parts[first : last - 1] - 1, 0)))
    notes = []
    if holes:
        notes.append(
            f"{holes} reads are missing between others, which count as one every "
            f"{format_quantity(mean, 's', 3)}: the mean interval"
        )
    else:
        mean = interval
    if time.size > last - first:
        notes.append(
            f"of {len(edges) - 1} stretches with long gaps between, the longest is "
            f"used: {time.size - (last - first)} reads were left out"
        )
    return slice(first, last), mean, notes


def _noise(
    found: NoiseOfRecord, level: float, band: float, lowest: float
) -> tuple[ReadNoise, dict[str, float | str]]:
    """Processes of a cell, and the settings that make them."""
    settings: dict[str, float | str] = {
        "cell.read.white.std": found.white,
        "cell.read.white.bandwidth": band,
    }
    flicker = telegraph = None
    if found.flicker:
        flicker = FlickerReadNoise(found.flicker, lowest, band)
        settings |= {
            "cell.read.flicker.std": found.flicker,
            "cell.read.flicker.f_min": lowest,
            "cell.read.flicker.f_max": band,
        }
    if found.jump and level > 0:
        middle = float(np.sqrt(found.low * found.high))
        high, low = (LogUniform(t, t * (1 + 1e-6)) for t in (found.high, found.low))
        size = LogNormal(found.jump / level, 0.0)
        telegraph = TelegraphReadNoise(size, high, low, g_ref=level)
        settings |= {
            "cell.read.telegraph.amplitude": found.jump / level,
            "cell.read.telegraph.dwell_min": middle,
            "cell.read.telegraph.dwell_max": middle,
            "cell.read.telegraph.dwell_ratio": found.high / found.low,
        }
    return ReadNoise(WhiteReadNoise(found.white, band), flicker, telegraph), settings


def _said(found: NoiseOfRecord) -> str:
    text = f"white noise of {format_quantity(found.white, 'S', 3)} per read"
    if found.flicker:
        text += (
            f", 1/f noise of {format_quantity(found.flicker, 'S', 3)} per root e-fold"
        )
    if found.jump:
        low, high = (format_quantity(t, "s", 3) for t in (found.low, found.high))
        text += f", two states {format_quantity(found.jump, 'S', 3)} apart that last "
        text += f"{low} (low) and {high} (high), with some {found.jumps:.0f} jumps; "
        text += "a record at one level does not tell how the jump grows with the "
        text += "conductance: the settings take the same share of each"
    return text
