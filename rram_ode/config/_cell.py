"""Knobs of the resistive cell: its device, range and read noise."""

from dataclasses import dataclass
from typing import Literal

from ._access import AccessConfig
from ._knob import group, knob
from ._programming import DriftConfig, IVConfig, StuckConfig, WriteConfig
from ._white import WhiteConfig


_DEVICE = "the device's source: `rram_ode.devices`"
_LOMBARDO = "Lombardo et al., DRC 2024 (CMO/HfOx read noise)"


@dataclass(frozen=True)
class FlickerConfig:
    """1/f read noise between two corner frequencies; each cell has its own."""

    std: float = knob(
        0.0,
        unit="S",
        when="per lab time",
        source="a sweep, not a measurement",
        role="process",
        help="sigma per root e-fold of frequency: the constant part",
    )
    slope: float | None = knob(
        None,
        unit="S",
        when="per lab time",
        source=f"{_LOMBARDO}, accumulated from 1 us: 0.0277 uS; others have no slope",
        role="process",
        help="sigma is std + slope log10(g / 1 uS); None is the device's slope",
    )
    f_min: float = knob(
        1.0,
        unit="Hz",
        when="per lab time",
        source="assumption: slower change counts as conductance drift",
        role="process",
        help="lower corner frequency",
    )
    f_max: float = knob(
        100e3,
        unit="Hz",
        when="per lab time",
        source=f"assumption; {_LOMBARDO} reads from 1 us on",
        role="process",
        help="upper corner frequency",
    )
    exponent: float = knob(
        1.0,
        when="per lab time",
        source="assumption: 1/f; measured exponents lie from 0.8 to 1.4",
        role="process",
        help="exponent a of 1/f^a between the corners; the total variance stays",
    )


@dataclass(frozen=True)
class TelegraphConfig:
    """Random telegraph noise: traps with two states; each cell has its own."""

    amplitude: float = knob(
        0.0,
        when="per chip",
        source="a sweep, not a measurement",
        role="process",
        help="median relative jump dg / g of a trap at g_ref; 0 is off",
    )
    amplitude_sigma: float = knob(
        0.0,
        when="per chip",
        source="lognormal law: Veksler et al., IRPS 2013 (HfO2); 0 is a constant",
        role="process",
        help="spread of ln(dg / g) over traps",
    )
    exponent: float = knob(
        0.0,
        when="per chip",
        source="assumption: one jump; Ambrogio et al., TED 2014, find more at low g",
        role="process",
        help="m in dg / g = amplitude (g_ref / g)^m, from 0 to 1; dg is at most g",
    )
    g_ref: float = knob(
        50e-6,
        unit="S",
        source="assumption: the middle of the range",
        role="process",
        help="conductance at which a trap's jump is amplitude",
    )
    dwell_min: float = knob(
        20e-6,
        unit="s",
        when="per chip",
        source="assumption: traps as fast as one solve",
        role="process",
        help="shortest mean dwell time of a state; ln is uniform up to dwell_max",
    )
    dwell_max: float = knob(
        20e-3,
        unit="s",
        when="per chip",
        source="assumption: three decades above the shortest",
        role="process",
        help="longest mean dwell time of a state; dwell_min itself gives one value",
    )
    dwell_ratio: float = knob(
        1.0,
        when="per chip",
        source="assumption: neither state lasts longer, over many traps",
        role="process",
        help="dwell time in the high state over that in the low one; the law above is "
        "that of the geometric mean of both",
    )
    traps: int = knob(
        1,
        source="assumption: one site per cell",
        role="process",
        help="number of sites for a trap in a cell",
    )
    share: float = knob(
        1.0,
        when="per chip",
        source="assumption: no site is empty",
        role="process",
        help="probability that a site has a trap",
    )


@dataclass(frozen=True)
class ThermalConfig:
    """Thermal and shot noise of every conductor, by one law, at `cell.temperature`."""

    bandwidth: float | None = knob(
        None,
        unit="Hz",
        when="per lab time",
        source="assumption: off; 1 MHz is the bandwidth of the white noise",
        role="process",
        help="the amplifier's bandwidth; None is off; may be that of read.white",
    )
    fano: float = knob(
        1.0,
        when="per lab time",
        source="assumption: upper bound 1, one tunnel barrier; 1/3 is a diffusive wire",
        role="process",
        help="shot noise relative to that of independent electrons; 0 is thermal alone",
    )


