"""Rules that hold between settings, so that no chip takes what nothing pays for."""

import math

from ...blocks import REFERENCE
from ...config import RunConfig


LARGEST_MISMATCH = 0.3  # beyond it one channel in 1,000 has no time constant left


def require_possible(config: RunConfig) -> None:
    """Refuse a chip that cannot be built, in the first rule that it breaks.

    Raises:
        ValueError: If rows can disturb cells, or a capacitor is too small to match
            another.
    """
    _require_undisturbed(config)
    _require_matched(config)


def _require_undisturbed(config: RunConfig) -> None:
    c, clamp = config.crossbar, config.amplifier.clamp
    if c.v_disturb is None:
        return
    rule = (
        "a read above `crossbar.v_disturb` disturbs cells, and no law of that is on: "
    )
    remedy = "or set `crossbar.v_disturb` to None for cells that nothing disturbs."
    if c.v_max > c.v_disturb:
        raise ValueError(
            f"{rule}`crossbar.v_max` must be {c.v_disturb:g} V or less; got "
            f"{c.v_max:g}. Lower it, {remedy}"
        )
    if not clamp:
        raise ValueError(
            f"{rule}`amplifier.clamp` must be True, so that no row passes "
            f"`crossbar.v_max`; got False. Set it, {remedy}"
        )


def _require_matched(config: RunConfig) -> None:
    c = config.integrator
    if not c.capacitance > 0:  # refused where the integrator is made
        return
    spread = c.mismatch_std * math.sqrt(REFERENCE / c.capacitance)
    if spread > LARGEST_MISMATCH:
        least = 1.05 * REFERENCE * (c.mismatch_std / LARGEST_MISMATCH) ** 2
        raise ValueError(
            f"`integrator.capacitance` must be {least:.2g} F or more, where two "
            f"capacitors still match within {LARGEST_MISMATCH:.0%}; got "
            f"{c.capacitance:g}, whose mismatch is {spread:.0%}. Raise it."
        )
