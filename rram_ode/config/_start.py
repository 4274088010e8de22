"""Knobs of the start of a solve, a voltage that is sampled and held."""

from dataclasses import dataclass

from ._knob import knob


@dataclass(frozen=True)
class StartConfig:
    """Errors of the pre-charged start at the beginning of a solve."""

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
    hold: float = knob(
        1e-6,
        unit="s",
        source="assumption: ten cycles of controller.clock",
        role="process",
        help="time from the switch's opening to the solve; acts with start.leakage",
    )
