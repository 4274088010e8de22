"""The noise in an even record of reads: white, 1/f, and a trap of two states."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from ._hidden_states import find_states, TwoStates


NOT_RANDOM = 10.0  # gain of ln(likelihood) beyond the price of the parameters
ALIKE = 5.0  # standard errors by which two reads' states must be alike, to tell jumps


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
        unresolved: Difference between two states whose jumps are too fast for the
            record; they are in `white`.
    """

    white: float
    flicker: float = 0.0
    jump: float = 0.0
    low: float = 0.0
    high: float = 0.0
    jumps: float = 0.0
    unresolved: float = 0.0


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
    if 1 - leave.sum() < ALIKE / np.sqrt(y.size):
        apart = float(np.ptp(levels)) * scale
        return NoiseOfRecord(scale, unresolved=apart), 0.0
    rest = y - (levels[0] + high * (levels[1] - levels[0]))
    white, flicker, likelihood = _spectrum(rest / rest.std())
    gain = likelihood + 0.5 * y.size * (np.log(2 * np.pi) + 1) - price
    left = float(states.std) * scale
    is_white = gain <= NOT_RANDOM
    dwell = dwell_times(leave[np.argsort(levels)], interval)
    found = NoiseOfRecord(
        left if is_white else white * left,
        0.0 if is_white else flicker * left,
        float(np.ptp(levels)) * scale,
        float(dwell[0]),
        float(dwell[1]),
        float(2 * y.size * interval / dwell.sum()),
    )
    return found, 0.0 if is_white else float(gain)


def dwell_times(leave: np.ndarray, interval: float) -> np.ndarray:
    r"""Mean dwell times in the low and in the high state, in seconds.

    A trap that leaves its states at the rates $a$ and $b$ is found in the other one
    after an interval with the probabilities $p = a (1 - e^{-\lambda \Delta}) /
    \lambda$ and q alike, with $\lambda = a + b$: it may have come back. So $\lambda =
    -\ln(1 - p - q) / \Delta$ and $a = \lambda p / (p + q)$. In simulated records of
    4,000 reads the means of both times were within 6 % of the truth for states two
    standard deviations apart or more that last a read or longer; for states one
    standard deviation apart they were 15 % short.

    Args:
        leave: p and q. Their sum is below 1, as for any trap.
        interval: Seconds from read to read.
    """
    total = float(leave.sum())
    rate = -np.log1p(-min(total, 1 - 1e-9)) / interval
    return total / (rate * leave)


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
