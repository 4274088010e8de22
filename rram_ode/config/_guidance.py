"""Knobs of guidance: weight, circuit, and errors of the stage that guides."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_LIKE = "off; as multiplier"


@dataclass(frozen=True)
class GuidanceConfig:
    """Guidance towards a class, and the stage that does it."""

    weight: float = knob(
        0.0,
        source="off; arXiv 2207.12598, eq. 6, takes 0 to 4",
        role="environment",
        help="w in (1 + w) s(class) - w s(null label); 0 has one array and no stage",
    )
    circuit: Literal["two-arrays"] = knob(
        "two-arrays",
        source="assumption: a continuous loop cannot evaluate a network twice",
        role="design",
        pays="joules, area",
        help="circuit of both scores: an array for each",
    )
    gain_std: float = knob(
        0.0,
        when="per chip",
        source=f"{_LIKE}.gain_std",
        role="process",
        help="spread of the gain of the multiplier that guides, relative",
    )
    signal_std: float = knob(
        0.0,
        when="per chip",
        source=f"{_LIKE}.signal_std",
        role="process",
        help="spread of the fraction of the scores' difference that passes at a weight "
        "of 0",
    )
    factor_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source=f"{_LIKE}.factor_std",
        role="process",
        help="spread of the volts that a weight of 1 passes without a difference",
    )
    offset_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source=f"{_LIKE}.offset_std",
        role="process",
        help="spread of the offset at the output of the multiplier that guides",
    )
    signal_bend_std: float = knob(
        0.0,
        when="per chip",
        source=f"{_LIKE}.signal_bend_std",
        role="process",
        help="spread of the largest nonlinearity in the difference, over the full "
        "scale (amplifier.v_rail)",
    )
    factor_bend_std: float = knob(
        0.0,
        when="per chip",
        source=f"{_LIKE}.factor_bend_std",
        role="process",
        help="spread of the largest nonlinearity in the weight, over the full scale, "
        "the larger of the weight and 1",
    )
    noise: float = knob(
        0.0,
        unit="V/sqrt(Hz)",
        when="per lab time",
        source=f"{_LIKE}.noise",
        role="process",
        help="white noise at the output of the multiplier that guides",
    )
    flicker: float = knob(
        0.0,
        unit="V",
        when="per lab time",
        source=f"{_LIKE}.flicker",
        role="process",
        help="1/f noise at the same output: the root of its density at 1 Hz, from "
        "op_amp.flicker_min to op_amp.flicker_max",
    )
