"""Knobs of the resistive cell: its device and range, and how it fluctuates."""

from dataclasses import dataclass
from typing import Literal

from ._knob import group, knob
from ._programming import DriftConfig, IVConfig, StuckConfig, WriteConfig


_DEVICE = "the device's source: `rram_ode.devices`"


_LOMBARDO = "Lombardo et al., DRC 2024 (CMO/HfOx read noise)"


@dataclass(frozen=True)
class WhiteConfig:
    """White read noise within a bandwidth."""

    std: float = knob(
        0.1e-6,
        "S",
        "per lab time",
        "assumption: 0.1 uS in 1 MHz, twice the write error of the CMO/HfOx law",
        help="standard deviation of g within the bandwidth, constant part",
    )
    std_rel: float = knob(
        0.0,
        "",
        "per lab time",
        "about 1 % for NeuRRAM (aihwkit's advice, no bandwidth)",
        help="part proportional to g, added in variance",
    )
    bandwidth: float = knob(
        1e6,
        "Hz",
        "per lab time",
        "assumption: the transimpedance amplifier's pole",
        help="values are held 1 / (2 bandwidth); at least 10 / solve.duration",
    )


@dataclass(frozen=True)
class FlickerConfig:
    """1/f read noise between two corner frequencies; each cell has its own."""

    std: float = knob(
        0.0,
        "S",
        "per lab time",
        "a sweep, not a measurement",
        help="sigma per root e-fold of frequency, constant part",
    )
    slope: float | None = knob(
        None,
        "S",
        "per lab time",
        f"{_LOMBARDO}, accumulated from 1 us: 0.0277 uS; no other device has one",
        help="sigma per root e-fold = std + slope log10(g / 1 uS); None: the device's",
    )
    f_min: float = knob(
        1.0,
        "Hz",
        "per lab time",
        "assumption: slower change counts as conductance drift",
        help="lower corner frequency",
    )
    f_max: float = knob(
        100e3,
        "Hz",
        "per lab time",
        f"assumption; {_LOMBARDO} reads from 1 us on",
        help="upper corner frequency",
    )
    exponent: float = knob(
        1.0,
        "",
        "per lab time",
        "assumption: 1/f; measured exponents lie from 0.8 to 1.4",
        help="a of 1/f^a between the corners, at the same total variance",
    )


@dataclass(frozen=True)
class TelegraphConfig:
    """Random telegraph noise: traps with two states; each cell has its own."""

    amplitude: float = knob(
        0.0,
        "",
        "per chip",
        "a sweep, not a measurement",
        help="median relative jump dg / g of a trap at g_ref; 0 is off",
    )
    amplitude_sigma: float = knob(
        0.0,
        "",
        "per chip",
        "form: Veksler et al., IRPS 2013 (HfO2, lognormal); 0 is a constant",
        help="spread of ln(dg / g) over traps",
    )
    exponent: float = knob(
        0.0,
        "",
        "per chip",
        "assumption: one relative jump; it grows at low g (Ambrogio et al., TED 2014)",
        help="m of dg / g = amplitude (g_ref / g)^m, from 0 to 1; dg is g at most",
    )
    g_ref: float = knob(
        50e-6, "S", "never", "assumption: the middle of the range", help="see exponent"
    )
    dwell_min: float = knob(
        20e-6,
        "s",
        "per chip",
        "assumption: traps as fast as one solve",
        help="shortest mean dwell time; of each state, even in ln over the limits",
    )
    dwell_max: float = knob(
        20e-3,
        "s",
        "per chip",
        "assumption: three decades above the shortest",
        help="longest mean dwell time; equal to dwell_min for one value",
    )
    traps: int = knob(
        1, "", "never", "assumption: one site a cell", help="sites for a trap in a cell"
    )
    share: float = knob(
        1.0,
        "",
        "per chip",
        "assumption: no site is empty",
        help="probability that a site has a trap",
    )


@dataclass(frozen=True)
class ThermalConfig:
    """Thermal and shot noise of every conductor, one law, at `cell.temperature`."""

    bandwidth: float | None = knob(
        None,
        "Hz",
        "per lab time",
        "assumption: off; 1 MHz is the bandwidth of the white noise",
        help="of the amplifier; None is off; that of read.white shares its draws",
    )
    fano: float = knob(
        1.0,
        "",
        "per lab time",
        "assumption: 1, one tunnel barrier, is the upper bound; 1/3 a diffusive wire",
        help="shot noise over that of independent electrons; 0 is thermal noise alone",
    )


@dataclass(frozen=True)
class FixedConfig:
    """Read error slower than the whole run: one draw a chip."""

    std: float = knob(
        0.0, "S", "per chip", "a sweep, not a measurement", help="constant part"
    )
    std_rel: float = knob(
        0.0, "", "per chip", "a sweep, not a measurement", help="part proportional to g"
    )


@dataclass(frozen=True)
class ReadConfig:
    """Read noise by slot."""

    white: WhiteConfig = group(
        WhiteConfig,
        combines="thermal noise, by variance; solve.duration: 20 holds at least",
    )
    flicker: FlickerConfig = group(
        FlickerConfig, combines="solve.duration and reset: it runs on between samples"
    )
    fixed: FixedConfig = group(
        FixedConfig, combines="write errors: adds to g after them"
    )
    telegraph: TelegraphConfig = group(
        TelegraphConfig, combines="solve.duration and reset: it runs on between samples"
    )
    thermal: ThermalConfig = group(
        ThermalConfig, combines="cell.temperature; the white noise, by variance"
    )


@dataclass(frozen=True)
class CellConfig:
    """One resistive cell."""

    device: Literal["cmo-hfox", "milo", "wan", "joshi", "macro-180nm", "custom"] = knob(
        "cmo-hfox",
        "",
        "never",
        "`rram_ode.devices`: a file each, with paper, figure and range",
        help="whose range, programming law, relaxation, 1/f slope and I-V",
    )
    measurements: str | None = knob(
        None,
        "",
        "never",
        "your own: `rram_ode.devices.fit`",
        help="CSV or npz of target_uS, read_uS, time_s; with device `custom`",
    )
    g_min: float | None = knob(
        None, "S", "never", _DEVICE, help="conductance in HRS; None: the device's"
    )
    g_max: float | None = knob(
        None, "S", "never", _DEVICE, help="conductance in LRS; None: the device's"
    )
    levels: int | None = knob(
        1024,
        "",
        "never",
        "assumption: targets of the write-verify loop are 10-bit numbers",
        help="number of programmable conductances; None is continuous",
    )
    temperature: float = knob(
        300.0,
        "K",
        "never",
        "assumption: room temperature",
        help="of the whole chip: thermal noise and thermally activated change",
    )
    devices_per_weight: int = knob(
        1, "", "never", "assumption", help="cells in parallel: each misses on its own"
    )
    age: float | None = knob(
        None,
        "s",
        "never",
        "a sweep, not a measurement",
        help="time since programming; None or 0 is fresh",
    )
    write: WriteConfig = group(
        WriteConfig, combines="after levels; each law adds in variance"
    )
    drift: DriftConfig = group(
        DriftConfig, combines="cell.age and cell.temperature; not on stuck cells"
    )
    iv: IVConfig = group(
        IVConfig, combines="crossbar.v_max: voltages on the rows; not with wires"
    )
    stuck: StuckConfig = group(
        StuckConfig, combines="after write errors: replaces them"
    )
    read: ReadConfig = group(
        ReadConfig, combines="each process is independent of the others"
    )
