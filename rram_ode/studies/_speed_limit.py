"""The durations of a solve in which a chip is as good as an infinitely fast one."""

import dataclasses
from collections.abc import Mapping

from .comparison import Excess, not_worse, Qualities


@dataclasses.dataclass(frozen=True)
class Band:
    """Where a chip may run.

    Args:
        shortest: The shortest duration that passes, in seconds, and all up to `around`
            with it; `None` if `around` itself fails.
        longest: Likewise the longest.
        verdicts: On each duration.
    """

    shortest: float | None
    longest: float | None
    verdicts: dict[float, Excess]


def speed_limit(
    qualities: Mapping[float, Qualities],
    reference: Qualities,
    *,
    around: float,
    margin: float,
) -> Band:
    """The unbroken run of durations around one whose quality is not worse.

    A chip fails at the fast end by its op-amps, at the slow end by leak and slow noise,
    so that what passes is a band. The ends are the durations tried; the limit lies
    between each and its failing neighbour.

    Args:
        qualities: Of each duration in seconds, `(chips, seeds)`; smaller is better.
        reference: Of the same chips and seeds with infinitely fast op-amps.
        around: The duration that the design is for.
        margin: As in `not_worse`.

    Raises:
        ValueError: If `around` is not among the durations.
    """
    if around not in qualities:
        raise ValueError(
            f"`around` must be one of the durations {sorted(qualities)}; got {around}."
        )
    durations = sorted(qualities)
    verdicts = {
        duration: not_worse(qualities[duration], reference, margin=margin)
        for duration in durations
    }
    middle = durations.index(around)
    if not verdicts[around].is_not_worse:
        return Band(None, None, verdicts)
    low = high = middle
    while low > 0 and verdicts[durations[low - 1]].is_not_worse:
        low -= 1
    while high + 1 < len(durations) and verdicts[durations[high + 1]].is_not_worse:
        high += 1
    return Band(durations[low], durations[high], verdicts)
