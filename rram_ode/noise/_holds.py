"""For how long each state of 1/f noise may hold a value: the fewest draws of its law.

A sum of held states follows the law up to `LARGEST_ERROR` of the density at every
frequency of the band. All numbers are concrete: the result is a static size.
"""

import functools

import numpy as np
from jaxtyping import Float

from ._lab_time import BRANCH


LARGEST_ERROR = 0.045  # of the density, over the band


LONGEST = 1 / 4  # hold of a state, over the period of its corner


SHORTEST = (1 / 32, 1 / 64, 1 / 128, 1 / 256, 1 / 512)  # the next where one is too long


MOST_LEVELS = 12  # of holds over consecutive solves


FINEST = 24  # doublings of 5 holds a solve


FREQUENCIES, PARTS = 500, 400  # at which densities are compared, and of the law


States = Float[np.ndarray, " states"]


Densities = Float[np.ndarray, "holds states freq"]


@functools.cache
def fewest_holds(
    f_min: float,
    f_max: float,
    exponent: float,
    num: int,
    duration: float,
    period: float,
) -> tuple[float, ...]:
    """Values per solve of each of `num` states, slowest first; they never fall.

    Numbers below 1 are shared by consecutive solves: 1 / 8 by 8 of them. From the
    longest holds on, the state is refined that brings the density nearest to the law
    for its draws, and at the end each is held for longer where that does no harm.

    Args:
        f_min: Lower corner of the band, in hertz.
        f_max: Upper corner, in hertz.
        exponent: Minus the slope of the density.
        num: Number of states.
        duration: Time of a solve, in seconds.
        period: Time from one solve to the next, in seconds.
    """
    counts = _ladder()
    holds = np.where(counts > 1, duration, period) / counts
    corners = centres(f_min, f_max, num)
    share = corners ** (1 - exponent)
    f = np.geomspace(f_min, f_max, FREQUENCIES)
    each = _held(f, corners[None, :, None], holds[:, None, None])
    each = each * (share / share.sum())[None, :, None] / _law(f_min, f_max, exponent, f)
    turns = holds[:, None] * corners[None]
    first = np.argmax(turns <= LONGEST, axis=0)
    found = []
    for shortest in SHORTEST:
        at = _refined(each, counts, first, np.argmax(turns <= shortest, axis=0))
        found.append((_excess(each, at), at))
        if found[-1][0] == 0:
            break
    at = _coarsened(each, min(found, key=lambda one: one[0])[1], first)
    return tuple(float(counts[n]) for n in at)


def centres(f_min: float, f_max: float, num: int) -> States:
    """Corners of `num` states: centres of even parts of the band, in hertz."""
    return f_min * (f_max / f_min) ** ((np.arange(num) + 0.5) / num)


def _ladder() -> Float[np.ndarray, " holds"]:
    """Values per solve: each divides the next; those up to 40 divide 200 steps."""
    shared = float(BRANCH) ** -np.arange(MOST_LEVELS, -1, -1)
    return np.concatenate([shared, 5.0 * 2.0 ** np.arange(FINEST)])


def _held(f, corner, hold):
    r"""One-sided density of a unit state that is held for $\Delta$, in 1/Hz.

    $2 \Delta\, \mathrm{sinc}^2(f \Delta)\, (1 - \phi^2) /
    (1 - 2 \phi \cos 2 \pi f \Delta + \phi^2)$ with
    $\phi = e^{-2 \pi f_c \Delta}$.
    """
    lost, x = -np.expm1(-2 * np.pi * corner * hold), f * hold
    shape = lost * (2 - lost) / (lost**2 + 4 * (1 - lost) * np.sin(np.pi * x) ** 2)
    return 2 * hold * np.sinc(x) ** 2 * shape


def _law(f_min: float, f_max: float, exponent: float, f: np.ndarray) -> np.ndarray:
    """The law's density at `f`: a mixture of one-pole spectra, in 1/Hz."""
    corners = centres(f_min, f_max, PARTS)[:, None]
    weights = corners ** (1 - exponent)
    poles = 2 / np.pi * corners / (corners**2 + f**2)
    return np.sum(weights * poles, axis=0) / np.sum(weights)


def _excess(each: Densities, at: np.ndarray) -> float:
    """By how much the density at places `at` of the ladder leaves the tolerance."""
    error = np.abs(np.sum(each[at, np.arange(at.size)], axis=0) - 1)
    return float(np.sum(np.maximum(error - LARGEST_ERROR, 0) ** 2))


def _refined(
    each: Densities, counts: np.ndarray, first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    """Places on the ladder, from `first` on, where the tolerance is kept, if any is."""
    at, excess = first, _excess(each, first)
    best = excess, at
    while excess > 0:
        found = []
        for state in range(at.size):
            for more in (1, 2):
                finer = at.copy()
                finer[state:] = np.maximum(at[state:], at[state] + more)
                finer = np.minimum(finer, last)
                price = np.sum(counts[finer]) - np.sum(counts[at])
                if price > 0:
                    left = _excess(each, finer)
                    found.append(((excess - left) / price, state, left, finer))
        if not found:
            break
        _, _, excess, at = max(found, key=lambda one: one[:2])
        if excess < best[0]:
            best = excess, at
    return best[1]


def _coarsened(each: Densities, at: np.ndarray, first: np.ndarray) -> np.ndarray:
    """`at` with longer holds where the density keeps the tolerance, fastest first."""
    limit = _excess(each, at)
    for state in reversed(range(at.size)):
        while at[state] > max(first[state], at[state - 1] if state else 0):
            coarser = at.copy()
            coarser[state] -= 1
            if _excess(each, coarser) > limit:
                break
            at = coarser
    return at
