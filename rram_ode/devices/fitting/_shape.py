"""Whether the reads are Gaussian around the law, as the cells of a chip are."""

import numpy as np
from scipy.stats import kurtosis, kurtosistest, shapiro, skew, skewtest

from ..._core._units import format_quantity
from ._groups import SAME_TARGET
from ._laws import UNLIKELY
from ._table import MICRO
from ._table_fit import TableFit


FEWEST_SCORES = 100  # reads that can show the shape of a distribution
SKEWED, TAILED = 0.3, 0.7  # skewness and excess kurtosis that matter to a chip
FEWEST_OF_LEVEL = 20  # reads that can show the shape of one level
FALSE_ALARMS = 5e-3  # share of Gaussian tables of which a level is called another law
IS_LIKELY = 0.05  # chance at which logarithms of reads are called Gaussian


def shape_fits(found: TableFit) -> list[str]:
    """Warnings where the reads of all levels, or of one, have another distribution."""
    scores = found.scores
    if scores.size >= FEWEST_SCORES and np.ptp(scores) > 0:
        leans, tails = float(skew(scores)), float(kurtosis(scores))
        is_skewed = abs(leans) > SKEWED and skewtest(scores).pvalue < UNLIKELY
        is_tailed = abs(tails) > TAILED and kurtosistest(scores).pvalue < UNLIKELY
        if is_skewed or is_tailed:
            return [
                f"The reads are not Gaussian around the law (skewness {leans:.2f}, "
                f"excess kurtosis {tails:.2f}): the cells of a chip are, with the same "
                "mean and spread"
            ]
    return _levels_fit(found)


def _levels_fit(found: TableFit) -> list[str]:
    """Each level of the first time by the test of Shapiro and Wilk.

    One level among many hides in the scores of all: the high-resistance state is often
    log-normal where the others are Gaussian. The tail of such a level is left out as
    reads of stuck cells, so all its reads are tested, too, if their logarithms are
    Gaussian. Reads at later times are those of the same cells; devices that are told
    apart have means of their own.
    """
    if found.between is not None or not found.is_exact:
        return []
    reads, groups = found.reads, found.reads.groups
    error = reads.error - found.mean.law
    levels = [
        (groups.target[n], error[groups.index == n])
        for n in np.flatnonzero(groups.is_first)
    ]
    levels = [(g, _with_tail(found, g, x)) for g, x in levels if _shows_shape(x)]
    limit = FALSE_ALARMS / max(len(levels), 1)
    odd = [(g, x) for g, x in levels if shapiro(x).pvalue < limit]
    if not odd:
        return []
    g, worst = max(odd, key=lambda level: abs(float(skew(level[1]))))
    what = f"{len(odd)} of {len(levels)} levels are" if len(odd) > 1 else "One level is"
    return [
        f"{what} not Gaussian around the law (at "
        f"{format_quantity(g * MICRO, 'S', 3)}: skewness {skew(worst):.2f}, excess "
        f"kurtosis {kurtosis(worst):.2f}): the cells of a chip are, with the same mean "
        "and spread"
    ]


def _with_tail(found: TableFit, target: float, error: np.ndarray) -> np.ndarray:
    """The reads of a level, with those left out if all of them are log-normal."""
    g, left_out = found.left_out
    own = left_out[np.isclose(g, target, rtol=SAME_TARGET, atol=0)]
    if not own.size:
        return error
    law = float(np.mean(found.mean.law[np.isclose(found.reads.g, target)]))
    whole = np.concatenate([error, own - law])
    reads = target + law + whole
    if np.min(reads) <= 0 or shapiro(np.log(reads)).pvalue < IS_LIKELY:
        return error
    return whole


def _shows_shape(reads: np.ndarray) -> bool:
    """Whether a level has reads enough, and a meter that does not round them away."""
    return reads.size >= FEWEST_OF_LEVEL and np.unique(reads).size > reads.size / 2
