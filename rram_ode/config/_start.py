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
        help="resolution of the DAC of the starts; None is continuous",
    )
    full_scale: float = knob(
        1.0,
        source="assumption: no state is expected above crossbar.v_max",
        help="full scale of the starts over crossbar.v_max; beyond it they are clipped",
    )
    resistance: float = knob(
        10e3,
        unit="ohm",
        source="assumption: a buffer of 100 uS with its switch",
        help="resistance that charges integrator.capacitance during the reset",
    )
    injection: float = knob(
        0.0,
        unit="C",
        when="per chip",
        source="off: a sweep, not a measurement",
        help="spread of the charge that a switch leaves on integrator.capacitance",
    )
    leakage: float = knob(
        0.0,
        unit="A",
        source="off: a sweep, not a measurement",
        help="constant current that discharges a start while it is held",
    )
    hold: float = knob(
        1e-6,
        unit="s",
        source="assumption: ten cycles of controller.clock",
        help="time from the switch's opening to the solve; acts with start.leakage",
    )
