"""Where one machine begins to take less energy than another, with its interval."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from ..energy import Constants, draw, nominals, used_constants, Value, Values
from ._crossover import crossings


NUM_DRAWS = 2**9


@dataclasses.dataclass(frozen=True)
class Crossing:
    """Widths at which a ratio of energies passes 1.

    Args:
        widths: Widths at the constants' nominal values, rising.
        low: Lower end of the interval of the first width from which on the ratio is
            below 1; 0 if it is below 1 at all widths searched.
        high: Upper end of that interval; infinite if the ratio never falls below 1.
        share_never: Fraction of the samples whose ratio is never below 1.
    """

    widths: tuple[float, ...]
    low: float
    high: float
    share_never: float

    def as_dict(self) -> dict[str, Any]:
        """Fields for a file; an infinite end is `None`."""
        return {
            "widths": list(self.widths),
            "low": self.low,
            "high": self.high if math.isfinite(self.high) else None,
            "share_never": self.share_never,
        }


def find_crossing(
    ratio: Callable[[int, Values], Value],
    widths: Sequence[int],
    table: Constants,
    *,
    multiple: int = 1,
    level: float = 0.9,
    num_draws: int = NUM_DRAWS,
) -> Crossing:
    """The widths at which `ratio` passes 1, with the interval of the first fall.

    The nominal widths are roots: a change of sign of the ratio's logarithm between two
    of `widths` is halved until two neighbouring numbers of columns enclose it. The
    interval is that of the constants' samples, each with a curve of its own.

    Args:
        ratio: A ratio of energies as a function of the width and of the constants.
        widths: Widths at which changes of sign are looked for, rising.
        table: The constants.
        multiple: Widths are whole multiples of this number of columns.
        level: Probability of the interval.
        num_draws: Number of samples of the constants, a power of 2.

    Raises:
        ValueError: If `widths` do not rise, are fewer than two, or are no multiples.
    """
    if len(widths) < 2 or any(b <= a for a, b in zip(widths, widths[1:], strict=False)):
        raise ValueError(f"`widths` must be two or more and rise; got {list(widths)}.")
    if odd := [width for width in widths if width % multiple]:
        raise ValueError(f"`widths` must be multiples of {multiple}; got {odd}.")
    values = nominals(table)
    roots = _roots(lambda width: float(ratio(width, values)), widths, multiple)
    every = lambda v: [ratio(width, v) for width in widths]
    samples = draw(table, used_constants(every, table), num_draws)
    curves = np.stack(
        [np.broadcast_to(ratio(width, samples), num_draws) for width in widths]
    )
    first = first_below(np.array(widths, float), curves)
    tail = (1 - level) / 2
    return Crossing(
        tuple(roots),
        float(np.quantile(first, tail, method="lower")),
        float(np.quantile(first, 1 - tail, method="higher")),
        float(np.mean(np.isinf(first))),
    )


def first_below(
    x: Float[np.ndarray, " points"], ratios: Float[np.ndarray, "points draws"]
) -> Float[np.ndarray, " draws"]:
    """First point of each column where `ratios` falls below 1, by lines in logarithms.

    A column that begins below 1 gives 0, one that never falls below 1 infinity.
    """
    u, v = np.log(x), np.log(ratios)
    below = v < 0
    at = np.argmax(below, axis=0)
    columns = np.arange(v.shape[1])
    before = np.maximum(at - 1, 0)
    one, other = v[before, columns], v[at, columns]
    fraction = one / np.where(at == 0, 1.0, one - other)
    found = np.exp(u[before] + fraction * (u[at] - u[before]))
    found = np.where(at == 0, 0.0, found)
    return np.where(below.any(axis=0), found, np.inf)


def _roots(
    ratio: Callable[[int], float], widths: Sequence[int], multiple: int
) -> list[float]:
    """Roots of the ratio's logarithm, each between two neighbouring multiples."""
    known = {width: ratio(width) for width in widths}
    found = [float(width) for width in widths if known[width] == 1]
    for low, high in zip(widths, widths[1:], strict=False):
        if (known[low] - 1) * (known[high] - 1) >= 0:
            continue
        ends = {low: known[low], high: known[high]}
        while high - low > multiple:
            middle = (low + high) // (2 * multiple) * multiple
            ends[middle] = ratio(middle)
            if (ends[middle] - 1) * (ends[low] - 1) > 0:
                low = middle
            else:
                high = middle
        pair = np.array([low, high], float)
        found += crossings(pair, np.array([ends[low], ends[high]]))
    return sorted(set(found))
