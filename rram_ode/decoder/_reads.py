"""Read noise of a decoder: processes in lab time, sampled as each read ends."""

from ..loop import PathSizes
from ..noise import LabClock, ReadNoise, with_own_pole


def plan_reads(read: ReadNoise, clock: LabClock) -> PathSizes:
    """The sizes of the paths of read noise over a decode.

    Args:
        read: Laws of the cells.
        clock: Duration of a decode, and the rest of the period.

    Raises:
        ValueError: If white noise is that behind the amplifiers' own poles, which the
            decoder has not, or a decode is too short for the band of a noise.
    """
    if with_own_pole(read.white) is not None:
        raise ValueError(
            "`cell.read.white.own_pole` has no pole in a decoder, whose amplifiers "
            "settle: set it to False, or `decoder.circuit` to digital."
        )
    laws = {
        "white": read.white,
        "flicker": read.flicker,
        "telegraph": read.telegraph,
        "thermal": read.thermal,
    }
    plans = {name: law.plan(clock) for name, law in laws.items() if law is not None}
    return PathSizes(**plans)
