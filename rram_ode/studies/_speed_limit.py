"""The durations of a solve in which a chip is as good as an infinitely fast one."""

import dataclasses
from collections.abc import Mapping

from .comparison import Excess, not_worse, Qualities


@dataclasses.dataclass(frozen=True)
class Band:
    """Durations in which a chip may run.

    Args:
        shortest: The shortest duration, in seconds, from which on all durations up to
            `around` pass, or `None` if `around` itself fails.
        longest: The longest duration, in seconds, up to which all durations from
            `around` on pass, or `None` if `around` itself fails.
        verdicts: Result of the equivalence test for each duration.
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

    A chip fails at the fast end by its op-amps and at the slow end by leak and slow
    noise, so that the durations that pass are a band. Its ends are durations that were
    tried; each limit lies between an end and its failing neighbour.

    Args:
        qualities: Qualities for each duration in seconds, `(chips, seeds)`; smaller is
            better.
        reference: Qualities of the same chips and seeds with infinitely fast op-amps.
        around: Duration that the design is for, in seconds.
        margin: Relative margin, as in `not_worse`.

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
