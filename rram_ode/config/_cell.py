"""Knobs of the resistive cell: range, levels, programming, faults, read noise."""

from dataclasses import dataclass

from ._knob import group, knob


_CMO = "Falcone et al. 2025 (CMO/HfOx ReRAM)"
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
    constant: float = knob(
        0.00081107e-6,
        "S",
        "per chip",
        f"{_CMO}, acceptance 0.2 %, fit by CrossSim/aihwkit; 8 to 90 uS",
        help="sigma = constant + slope g, added to `std` in variance",
    )
    slope: float = knob(
        0.00106879,
        "",
        "per chip",
        f"{_CMO}, acceptance 0.2 %",
        help="slope of sigma(g)",
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
    slope: float = knob(
        0.0277316483e-6,
        "S",
        "per lab time",
        f"{_LOMBARDO}, accumulated from 1 us",
        help="sigma per root e-fold = std + slope log10(g / 1 uS)",
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
        FlickerConfig,
        combines="solve.duration and reset: it runs on between samples",
    )
    fixed: FixedConfig = group(
        FixedConfig, combines="write errors: adds to g after them"
    )


@dataclass(frozen=True)
class CellConfig:
    """One resistive cell."""

    g_min: float = knob(
        8e-6, "S", "never", f"{_CMO}: about 8 to 90 uS", help="conductance in HRS"
    )
    g_max: float = knob(
        90e-6, "S", "never", f"{_CMO}: about 8 to 90 uS", help="conductance in LRS"
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
    write: WriteConfig = group(
        WriteConfig, combines="after levels; each law adds in variance"
    )
    stuck: StuckConfig = group(
        StuckConfig, combines="after write errors: replaces them"
    )
    read: ReadConfig = group(
        ReadConfig, combines="each process is independent of the others"
    )
