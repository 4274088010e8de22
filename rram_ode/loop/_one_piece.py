"""Whether a chip and a loop are of one piece: what is not is refused."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from .._core._identity import Identity
from .._core._types import Scalar
from ..chip import Chip, SwitchedNetwork
from ..noise import AbstractNoise, LabClock, ReadNoise, with_own_pole
from ._drift import AbstractDrift
from ._signals import PathSizes


LAWS = ("white", "flicker", "telegraph", "thermal")


ROUNDING = 1e-5  # relative: an edge after 1,000 holds is off by 1 % of a hold


def require_structure(plan: PathSizes, drift: AbstractDrift, chip: Chip) -> None:
    """Refuse a chip with noise that the loop has no path for, or of another output.

    Looks at no value, so that it acts in a trace, too.

    Raises:
        ValueError: If the loop would solve the chip without a noise that it has, or the
            chip's output is not what the drift takes.
    """
    if chip.crossbars is not None:
        drift.require(chip.crossbars.chains[0].readout)
    is_switched = isinstance(chip.score, SwitchedNetwork)
    if is_switched != (plan.periods is not None):
        circuits = ("two arrays, or without guidance", "one array in turns")
        raise ValueError(
            f"a loop must be closed for the `guidance.circuit` of its chips; this chip "
            f"is made for {circuits[is_switched]}, and the loop for "
            f"{circuits[not is_switched]}: make both of one system, or close the loop "
            f"{'with `switch_loop`' if is_switched else 'without `switch_loop`'}."
        )
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
    has_own_pole = with_own_pole(chip.read.white) is not None
    if chip.read.white is not None and has_own_pole != plan.own_pole:
        raise ValueError(
            "a loop must be closed for the noise of its chips; `read.white.own_pole` "
            f"of this chip is {has_own_pole}, and of the loop {plan.own_pole}: close "
            "the loop with `read=chip.read` and the `amplifiers` whose poles it has."
        )
    shares = plan.thermal == "white" and chip.read.thermal is not None
    if shares and chip.read.white is None:
        raise ValueError(
            "a loop must be closed for the noise of its chips; in this loop "
            "`read.thermal` shares the draws of `read.white`, which the chip has not: "
            "close the loop with `read=chip.read`."
        )


def require_one_class(chip: Chip) -> None:
    """Refuse samples with classes of their own, where each has steps of its own.

    Raises:
        ValueError: If the embedding of `chip` has an axis of samples.
    """
    if jax.eval_shape(chip.score.embedding, jnp.zeros(())).ndim > 1:
        raise ValueError(
            "adaptive steps solve one class at a time; set `solve.label` to one, or "
            "`solve.tolerance` to None for steps that all samples share."
        )


def require_laws(
    plan: PathSizes, holds: Mapping[str, Scalar], clock: LabClock, read: ReadNoise
) -> None:
    """Refuse noise whose paths in this loop would have another size or another hold.

    For concrete values: not inside `jit`.

    Args:
        plan: The sizes of the loop's paths.
        holds: The loop's hold of each noise, as a fraction of its duration.
        clock: The loop's duration and reset.
        read: The laws of the chip's read noise.

    Raises:
        ValueError: If the chip's bandwidth, corners or dwell times, or the clock, are
            others than those that the loop was closed for.
    """
    if plan.is_silent:
        return
    duration = float(clock.duration)
    for name in LAWS:
        law = _law(read, name)
        if law is None or (name == "white" and plan.own_pole):
            continue  # the loop's steps hold noise of the amplifiers' own poles
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


def require_clock(pace: float, chip: Chip) -> None:
    """Refuse a chip whose clock was trimmed to another pace than the loop's.

    Raises:
        ValueError: With the loop that would do.
    """
    own = 1.0 if chip.clock is None else float(chip.clock)
    if abs(own / pace - 1) > ROUNDING:
        raise ValueError(
            f"the clock of this chip was trimmed to {own:.6g} times its nominal times, "
            f"and the loop runs at {pace:.6g}: take `system.loop_of(chip)`, or "
            "`trim.rc` = beta, with which all chips share one loop."
        )


def _law(read: ReadNoise, name: str) -> AbstractNoise | None:
    return getattr(read, name)
