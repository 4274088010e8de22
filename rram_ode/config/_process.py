"""Knobs of what all parts of a die share: process corner and temperature."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_GF180 = "gf180mcu open PDK, docs/analog/spice/elec_specs"


@dataclass(frozen=True)
class ProcessConfig:
    """Common-mode errors of a die, and what temperature does to a trimmed chip."""

    corner: Literal[
        "typical", "slow", "fast", "slow-fast", "fast-slow", "monte-carlo"
    ] = knob(
        "typical",
        when="per chip",
        source="off; a whole chip takes monte-carlo",
        role="process",
        help="resistors and capacitors at their tolerance: both above (slow), both "
        "below (fast), opposed (first resistors), or drawn with 3 sigma = tolerance",
    )
    resistor_tolerance: float = knob(
        0.2,
        when="per chip",
        source=f"{_GF180}: poly of 1 kohm per square, 800 to 1200 ohm",
        role="process",
        help="common tolerance of all resistors, relative, with process.corner",
    )
    capacitor_tolerance: float = knob(
        0.15,
        when="per chip",
        source=f"{_GF180}: MIM of 1.5 fF/um^2, 1.27 to 1.73 fF/um^2",
        role="process",
        help="common tolerance of all capacitors, relative, with process.corner",
    )
    trim_temperature: float = knob(
        300.0,
        unit="K",
        source="27 C in whole kelvin, the default of cell.temperature",
        role="environment",
        help="temperature at which the chip is programmed, verified and trimmed",
    )
    resistor_tc: float = knob(
        0.0,
        unit="1/K",
        source=f"off; a whole chip takes -1e-3, {_GF180}: -0.8e-3 to -1.2e-3",
        role="process",
        help="temperature coefficient of all resistors",
    )
    capacitor_tc: float = knob(
        0.0,
        unit="1/K",
        source=f"off; a whole chip takes 13e-6, {_GF180}: MIM, 9.9e-6 to 16.6e-6",
        role="process",
        help="temperature coefficient of all capacitors",
    )
    reference_tc: float = knob(
        0.0,
        unit="1/K",
        source="off; a whole chip takes 30e-6: bandgap references at 180 nm, 29 ppm/K "
        "(Soleimani and Asadi, ELELIJ 4, 2015)",
        role="process",
        help="temperature coefficient of the reference voltage",
    )
    cell_tc_lrs: float = knob(
        0.0,
        unit="1/K",
        source="off; a whole chip takes -0.5e-3, an assumption: a nearly metallic "
        "filament, -2e-3 to 1e-3",
        role="process",
        help="temperature coefficient of a cell's conductance at g_max",
    )
    cell_tc_hrs: float = knob(
        0.0,
        unit="1/K",
        source="off; a whole chip takes 0, an assumption: one transport in all states "
        "of CMO/HfOx (trap-to-trap tunnelling: Falcone et al., arXiv 2509.13964), so "
        "near g_max; -0.5e-3 to 2e-3",
        role="process",
        help="temperature coefficient of a cell's conductance at g_min; linear between",
    )
    cell_tc_std: float = knob(
        0.0,
        unit="1/K",
        when="per chip",
        source="off; a whole chip takes 0.1e-3, an assumption: cells differ (Xu et "
        "al., J. Phys. D 55, 2022), a fifth of the mean",
        role="process",
        help="spread of that coefficient over cells",
    )
    wire_tc: float = knob(
        0.0,
        unit="1/K",
        source=f"off; a whole chip takes 3.3e-3, {_GF180}: metal, 2.8e-3 to 3.8e-3",
        role="process",
        help="temperature coefficient of the arrays' wires",
    )
    offset_drift: float = knob(
        0.0,
        unit="V/K",
        when="per chip",
        source="off; a whole chip takes 2e-6: OPA837 (Texas Instruments), 1.6 uV/K at "
        "most; on a chip assumed as large",
        role="process",
        help="spread of the drift of op-amps' offsets, ahead of auto-zero",
    )
    multiplier_drift: float = knob(
        0.0,
        unit="V/K",
        when="per chip",
        source="off; a whole chip takes 3e-6, an assumption: V_os / T of a bipolar "
        "pair with 1 mV",
        role="process",
        help="spread of the drift of multipliers' offsets",
    )
    leak_doubling: float | None = knob(
        None,
        unit="K",
        is_difference=True,
        source="off; a whole chip takes 10 K, an assumption: leakage of junctions",
        role="process",
        help="kelvin that double the integrators' leak; None is no change",
    )
