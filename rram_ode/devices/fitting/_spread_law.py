"""The spread of the reads over conductance and time: a polynomial or a table."""

import dataclasses

import numpy as np

from ._laws import Reads, UNLIKELY
from ._regression import Regression
from ._spread_fit import fit_growth, fit_spread


FREE_FOR_BEND = 40  # degrees of freedom of the spread that tell a bend, or a table
FEW_AT_FIRST = 50  # reads at the first time: fewer take those of all times


@dataclasses.dataclass(frozen=True)
class SpreadLaw:
    """The spread over g at the first time, and its growth.

    Args:
        fit: The polynomial in uS; the best one also where a table is used.
        table: Targets and spreads in uS; `None` for the polynomial.
        rate: Growth with ln t, in uS, with its standard error; `None` without times.
        growth: The fit of the growth; `None` without times, and where each cell was
            read once at later ones, so that it is not known.
    """

    fit: Regression
    table: tuple[np.ndarray, np.ndarray] | None
    rate: tuple[float, float] | None
    growth: Regression | None

    def first(self, g: np.ndarray) -> np.ndarray:
        """The spread at the first time at targets `g`, in uS."""
        if self.table is not None:
            return np.interp(g, *self.table)
        return np.maximum(np.polyval(self.fit.values[::-1], g), 0.0)

    def at(self, g: np.ndarray, log: np.ndarray) -> np.ndarray:
        """The spread at targets `g` and at ln t, in uS."""
        return np.hypot(self.first(g), self.rate[0] * log if self.rate else 0.0)


def fit_spread_law(
    reads: Reads,
    sd: np.ndarray,
    free: np.ndarray,
    log: np.ndarray,
    degree: int,
    tabulated: bool | None,
    is_one_time: bool,
) -> SpreadLaw:
    """The law of the spread, with its growth unless there is one time.

    Args:
        reads: The reads.
        sd: Standard deviation of each group, in uS.
        free: Degrees of freedom of each standard deviation.
        log: ln t of each group.
        degree: Highest power of the polynomial.
        tabulated: Whether the spread is a table; `None` takes one where no polynomial
            describes the data.
        is_one_time: Whether all reads are of one time.

    Raises:
        ValueError: If no group has reads enough.
    """
    groups = reads.groups
    good = free >= 1
    is_few = reads.count[groups.is_first].sum() < FEW_AT_FIRST and not is_one_time
    if not np.any(good & groups.is_first):
        is_few = True  # each cell was read once at the first time
    elif reads.cell is not None:
        is_few = False  # the same cells at later times tell nothing more
    here = good & (groups.is_first | is_few)
    if not here.any():
        raise ValueError("no group has reads enough for a spread")
    g = groups.target[here]
    is_short = int(free[here].sum()) < FREE_FOR_BEND
    most = max(min(degree, 1 if is_short else degree, np.unique(g).size - 2), 0)
    law, rate, growth = None, None, None
    for _ in range(3 if is_few else 1):
        grown = 0.0 if rate is None or rate[0] < 2 * rate[1] else rate[0] * log[here]
        start = np.sqrt(np.maximum(sd[here] ** 2 - grown**2, 0.01 * sd[here] ** 2))
        fit = fit_spread(g, start, free[here], most)
        is_bad = fit.free > 0 and fit.chance < UNLIKELY and not is_few and not is_short
        is_table = is_bad if tabulated is None else tabulated
        law = SpreadLaw(fit, _rising(g, start) if is_table else None, None, None)
        later = good & (log > 0)
        if not is_one_time and not later.any():
            law = dataclasses.replace(law, rate=(0.0, np.inf))
        elif not is_one_time:
            rate, growth = fit_growth(
                sd[later], law.first(groups.target)[later], free[later], log[later]
            )
            law = dataclasses.replace(law, rate=rate, growth=growth)
    assert law is not None  # there is one round at least
    return law


def _rising(g: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """A table in rising order; `None` for one point, which is no table."""
    order = np.argsort(g)
    return (g[order], spread[order]) if g.size > 1 else None
