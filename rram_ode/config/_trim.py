"""Knobs of the trims that a test bench does once on a fresh chip."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_OFF = "off; a whole chip takes"


_12 = "assumption: a 12-bit converter, as the waveforms' DAC"


@dataclass(frozen=True)
class TrimConfig:
    """Trims of a chip, at `process.trim_temperature` before it is used and ages."""

    rc: Literal["off", "beta", "clock"] = knob(
        "off",
        source=f"{_OFF} beta: the multipliers have room for it",
        role="design",
        pays="joules, seconds, area",
        help="what follows the measured R C: the multipliers' factors, or the clock",
    )
    rc_resolution: float = knob(
        1e-3,
        source="assumption: a ramp that a counter of 1,000 clock cycles times",
        role="design",
        pays="seconds",
        ends=(1e-5, 1e-2),
        help="smallest relative step of the measured R C",
    )
    scale: bool = knob(
        False,
        source=f"{_OFF} True: R_f does not follow the cells",
        role="design",
        pays="joules, seconds, area",
        help="whether reference columns give the common factor of R_f G of each layer",
    )
    scale_bits: int | None = knob(
        12,
        source=_12,
        role="design",
        pays="area",
        ends=(6, 14),
        help="resolution of the DACs' scales; None has no such DAC",
    )
    columns: Literal["off", "offsets", "gains"] = knob(
        "off",
        source=f"{_OFF} gains: every layer regressed on the twin's values had 50 "
        "times less error than none in a trial on other ODEs",
        role="design",
        pays="joules, seconds, area",
        help="whether each column has its offset trimmed, or offset and gain",
    )
    multipliers: bool = knob(
        False,
        source=f"{_OFF} True: at small factors a bend is a gain error, 2.6 times its "
        "size",
        role="design",
        pays="joules, seconds, area",
        help="whether each multiplier has gain, feed-through and offset trimmed",
    )
    multiplier_range: float = knob(
        0.015,
        unit="V",
        source="assumption: five spreads of a feed-through of 0.3 % of 1 V",
        role="design",
        pays="joules",
        ends=(0.001, 0.1),
        help="largest offset that a DAC adds at a terminal of a multiplier",
    )
    offset_bits: int | None = knob(
        10,
        source="assumption",
        role="design",
        pays="area",
        ends=(6, 14),
        help="resolution of the current DACs of offsets; None has no DAC",
    )
    offset_range: float = knob(
        0.05,
        unit="V",
        source="assumption: 1.3 mV of an op-amp times a noise gain of 30",
        role="design",
        pays="joules",
        ends=(0.005, 0.5),
        help="largest offset that the DAC of a column adds at an amplifier's output",
    )
    gain_bits: int | None = knob(
        10,
        source="assumption",
        role="design",
        pays="area",
        ends=(6, 14),
        help="resolution of a trimmed resistor; None has fixed resistors",
    )
    gain_range: float = knob(
        0.1,
        source="assumption",
        role="design",
        pays="area",
        ends=(0.01, 0.4),
        help="largest relative change of a trimmed resistor",
    )
    reads: int = knob(
        512,
        source="assumption",
        role="design",
        pays="joules, seconds",
        ends=(16, 8192),
        help="known inputs that the bench plays: states of the digital twin's solves",
    )
    averaging: float = knob(
        20e-6,
        unit="s",
        source="assumption: 20 correlation times of white noise",
        role="environment",
        help="time of a read of the bench, which has the mean of the cells' noise",
    )
    adc_bits: int = knob(
        12,
        source=_12,
        role="environment",
        help="resolution of the bench's own ADC over amplifier.v_rail",
    )
    repair: bool = knob(
        False,
        source=f"{_OFF} True: stuck cells rule the tail of the chips",
        role="design",
        pays="joules, seconds",
        help="whether the partner of a stuck cell takes over its weight",
    )
    fault_threshold: float = knob(
        2e-6,
        unit="S",
        source="assumption: 40 spreads of the write error of the CMO/HfOx law",
        role="process",
        help="error of a cell at read-back above which it counts as stuck",
    )
    refit: bool = knob(
        False,
        source=f"{_OFF} True",
        role="design",
        pays="joules, seconds",
        help="whether the other weights of a mended column are fitted again",
    )
    spare_columns: int = knob(
        0,
        source=f"{_OFF} 1, an assumption",
        role="design",
        pays="area, joules, seconds",
        ends=(0, 8),
        help="columns to spare in each layer, at most all; the worst ones move there",
    )
    tracking: bool = knob(
        False,
        source=f"{_OFF} True: R, cells and so R_f G and R C move with temperature",
        role="design",
        pays="joules, area",
        help="whether circuits on the chip follow R C, the common factor and the "
        "multipliers in use",
    )
