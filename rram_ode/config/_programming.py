"""Knobs of a cell's programming, faults, age and current."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_CMO = "Falcone et al. 2025 (CMO/HfOx ReRAM)"


_DEVICE = "the device's source: `rram_ode.devices`"


_SWEEP = "a sweep, not a measurement"


@dataclass(frozen=True)
class WriteConfig:
    """Programming noise (write noise), made once when the cell is written."""

    std: float = knob(
        0.0,
        unit="S",
        when="per chip",
        source=_SWEEP,
        role="process",
        help="standard deviation of g: the constant part",
    )
    std_rel: float = knob(
        0.0,
        when="per chip",
        source=_SWEEP,
        role="process",
        help="the part proportional to g, relative; variances add",
    )
    factor: float = knob(
        1.0,
        when="per chip",
        source=_DEVICE,
        role="design",
        pays="joules, seconds",
        ends=(0.0, 30.0),
        help="factor on the device's own mean error and sigma(g); 0 is off",
    )
    acceptance: float | None = knob(
        None,
        source=f"{_CMO}: fits for 0.002 and 0.02",
        role="design",
        pays="joules, seconds",
        ends=(0.002, 0.02),
        help="acceptance of the device's fit; None is its first fit (cmo-hfox: 0.002)",
    )
    device_std: float = knob(
        0.0,
        unit="S",
        when="per chip",
        source=_SWEEP,
        role="process",
        help="spread of the device-to-device offset: programming again repeats it",
    )
    device_std_rel: float = knob(
        0.0,
        when="per chip",
        source=_SWEEP,
        role="process",
        help="spread of the device-to-device gain: programming again repeats it",
    )
    cycle: int = knob(
        0,
        source="design",
        role="environment",
        help="times that the chip was programmed before; redraws cycle-to-cycle errors",
    )
    verify: float | None = knob(
        None,
        unit="S",
        when="per chip",
        source="assumption: the device's law is already that after write-verify",
        role="design",
        pays="joules, seconds",
        ends=(0.005e-6, 0.1e-6),
        help="largest error at which write-verify stops; None is one pulse, no verify",
    )
    max_pulses: int = knob(
        100,
        source="assumption",
        role="design",
        pays="joules, seconds",
        ends=(1, 1000),
        help="largest number of pulses for a cell, with `verify`",
    )


@dataclass(frozen=True)
class StuckConfig:
    """Cells whose conductance programming does not change."""

    lrs: float = knob(
        5e-5,
        when="per chip",
        source="assumption: 1 cell in 20,000",
        role="process",
        help="fraction of cells stuck at g_max",
    )
    hrs: float = knob(
        5e-5,
        when="per chip",
        source="assumption: 1 cell in 20,000",
        role="process",
        help="fraction of cells stuck at g_min",
    )
    remap: bool = knob(
        False,
        source="Hungarian assignment of rows, given the fault map",
        role="design",
        pays="joules, seconds",
        help="whether rows are permuted so that stuck cells do the least harm",
    )


@dataclass(frozen=True)
class DriftConfig:
    """Conductance drift: the change of a cell with `cell.age` and with its reads."""

    law: Literal["device", "power-law"] = knob(
        "device",
        when="per chip",
        source="cmo-hfox: log relaxation; wan: spread at three times; others: none",
        role="process",
        help="the device's measured law, or g (age / reference)^-nu",
    )
    nu: float = knob(
        0.0,
        when="per chip",
        source=_SWEEP,
        role="process",
        help="mean exponent of the power law",
    )
    nu_std: float = knob(
        0.0,
        when="per chip",
        source=_SWEEP,
        role="process",
        help="spread of the exponent over cells",
    )
    reference: float = knob(
        27.36,
        unit="s",
        source="Joshi et al. 2020, Fig. 3b: programming law read at 27.36 s",
        role="process",
        help="age of the programming law; smaller ages other than 0 are refused",
    )
    activation_energy: float = knob(
        0.0,
        unit="eV",
        source="assumption: off; no source of a preset gives one",
        role="process",
        help="E: age counts exp(E / k (1 / temperature - 1 / cell.temperature)) times",
    )
    temperature: float = knob(
        300.0,
        unit="K",
        source="assumption",
        role="process",
        help="temperature at which the law was measured",
    )
    disturb: float = knob(
        0.0,
        unit="1/(V^2 s)",
        source="assumption: off; 0.001, from 0 to 0.25, which is 1 % after 10^6 reads "
        "of 1 us at 0.2 V (Yao et al., Nature 577, 641, 2020, Extended Data Fig. 7, "
        "show such reads and name no change)",
        role="process",
        help="k: a read at v moves g by k v |v| g a second, up where v is that of SET "
        "(cells that add: v > 0); needs `cell.ageing`",
    )


@dataclass(frozen=True)
class IVConfig:
    """Current of a cell as a function of its voltage."""

    law: Literal["linear", "sinh", "measured"] = knob(
        "linear",
        source="measured: milo (Milo et al. 2021, Fig. 1), 62.5 to 110 uS, to 0.5 V",
        role="process",
        help="g v, g v0 sinh(v / v0), or the device's cubic",
    )
    v0: float = knob(
        0.5,
        unit="V",
        source="assumption",
        role="process",
        help="voltage v0 of the sinh; a smaller one is more nonlinear",
    )
