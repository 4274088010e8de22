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
        12,
        source=f"{FIRMWARE}, 12 bit",
        role="design",
        pays="joules, area",
        ends=(4, 16),
        help="resolution; None is continuous",
    )
    update_rate: float | None = knob(
        10e6,
        unit="Hz",
        source="assumption: 200 updates in 20 us (the firmware plays 200 in 1 s)",
        role="design",
        pays="joules, area",
        ends=(100e3, 1e9),
        help="values are held for 1 / update_rate; None is continuous",
    )
    fastest: float | None = knob(
        None,
        unit="Hz",
        source="assumption: None sizes a solve for dac.update_rate",
        role="numerical",
        help="fastest update rate of a sweep, which all its solves are sized for: they "
        "run one program",
    )
    ranges: int = knob(
        1,
        source="one; published for activations: step-wise scales (Tang et al., "
        "Diff-Acc)",
        role="design",
        pays="joules, area, dac.range_error",
        ends=(1, 4),
        help="number of full scales, 1 to 4, each a quarter of the one before; an "
        "update takes the smallest that holds its value",
    )
    range_error: float = knob(
        0.0,
        when="per chip",
        source="off; assumption: 1e-3, matching of a resistor string's taps",
        role="process",
        help="relative spread of each smaller full scale, all channels together",
    )
    glitch: float = knob(
        0.0,
        unit="V s",
        source="off; 12 nV s at the major carry (MAX5812, of the MAX5742's family); "
        "on-chip assumption: 1 pV s",
        role="process",
        help="area that the largest carry adds at an update; lower ones add less",
    )
    skew: float = knob(
        0.0,
        unit="s",
        when="per chip",
        source="off; assumption: 100 ps on a chip, 10 ns between a board's parts",
        role="process",
        help="spread of the channels' delays at an update",
    )
    jitter: float = knob(
        0.0,
        unit="s",
        when="per lab time",
        source="off; assumption: 10 ps rms of a clock from a crystal, as solve.jitter",
        role="process",
        help="spread of each update's moment, which all channels share",
    )


@dataclass(frozen=True)
class ADCConfig:
    """The converter that reads the state at the end of a solve.

    A continuous one is priced as the finest that the energy model covers.
    """

    bits: int | None = knob(
        10,
        source="assumption: a step of a fifth of the width of the paper's ring",
        role="design",
        pays="joules, area",
        ends=(4, 14),
        help="resolution, 4 to 14; None is continuous",
    )
    full_scale: float = knob(
        1.0,
        source="assumption: no state is expected above crossbar.v_max",
        role="design",
        pays="adc.bits",
        ends=(0.1, 10.0),
        help="full scale over crossbar.v_max; what lies beyond it is clipped",
    )
    noise: float = knob(
        0.3,
        when="per lab time",
        source="assumption: as large as the error of rounding, 1 / sqrt(12)",
        role="design",
        pays="joules",
        ends=(0.0, 2.0),
        help="standard deviation of the noise of a conversion, in steps",
    )
