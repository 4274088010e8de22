"""A record of reads of one cell in time: white, 1/f and telegraph noise from it."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

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
from ._hidden_states import find_states, TwoStates
from ._roles import Roles
from ._table import suspects_of, times_of, voltage_of


FEWEST_READS = 50
UNEVEN = 0.2  # of the interval: times beyond it are no even record
NOT_RANDOM = 10.0  # gain of ln(likelihood) beyond the price of the parameters
FEW_JUMPS = 30  # of a trap: fewer leave its dwell times uncertain by a third


@dataclasses.dataclass(frozen=True)
class NoiseOfRecord:
    """The noise of a record, in its own unit and in seconds; 0 where there is none.

    Args:
        white: Standard deviation of the white noise of a read.
        flicker: Root of the variance per e-fold of frequency of the 1/f noise.
        jump: Difference between the two states.
        low: Mean dwell time in the low state.
        high: Mean dwell time in the high state.
        jumps: Number of jumps, about.
    """

    white: float
    flicker: float = 0.0
    jump: float = 0.0
    low: float = 0.0
    high: float = 0.0
    jumps: float = 0.0


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
    lost = int(np.sum(~keep))
    order = np.argsort(time[keep], kind="stable")
    g, time = g[keep][order], time[keep][order]
    interval = _interval(time)
    found, level = find_noise(g, interval), float(g.mean())
    notes = [
        *sheet.notes,
        f"a record of {g.size} reads at {format_quantity(level, 'S')}, one every "
        f"{format_quantity(interval, 's')}, without targets",
        *([f"{lost} reads without a value were left out"] if lost else []),
        _said(found),
    ]
    warnings = list(suspects_of(roles))
    if found.jump and found.jumps < FEW_JUMPS:
        warnings.append(
            f"The record has some {found.jumps:.0f} jumps: the dwell times are known "
            f"to {1 / np.sqrt(max(found.jumps / 2, 1)):.0%}"
        )
    span = ConductanceRange(max(float(g.min()), 0.0), float(g.max()))
    groups = Groups(*(np.array([x]) for x in (level, 0.0, g.size, 0.0, g.std())))
    band = 0.5 / interval
    noise, settings = _noise(found, level, band, 1 / (interval * g.size))
    cell = Cell(span, (ProgrammingNoise(0.0),), noise)
    return without_writing(cell, groups, settings, notes, warnings)


def find_noise(x: np.ndarray, interval: float) -> NoiseOfRecord:
    r"""White noise, with 1/f noise or a trap of two states where the record has them.

    Each model has a likelihood: that of a spectrum $W + A / f$ for Gaussian noise
    (Whittle), and that of a hidden Markov chain for two states (Baum and Welch). The
    more complex one is taken if its logarithm is larger by 10 more than half of ln(N)
    for each parameter.

    Args:
        x: Reads, evenly spaced.
        interval: Seconds from read to read.
    """
    scale = float(x.std())
    if scale == 0:
        return NoiseOfRecord(0.0)
    y = (x - x.mean()) / scale
    price = 0.5 * np.log(y.size)
    flat = -0.5 * y.size * (np.log(2 * np.pi) + 1)
    best, found = flat, NoiseOfRecord(scale)
    white, flicker, likelihood = _spectrum(y)
    if likelihood > best + price + NOT_RANDOM:
        best, found = likelihood, NoiseOfRecord(white * scale, flicker * scale)
    states = _states(y)
    both, gain = _of_states(y, states, interval, price, scale)
    if float(states.likelihood) + gain > best + 3 * price + NOT_RANDOM:
        found = both
    return found


def _of_states(
    y: np.ndarray, states: TwoStates, interval: float, price: float, scale: float
) -> tuple[NoiseOfRecord, float]:
    """The noise of a record of two states, whose rest is white, or 1/f besides.

    Args:
        y: The record, of unit variance.
        states: Its states.
        interval: Seconds from read to read.
        price: Of one more parameter, in ln(likelihood).
        scale: Standard deviation of the record in its own unit.

    Returns:
        The noise, and what 1/f noise adds to ln(likelihood).
    """
    levels, leave = np.asarray(states.levels), np.asarray(states.leave)
    high = np.asarray(states.high)
    rest = y - (levels[0] + high * (levels[1] - levels[0]))
    white, flicker, likelihood = _spectrum(rest / rest.std())
    gain = likelihood + 0.5 * y.size * (np.log(2 * np.pi) + 1) - price
    left = float(states.std) * scale
    is_white = gain <= NOT_RANDOM
    dwell = -interval / np.log1p(-leave[np.argsort(levels)])
    found = NoiseOfRecord(
        left if is_white else white * left,
        0.0 if is_white else flicker * left,
        float(np.ptp(levels)) * scale,
        float(dwell[0]),
        float(dwell[1]),
        float(2 * y.size * interval / dwell.sum()),
    )
    return found, 0.0 if is_white else float(gain)


def _states(y: np.ndarray) -> TwoStates:
    """The best of hidden chains from slow and from fast first guesses."""
    x = jnp.asarray(y)
    low, high = np.quantile(y, [0.1, 0.9])
    guesses = [
        find_states(
            x,
            jnp.array([low, high], x.dtype),
            jnp.array(0.4, x.dtype),
            jnp.full(2, leave, x.dtype),
        )
        for leave in (0.3, 0.03, 0.003)
    ]
    return max(guesses, key=lambda found: float(found.likelihood))


def _spectrum(y: np.ndarray) -> tuple[float, float, float]:
    """White deviation, root of 1/f variance per e-fold, and ln(likelihood), by Whittle.

    The spectrum of reads is W + A / k over the number k of the frequency, for a record
    of unit variance: 1/f noise of variance A per e-fold has A N / 2 k at k.
    """
    num = y.size
    power = np.abs(np.fft.rfft(y - y.mean())[1:]) ** 2 / num
    k = np.arange(1, power.size + 1)
    weight = np.full(power.size, 2.0)
    weight[-1] = 1.0 if num % 2 == 0 else 2.0
    shape = num / (2.0 * k)

    def cost(logs: np.ndarray) -> float:
        s = np.exp(logs[0]) + np.exp(logs[1]) * shape
        return 0.5 * float(np.sum(weight * (np.log(2 * np.pi * s) + power / s)))

    starts = [(0.0, -9.0), (-0.7, -2.5), (-4.0, -1.5)]
    runs = [minimize(cost, start, method="Nelder-Mead") for start in starts]
    best = min(runs, key=lambda run: run.fun)
    # The mean was taken off, which leaves one Gaussian factor out.
    likelihood = -float(best.fun) - 0.5 * (np.log(2 * np.pi) + 1)
    white, flicker = np.sqrt(np.exp(best.x)).tolist()
    return white, flicker, likelihood


def _interval(time: np.ndarray) -> float:
    if time.size < FEWEST_READS:
        raise ValueError(
            f"a record of read noise needs {FEWEST_READS} reads or more; got "
            f"{time.size} (a table of programmed cells needs a column `target_uS`)"
        )
    steps = np.diff(time)
    interval = float(np.median(steps))
    if interval <= 0 or np.mean(np.abs(steps - interval) > UNEVEN * interval) > 0.05:
        raise ValueError(
            "the times of a record must be evenly spaced (a table of programmed cells "
            "needs a column `target_uS`)"
        )
    return interval


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
        times = sorted((found.low, found.high))
        high, low = (LogUniform(t, t * (1 + 1e-6)) for t in (found.high, found.low))
        size = LogNormal(found.jump / level, 0.0)
        telegraph = TelegraphReadNoise(size, high, low, g_ref=level)
        settings |= {
            "cell.read.telegraph.amplitude": found.jump / level,
            "cell.read.telegraph.g_ref": level,
            "cell.read.telegraph.dwell_min": times[0],
            "cell.read.telegraph.dwell_max": times[1],
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
        text += f"{low} (low) and {high} (high), with some {found.jumps:.0f} jumps"
    return text
