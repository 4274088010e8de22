"""Knobs of the transistors in series with the cells."""

from dataclasses import dataclass

from ._knob import knob


@dataclass(frozen=True)
class AccessConfig:
    """The transistor in series with each cell (1T1R); with 0 ohm there is none."""

    resistance: float = knob(
        0.0,
        unit="ohm",
        when="per chip",
        source="off; NeuroSim (IR_DROP_TOLERANCE): a quarter of 1 / g_max, 2.8 kohm at "
        "90 uS",
        role="process",
        help="resistance of an access transistor at small voltages; 0 is none",
    )
    overdrive: float = knob(
        1.0,
        unit="V",
        when="per chip",
        source="assumption: 3.3 V on the gate, source at mid-rail, 0.65 V of threshold",
        role="process",
        help="gate over source less threshold; the current stops rising beyond it",
    )
    threshold_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source="off; Pelgrom et al., IEDM 1998: 7 mV um at 7 nm of oxide, over root 2 "
        "for one of 0.35 x 0.35 um^2, 14 mV",
        role="process",
        help="spread of the thresholds over cells",
    )
    verified: bool = knob(
        True,
        source="assumption: arrays are programmed by reads through their transistors",
        role="process",
        help="whether targets are conductances of both, read at crossbar.v_max",
    )
    saturates: bool = knob(
        True,
        source="square law; False is a resistance at every voltage",
        role="process",
        help="whether the current of a transistor bends and stops at the overdrive",
    )
