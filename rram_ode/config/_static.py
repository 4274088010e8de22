"""Knobs of the static errors of row drivers, inverters, reference and supply."""

from dataclasses import dataclass

from ._knob import knob


_PAIR = "off; on-chip 1.3 mV: Pelgrom, a pair of 30 um^2, or 20 uV after auto-zero"


@dataclass(frozen=True)
class DriverConfig:
    """Drivers of the crossbars' rows, one for each row of each layer."""

    offset_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source=_PAIR,
        role="process",
        help="spread of a row driver's offset, behind its clamp or ReLU",
    )
    gain_std: float = knob(
        0.0,
        when="per chip",
        source="off; assumption: 1e-4, a follower with a loaded gain of 1e4",
        role="process",
        help="spread of a row driver's gain error, relative",
    )


@dataclass(frozen=True)
class InverterConfig:
    """Inverters that drive the rows of the cells that add."""

    offset_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source="off; on-chip 2.6 mV, or 40 uV after auto-zero: twice a row driver's",
        role="process",
        help="spread of the offset at an inverter's output",
    )
    gain_std: float = knob(
        0.0,
        when="per chip",
        source="off; assumption: 1e-3, two equal resistors that match to 0.1 %",
        role="process",
        help="spread of an inverter's gain error, relative",
    )


@dataclass(frozen=True)
class SupplyConfig:
    """Reference and supply, whose errors all blocks of a chip share."""

    reference_std: float = knob(
        0.0,
        when="per chip",
        source="off; assumption: 1e-3, a trimmed bandgap reference",
        role="process",
        help="spread of the reference, relative: DACs, starts, constant rows, ADC",
    )
    std: float = knob(
        0.0,
        when="per chip",
        source="off; assumption: 0.01, a regulated supply",
        role="process",
        help="spread of the supply, relative; all rails move by half of its volts",
    )
    noise: float = knob(
        0.0,
        unit="V",
        when="per lab time",
        source="off; assumption: 100 uV, a linear regulator with its load's ripple",
        role="environment",
        help="noise of the supply, rms: over supply.rejection at all op-amps' inputs",
    )
    ground_noise: float = knob(
        0.0,
        unit="V",
        when="per lab time",
        source="off; assumption: 1 uV, 1 mA of noise current in 1 mohm of return",
        role="process",
        help="noise of the amplifiers' ground against the row drivers', rms",
    )
    rejection: float = knob(
        1e3,
        source="assumption: 60 dB near 100 kHz; data sheets: 90 dB or more at 0 Hz",
        role="process",
        help="supply noise over what it is at an op-amp's input, at any frequency",
    )
    bandwidth: float = knob(
        1e6,
        unit="Hz",
        when="per lab time",
        source="assumption: decoupled; below the amplifiers' poles",
        role="process",
        help="band of supply and ground noise, held for 1 / (2 bandwidth)",
    )
