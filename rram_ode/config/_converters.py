"""Knobs of the converters at both ends of the circuit's numbers."""

from dataclasses import dataclass

from ._knob import knob


FIRMWARE = "the paper's firmware: MAX5742"


@dataclass(frozen=True)
class DACConfig:
    """The converter that plays embedding and multiplier waveforms.

    A continuous one is priced as the finest that the energy model covers.
    """

    bits: int | None = knob(
        12, source=f"{FIRMWARE}, 12 bit", help="resolution; None is continuous"
    )
    update_rate: float | None = knob(
        10e6,
        unit="Hz",
        source="assumption: 200 updates in 20 us (the firmware plays 200 in 1 s)",
        help="values are held for 1 / update_rate; None is continuous",
    )


@dataclass(frozen=True)
class ADCConfig:
    """The converter that reads the state at the end of a solve.

    A continuous one is priced as the finest that the energy model covers.
    """

    bits: int | None = knob(
        10,
        source="assumption: a step of a fifth of the width of the paper's ring",
        help="resolution, 4 to 14; None is continuous",
    )
    full_scale: float = knob(
        1.0,
        source="assumption: no state is expected above crossbar.v_max",
        help="full scale over crossbar.v_max; what lies beyond it is clipped",
    )
    noise: float = knob(
        0.3,
        when="per lab time",
        source="assumption: as large as the error of rounding, 1 / sqrt(12)",
        help="standard deviation of the noise of a conversion, in steps",
    )