@dataclass(frozen=True)
class FixedConfig:
    """Read error that is slower than the whole run: one draw per chip."""

    std: float = knob(
        0.0,
        unit="S",
        when="per chip",
        source="a sweep, not a measurement",
        role="process",
        help="standard deviation of g: the constant part",
    )
    std_rel: float = knob(
        0.0,
        when="per chip",
        source="a sweep, not a measurement",
        role="process",
        help="the part proportional to g, relative; variances add",
    )


@dataclass(frozen=True)
class ReadConfig:
    """Read noise: one slot for each process."""

    white: WhiteConfig = group(
        WhiteConfig, combines="thermal noise: variances add; solve.duration: 20 holds"
    )
    flicker: FlickerConfig = group(
        FlickerConfig,
        combines="solve.duration and solve.reset: it runs on between samples",
    )
    fixed: FixedConfig = group(
        FixedConfig, combines="write errors: it is added after them"
    )
    telegraph: TelegraphConfig = group(
        TelegraphConfig,
        combines="solve.duration and solve.reset: it runs on between samples",
    )
    thermal: ThermalConfig = group(
        ThermalConfig, combines="cell.temperature; white noise: variances add"
    )


@dataclass(frozen=True)
class CellConfig:
    """One resistive cell."""

    device: Literal["cmo-hfox", "milo", "wan", "joshi", "macro-180nm", "custom"] = knob(
        "cmo-hfox",
        source="`rram_ode.devices`: paper, figure and range of each",
        role="process",
        help="device that gives range, programming law, relaxation, 1/f slope and I-V",
    )
    measurements: str | None = knob(
        None,
        source="your own measurements, by `rram_ode.devices.fit`",
        role="process",
        help="file of target_uS, read_uS, time_s, device; needs device `custom`",
    )
    g_min: float | None = knob(
        None,
        unit="S",
        source=_DEVICE,
        role="process",
        help="conductance in HRS; None is the device's",
    )
    g_max: float | None = knob(
        None,
        unit="S",
        source=_DEVICE,
        role="process",
        help="conductance in LRS; None is the device's",
    )
    levels: int | None = knob(
        1024,
        source="assumption: targets of the write-verify loop are 10-bit numbers",
        role="design",
        pays="joules, seconds",
        ends=(16, 16384),
        help="number of programmable conductances; None is any within the range; those "
        "of `measurements` if these have as many targets",
    )
    temperature: float = knob(
        300.0,
        unit="K",
        source="assumption: room temperature",
        role="environment",
        help="temperature of the chip: thermal noise and thermally activated change",
    )
    devices_per_weight: int | tuple[int, ...] = knob(
        1,
        source="assumption",
        role="design",
        pays="area",
        ends=(1, 64),
        help="number of cells in parallel per weight, each in an array of its own and "
        "with its own errors; one for all layers, or one a layer (4,1,4)",
    )
    age: float | None = knob(
        None,
        unit="s",
        source="a sweep, not a measurement",
        role="environment",
        help="time since programming, at sample 0; None or 0 is a fresh chip",
    )
    ageing: float | None = knob(
        None,
        unit="S",
        source="assumption: off; 0.01 uS is a fifth of the write error of cmo-hfox",
        role="numerical",
        help="rms error of cells by blocks of age within a run; None keeps one age",
    )
    write: WriteConfig = group(
        WriteConfig, combines="applied after levels; the variances of the laws add"
    )
    drift: DriftConfig = group(
        DriftConfig, combines="cell.age, cell.temperature; stuck cells do not drift"
    )
    iv: IVConfig = group(
        IVConfig,
        combines="crossbar.v_max: voltages on the rows; no tiles with wires",
    )
    access: AccessConfig = group(AccessConfig, combines="cell.iv, crossbar.v_max")
    stuck: StuckConfig = group(
        StuckConfig,
        combines="write errors: a stuck cell has its own conductance instead",
    )
    read: ReadConfig = group(ReadConfig, combines="each process is independent")
