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
    circuit: Literal["two-arrays", "switched"] = knob(
        "two-arrays",
        source="assumption: a continuous loop cannot evaluate a network twice",
        role="design",
        pays="joules, area, error: age of the held outputs",
        help="circuit of both scores: an array for each, or one in turn for both",
    )
    switch_rate: float = knob(
        0.5e6,
        unit="Hz",
        source="assumption: 10 periods in a solve of 20 us",
        role="design",
        pays="joules, error: age of the held outputs",
        ends=(50e3, 50e6),
        help="periods a second of a switched array, each of both labels; times "
        "solve.duration a whole number",
    )
    acquisition: float = knob(
        0.5,
        source="assumption: the array settles in the first half of each turn",
        role="design",
        pays="joules, error: age of the held outputs",
        ends=(0.05, 0.95),
        help="share of a turn, at its end, in which the hold of its label is closed",
    )
    hold_capacitance: float = knob(
        1e-12,
        unit="F",
        source="assumption: 64 uV of k T / C at 300 K",
        role="design",
        pays="joules, area, guidance.injection_std",
        ends=(1e-15, 1e-9),
        help="capacitor of each hold of a switched array",
    )
    switch_resistance: float = knob(
        0.0,
        unit="ohm",
        source="off; assumption: a whole chip takes 10kohm: a switch of minimum width",
        role="process",
        help="resistance of a closed switch ahead of each hold's capacitor",
    )
    injection: float = knob(
        0.0,
        unit="C",
        when="per chip",
        source="off; assumption: a whole chip takes 1fC: half of the channel of a "
        "minimum switch, as op_amp.injection",
        role="process",
        help="mean charge that a switch leaves on its hold as it opens",
    )
    injection_std: float = knob(
        0.0,
        unit="C",
        when="per chip",
        source="off; assumption: a whole chip takes 0.1fC, as op_amp.injection",
        role="process",
        help="spread of that charge over the holds of a chip",
    )
    leakage: float = knob(
        0.0,
        unit="A",
        source="off; assumption: a whole chip takes 1pA at 27 C: a closed transistor",
        role="process",
        help="constant current that discharges a hold while its switch is open",
    )
    hold_noise: bool = knob(
        True,
        when="per sample",
        source="k T / C at cell.temperature: law of Johnson and Nyquist",
        role="process",
        help="whether the switches of holds sample thermal noise",
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
