r"""Chips counted one by one: what a mean leaves open that a few of them rule.

Two questions are asked of a machine of many chips, each against its twin.

* The first is about the mean chip: the mean over all chips of the kind of
  $\theta = D(\text{chip}) - D(\text{twin})$. Its interval decides wherever it can, with
  all four values (`rram_ode.metrics.compare_repeats`).
* The second is about the median chip: is the fraction p of all chips of the kind with
  $\theta > \delta$ above one half? It is asked where the first is undecided, as it is
  where some chips of a hundred are hundreds of times as far off as the others, and its
  only answer is *worse*. A median has no word for the chips that are far off, so it may
  not find a machine equal or better.

A chip is counted as worse if the 90 % interval of its own $\theta$, from its own
samples, lies above $\delta$. A chip that is not worse is so counted in 5 % of the cases
at most, and a chip is counted in at most $q = 1/2 + 5\,\% / 2$ of the cases where p is
one half or less. The machine is *worse* if so many of K chips are counted that a
binomial law of K and q gives them or more in 5 % of the cases at most. No law of the
chips is assumed; they are independent, as each has its own seeds.

So a machine of which half of the chips or fewer are worse by more than $\delta$ is
called worse by its median in 5 % of the cases at most; one that equals its twin, almost
never.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from ...metrics import Difference, Interval, LEVEL, median_interval, Verdict
from .._yield import chip_yield


CHANCE = (1 - LEVEL) / 2  # of an interval above a value that is not exceeded


@dataclasses.dataclass(frozen=True)
class Tally:
    r"""Chips of one kind beside their twins, counted.

    Args:
        num: Number of chips.
        num_worse: Number of chips shown to be worse than their twin by more than
            $\delta$, each by its own interval.
        good: Fraction of chips whose difference is $\delta$ or less, as it was
            measured, with its exact 90 % interval (Clopper and Pearson).
        median: Median difference, in just-noticeable distances, with its 90 % interval
            from order statistics; infinite for fewer than five chips.
        kind: What is counted, `chips`, or `repeats` on one chip.
    """

    num: int
    num_worse: int
    good: Interval
    median: Interval
    kind: str = "chips"

    @classmethod
    def of(
        cls, differences: Sequence[Difference], *, margin: float, kind: str = "chips"
    ) -> "Tally":
        r"""Count chips.

        Args:
            differences: The difference of each chip to its own twin.
            margin: $\delta$ of the differences in just-noticeable distances.
            kind: What is counted.
        """
        values = [each.value / each.delta for each in differences]
        return cls(
            len(values),
            int(np.sum([each.low > each.delta for each in differences])),
            chip_yield(values, 1.0, LEVEL),
            median_interval([margin * value for value in values], LEVEL),
            kind,
        )

    @property
    def is_worse(self) -> bool:
        r"""Whether more than half of all chips are worse by more than $\delta$."""
        most = 0.5 + 0.5 * CHANCE
        chance = stats.binom.sf(self.num_worse - 1, self.num, most)
        return bool(chance <= CHANCE)

    def verdict(self, difference: Difference) -> Verdict:
        """The verdict on the mean, or *worse* where it is open and the median is.

        Args:
            difference: The difference of the means of the same chips.
        """
        if difference.verdict == Verdict.UNDECIDED and self.is_worse:
            return Verdict.WORSE
        return difference.verdict

    def tell(self, difference: Difference) -> str:
        """The verdict with the mean and its interval, in just-noticeable distances."""
        verdict, counted = self.verdict(difference), ""
        if verdict != difference.verdict:
            counted = f"in {self.num_worse} of {self.num} {self.kind}; mean "
        return (
            f"{verdict} ({counted}{difference.value:+.2f}, {difference.low:+.2f} to "
            f"{difference.high:+.2f})"
        )


def tally_fields(tally: Tally | None) -> dict[str, Any]:
    """Plain numbers for a report; `None` where there is no number."""
    none = Interval(np.nan, np.nan, np.nan)
    good, median = (none, none) if tally is None else (tally.good, tally.median)
    ends = lambda name, each: dict(
        zip((name, f"{name}_low", f"{name}_high"), map(finite, each), strict=True)
    )
    return {
        "worse_chips": None if tally is None else tally.num_worse,
        **ends("good_fraction", good),
        **ends("median_difference", median),
    }


def finite(number: float) -> float | None:
    """`number`, or `None` if it is not finite, which strict JSON does not have."""
    return float(number) if np.isfinite(number) else None
