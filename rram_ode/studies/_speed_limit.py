"""The durations of a solve in which a chip is as good as an infinitely fast one."""

import dataclasses
from collections.abc import Mapping

from ..metrics import compare_repeats, Difference
from .comparison import Distances


@dataclasses.dataclass(frozen=True)
class Band:
    """Durations in which a chip may run.

    Args:
        shortest: The shortest duration, in seconds, from which on all durations up to
            `around` pass, or `None` if `around` itself fails.
        longest: The longest duration, in seconds, up to which all durations from
            `around` on pass, or `None` if `around` itself fails.
        verdicts: The difference to the reference for each duration.
    """

    shortest: float | None
    longest: float | None
    verdicts: dict[float, Difference]


def speed_limit(
    distances: Mapping[float, Distances],
    reference: Distances,
    *,
    around: float,
    margin: float,
) -> Band:
    """The unbroken run of durations around one that are as good as a reference.

    A chip fails at the fast end by its op-amps and at the slow end by leak and slow
    noise, so that the durations that pass are a band. Its ends are durations that were
    tried; each limit lies between an end and its failing neighbour.

    Args:
        distances: Distances of each chip to the data, for each duration in seconds.
        reference: Distances of the same chips with infinitely fast op-amps.
        around: Duration that the design is for, in seconds.
        margin: Difference that one would just accept, in the unit of the distances.

    Raises:
        ValueError: If `around` is not among the durations.
    """
    if around not in distances:
        raise ValueError(
            f"`around` must be one of the durations {sorted(distances)}; got {around}."
        )
    durations = sorted(distances)
    verdicts = {
        duration: compare_repeats(distances[duration], reference, delta=margin)
        for duration in durations
    }
    middle = durations.index(around)
    if not verdicts[around].is_as_good:
        return Band(None, None, verdicts)
    low = high = middle
    while low > 0 and verdicts[durations[low - 1]].is_as_good:
        low -= 1
    while high + 1 < len(durations) and verdicts[durations[high + 1]].is_as_good:
        high += 1
    return Band(durations[low], durations[high], verdicts)
