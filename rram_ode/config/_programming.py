"""Knobs of what is done to a cell: programming, faults, age; and of its current."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_CMO = "Falcone et al. 2025 (CMO/HfOx ReRAM)"


_DEVICE = "the device's source: `rram_ode.devices`"


_SWEEP = "a sweep, not a measurement"


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
        help="on the device's own mean error and sigma(g), in variance; 0: off",
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
        help="fraction of cells stuck at g_max",
    )
    hrs: float = knob(
        5e-5,
        "",
        "per chip",
        "assumption: 1 cell in 20,000",
        help="fraction of cells stuck at g_min",
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
