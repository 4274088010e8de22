"""Knobs of the start of a solve, a voltage that is converted, sampled and held."""

from dataclasses import dataclass

from ._converters import FIRMWARE
from ._knob import knob


@dataclass(frozen=True)
class StartConfig:
    """The pre-charged start at the beginning of a solve, and its errors."""

    bits: int | None = knob(
        12,
        source=f"{FIRMWARE}, 12 bit",
        role="design",
        pays="joules, area",
        ends=(4, 16),
        help="resolution of the DAC of the starts; None is continuous",
    )
    full_scale: float = knob(
        1.0,
        source="assumption: no state is expected above crossbar.v_max",
        role="design",
        pays="start.bits",
        ends=(0.1, 10.0),
        help="full scale of the starts over crossbar.v_max; beyond it they are clipped",
    )
    resistance: float = knob(
        10e3,
        unit="ohm",
        source="assumption: a buffer of 100 uS with its switch",
        role="design",
        pays="joules",
        ends=(100.0, 1e6),
        help="resistance that charges integrator.capacitance during the reset",
    )
    injection: float = knob(
        0.0,
        unit="C",
        when="per chip",
        source="off: a sweep, not a measurement",
        role="process",
        help="spread of the charge that a switch leaves on integrator.capacitance",
    )
    leakage: float = knob(
        0.0,
        unit="A",
        source="off: a sweep, not a measurement",
        role="process",
        help="constant current that discharges a start while it is held",
    )
    memory: float = knob(
        0.0,
        source="off; assumption: 1e-3; dielectric absorption of polypropylene 0.05 to "
        "0.1 % (WIMA), of NP0 0.3 to 0.6 %, after minutes: less after one reset",
        role="process",
        help="share of the last sample's end that a start keeps: incomplete reset and "
        "dielectric absorption",
    )
    hold: float = knob(
        1e-6,
        unit="s",
        source="assumption: ten cycles of controller.clock",
        role="process",
        help="time from the switch's opening to the solve; acts with start.leakage",
    )
