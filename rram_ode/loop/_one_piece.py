"""Whether a chip and a loop are of one piece: what is not is refused."""

from collections.abc import Mapping

from .._core._identity import Identity
from .._core._types import Scalar
from ..chip import Chip
from ..noise import AbstractNoise, LabClock, ReadNoise
from ..sdes import AbstractProcess
from ._signals import Plan


LAWS = ("white", "flicker", "telegraph", "thermal")


ROUNDING = 1e-5  # relative: an edge after 1,000 holds is off by 1 % of a hold


def require_structure(plan: Plan, process: AbstractProcess, chip: Chip) -> None:
    """Refuse a chip with noise that the loop has no path for, or of another output.

    Looks at no value, so that it acts in a trace, too.

    Raises:
        ValueError: If the loop would solve the chip without a noise that it has, or the
            chip's output is not what the process takes.
    """
    chip.score.require(process)
    if plan.is_silent:
        return
    for name in LAWS:
        if _law(chip.read, name) is None:
            continue
        if getattr(plan, name) is None:
            raise ValueError(
                f"a loop must be closed for the noise of its chips; this chip has "
                f"`read.{name}`, and the loop no path for it: close the loop with "
                "`read=chip.read`, or with `read=SILENT` to solve without read noise."
            )
    shares = plan.thermal == "white" and chip.read.thermal is not None
    if shares and chip.read.white is None:
        raise ValueError(
            "a loop must be closed for the noise of its chips; in this loop "
            "`read.thermal` shares the draws of `read.white`, which the chip has not: "
            "close the loop with `read=chip.read`."
        )


def require_laws(
    plan: Plan, holds: Mapping[str, Scalar], clock: LabClock, read: ReadNoise
) -> None:
    """Refuse noise whose paths in this loop would have another size or another hold.

    For concrete values: not inside `jit`.

    Args:
        plan: Of the loop.
        holds: Of the loop, as fractions of its duration.
        clock: Of the loop.
        read: Laws of the chip.

    Raises:
        ValueError: If the chip's bandwidth, corners or dwell times, or the clock, are
            others than those that the loop was closed for.
    """
    if plan.is_silent:
        return
    duration = float(clock.duration)
    for name in LAWS:
        law = _law(read, name)
        if law is None:
            continue
        sizes = getattr(plan, name)
        sizes = plan.white if sizes == "white" else sizes
        needed = law.plan(clock)
        hold, closed = float(law.interval(clock, needed)), float(holds[name]) * duration
        if needed != sizes or abs(hold / closed - 1) > ROUNDING:
            raise ValueError(
                f"a loop must be closed for the noise of its chips; this chip's "
                f"`read.{name}` takes holds of {hold:.6g} s in a solve of "
                f"{duration:g} s (sizes {needed}), and the loop has {closed:.6g} s "
                f"(sizes {sizes}): close it with `read=chip.read` and this clock."
            )


def require_same(loop: Identity | None, chip: Identity | None) -> None:
    """Refuse a chip that was made for another system than the loop.

    Raises:
        ValueError: If both have an identity and a part of it differs.
    """
    if loop is None or chip is None:
        return
    parts = loop.differences(chip)
    if parts:
        raise ValueError(
            "a chip and its loop must come from one system; they differ in "
            f"{', '.join(f'`{part}`' for part in parts)}: program the chip anew with "
            "this system: the same seed gives the same die."
        )


def _law(read: ReadNoise, name: str) -> AbstractNoise | None:
    return getattr(read, name)
