"""Knobs of the resistive cell: range, levels, programming, faults, read noise."""

from dataclasses import dataclass
from typing import Literal

from ._knob import group, knob


_CMO = "Falcone et al. 2025 (CMO/HfOx ReRAM)"
_DEVICE = "the device's source: `rram_ode.devices`"
_SWEEP = "a sweep, not a measurement"
_LOMBARDO = "Lombardo et al., DRC 2024 (CMO/HfOx read noise)"


@dataclass(frozen=True)
class WriteConfig:
    """Programming noise: made once, when the cell is written."""

    std: float = knob(
        0.0, "S", "per chip", "a sweep, not a measurement", help="constant part"
    )
    std_rel: float = knob(
        0.0, "", "per chip", "a sweep, not a measurement", help="part proportional to g"
    )
    factor: float = knob(
        1.0,
        "",
        "per chip",
        _DEVICE,
        help="on the device's own sigma(g), added in variance; 0 is off",
    )
    acceptance: float | None = knob(
        None,
        "",
        "never",
        f"{_CMO}: fits for 0.002 and 0.02",
        help="which fit of the device; None is the first (cmo-hfox: 0.002)",
    )
    device_std: float = knob(
        0.0,
        "S",
        "per chip",
        _SWEEP,
        help="device-to-device offset: programming again repeats it",
    )
    device_std_rel: float = knob(
        0.0,
        "",
        "per chip",
        _SWEEP,
        help="device-to-device gain: programming again repeats it",
    )
    cycle: int = knob(
        0,
        "",
        "never",
        "design",
        help="how often the chip was programmed before: draws the other parts afresh",
    )
    verify: float | None = knob(
        None,
        "S",
        "per chip",
        "assumption: the device's law is already that after write-verify",
        help="pulses of these laws until within +- this; None is one pulse",
    )
    max_pulses: int = knob(
        100, "", "never", "assumption", help="of one cell, if `verify` is set"
    )


@dataclass(frozen=True)
class StuckConfig:
    """Cells that do not move when programmed."""

    lrs: float = knob(
        5e-5,
        "",
        "per chip",
        "assumption: 1 cell in 20,000",
        help="share of cells stuck at g_max",
    )
    hrs: float = knob(
        5e-5,
        "",
        "per chip",
        "assumption: 1 cell in 20,000",
        help="share of cells stuck at g_min",
    )
    remap: bool = knob(
        False,
        "",
        "never",
        "Hungarian assignment of rows to a known fault map",
        help="whether rows are permuted so that stuck cells do the least harm",
    )


@dataclass(frozen=True)
class DriftConfig:
    """Conductance drift: how `cell.age` changes a cell."""

    law: Literal["device", "power-law"] = knob(
        "device",
        "",
        "per chip",
        "cmo-hfox: log relaxation; wan: spread at three times; others: none",
        help="the device's measured law, or g (age / reference)^-nu",
    )
    nu: float = knob(0.0, "", "per chip", _SWEEP, help="mean exponent of the power law")
    nu_std: float = knob(
        0.0, "", "per chip", _SWEEP, help="spread of the exponent over cells"
    )
    reference: float = knob(
        27.36,
        "s",
        "never",
        "Joshi et al. 2020, Fig. 3b: programming law read at 27.36 s",
        help="age at which the programming law was read; smaller ages are refused",
    )
    activation_energy: float = knob(
        0.0,
        "eV",
        "never",
        "assumption: off; no source of a preset gives one",
        help="age runs exp(Ea / k (1 / temperature - 1 / cell.temperature)) fast",
    )
    temperature: float = knob(
        300.0, "K", "never", "assumption", help="at which the law was measured"
    )


@dataclass(frozen=True)
class IVConfig:
    """Current of a cell at voltages that are not small."""

    law: Literal["linear", "sinh", "measured"] = knob(
        "linear",
        "",
        "never",
        "measured: milo (Milo et al. 2021, Fig. 1) from 62.5 to 110 uS, to 0.5 V",
        help="g v; g v0 sinh(v / v0); or the device's cubic",
    )
    v0: float = knob(
        0.5, "V", "never", "assumption", help="of the sinh; small is more nonlinear"
    )


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
        DriftConfig, combines="cell.age and cell.temperature; after write errors"
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
