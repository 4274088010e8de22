"""The spread of groups by powers of g, by maximum likelihood; its growth over time."""

import dataclasses

import numpy as np

from ._regression import Regression, weighted


KNOWN = 10  # degrees of freedom with which a group's own spread weighs it at first
SCORINGS = 8  # rounds of a fit by maximum likelihood


def fit_spread(
    g: np.ndarray, spread: np.ndarray, free: np.ndarray, degree: int
) -> Regression:
    r"""The spread of groups by powers of g, all in uS.

    A variance of $\nu$ degrees of freedom is $\sigma^2 \chi^2_\nu / \nu$, skewed where
    they are few, and the root of it is below $\sigma$ in the mean. Fisher's scoring
    (regression of $\sigma + (s^2 - \sigma^2) / 2 \sigma$ with error $\sigma /
    \sqrt{2 \nu}$) allows for both down to $\nu = 1$; residuals are those of the cube
    root of $s^2 / \sigma^2$ (Wilson and Hilferty, PNAS 17, 684, 1931).

    A polynomial that is 0 or less at a group is no spread. Lower degrees then take its
    place, and last the likelier of a constant and of a multiple of g.

    Args:
        g: Target of each group.
        spread: Standard deviation of each group.
        free: Degrees of freedom of each standard deviation.
        degree: Highest power.
    """
    free = np.maximum(free, 1)
    start = np.where(free >= KNOWN, spread, _power_law(g, spread, free))
    powers = np.vander(g, degree + 1, increasing=True)
    for num in range(degree + 1, 1, -1):
        law = powers[:, :num]
        found = _likeliest(law, spread, free, start)
        if np.all(law @ found.values > 0):
            return found
    constant = _likeliest(powers[:, :1], spread, free, start)
    if degree == 0 or g.min() <= 0:
        return constant
    multiple = _likeliest(g[:, None], spread, free, start)
    if _cost(multiple.values * g, spread, free) > _cost(constant.values, spread, free):
        return constant
    return dataclasses.replace(
        multiple,
        values=np.append(0.0, multiple.values),
        errors=np.append(0.0, multiple.errors),
    )


def _power_law(g: np.ndarray, spread: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The spread by a power of g, which is enough to begin with."""
    good = (spread > 0) & (g > 0)
    if np.unique(g[good]).size < 2:
        return np.full_like(spread, np.mean(spread))
    line = np.polyfit(np.log(g[good]), np.log(spread[good]), 1, w=np.sqrt(free[good]))
    return np.exp(np.polyval(line, np.log(np.maximum(g, g[good].min()))))


def _likeliest(
    design: np.ndarray, spread: np.ndarray, free: np.ndarray, start: np.ndarray
) -> Regression:
    """The law `design @ values` that makes the spreads likeliest, from `start` on."""
    root = np.sqrt(2.0 * free)
    floor = np.maximum(0.2 * spread, 1e-3 * float(np.mean(spread)) * (spread == 0))
    floor = np.maximum(floor, 1e-12)
    found = weighted(design, spread, np.maximum(start, floor) / root)
    for _ in range(SCORINGS):
        expected = np.maximum(design @ found.values, floor)
        moved = expected + (spread**2 - expected**2) / (2 * expected)
        found = weighted(design, moved, expected / root)
    expected = np.maximum(design @ found.values, floor)
    width = 2 / (9 * free)
    left = (np.cbrt((spread / expected) ** 2) - (1 - width)) / np.sqrt(width)
    square = float(np.sum(left**2)) / max(found.free, 1)
    return dataclasses.replace(
        found, residuals=left, chi_square=square if found.free else 0.0
    )


def _cost(law: np.ndarray, spread: np.ndarray, free: np.ndarray) -> float:
    """Minus the logarithm of the likelihood of spreads of Gaussian reads."""
    law = np.maximum(law, 1e-12)
    return float(np.sum(free * (np.log(law) + (spread / law) ** 2 / 2)))


def fit_growth(
    spread: np.ndarray, first: np.ndarray, free: np.ndarray, log: np.ndarray
) -> tuple[tuple[float, float], Regression]:
    """Growth of the spread per e-fold of time, in uS, with its standard error.

    The variance grows by the square of the rate times ln t.

    Args:
        spread: Standard deviation of each group, in uS.
        first: That of the law at the first time at the same target, in uS.
        free: Degrees of freedom of each standard deviation.
        log: ln t of each group.
    """
    later = log > 0
    variance, root = spread[later] ** 2, np.sqrt(2.0 / np.maximum(free[later], 1))
    design = log[later, None] ** 2
    excess = variance - first[later] ** 2
    found = weighted(design, excess, variance * root)
    for _ in range(3):
        expected = first[later] ** 2 + np.maximum(design @ found.values, 0.0)
        found = weighted(design, excess, expected * root)
    rate = float(np.sqrt(max(found.values[0], 0.0)))
    error = float(found.errors[0] / (2 * rate)) if rate > 0 else np.inf
    return (rate, error), found
