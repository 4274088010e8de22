"""Rails of op-amps from the signal ground, as a data sheet has them."""

import math

from ...config import OpAmpConfig


def op_amp_rails(config: OpAmpConfig) -> tuple[float | None, float]:
    """Lowest and highest output from the signal ground, in volts.

    The lowest is `None` for the highest with the other sign.

    Raises:
        ValueError: If the signal ground is not between the rails.
    """
    low, high, ground = config.v_low, config.v_rail, config.v_ground
    if low is None and high is None:
        if ground is not None:
            raise ValueError(
                f"`op_amp.v_ground` = {ground:g} V is between two rails: give "
                "`op_amp.v_low` and `op_amp.v_rail`, too."
            )
        return None, math.inf
    if high is None:
        high = math.inf
    is_single = low is not None and (low >= 0 or high <= 0)
    if is_single and math.isinf(high):
        raise ValueError(
            f"`op_amp.v_low` = {low:g} V leaves nothing below the signal ground, 0 V: "
            "give `op_amp.v_rail`, too, for a ground half-way between both rails, or "
            "a rail below 0."
        )
    if ground is None:
        ground = (low + high) / 2 if is_single and low is not None else 0.0
    low = None if low is None else low - ground
    high = high - ground
    if not high > 0 or (low is not None and not low < 0):
        ends = f"{-high if low is None else low:g} and {high:g}"
        raise ValueError(
            "the signal ground lies between `op_amp.v_low` and `op_amp.v_rail`: from "
            f"it they are at {ends} V; change them, or `op_amp.v_ground`."
        )
    if low is None and ground:
        raise ValueError("`op_amp.v_ground` takes both rails: give `op_amp.v_low`.")
    return low, high
