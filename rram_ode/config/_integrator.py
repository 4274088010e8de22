"""Knobs of the feedback integrator that closes the loop."""

from dataclasses import dataclass

from ._circuit import FUDAN
from ._knob import knob


@dataclass(frozen=True)
class IntegratorConfig:
    """The feedback integrator that closes the loop."""

    resistance: float = knob(
        100e3,
        unit="ohm",
        source="assumption: sized so that the waveforms use the multiplier's range",
        role="design",
        pays="area, integrator.offset_std",
        ends=(1e3, 150e9),
        help="input resistor R",
    )
    capacitance: float = knob(
        30e-12,
        unit="F",
        source=FUDAN,
        role="design",
        pays="area, cell.temperature",
        ends=(0.1e-15, 1e-9),
        help="feedback capacitor C",
    )
    leak: float | None = knob(
        1e9,
        unit="ohm",
        source="assumption; None is no leak; a whole chip takes 1e11: gf180mcu open "
        "PDK, docs/analog/spice/elec_specs: a switch of 10 um leaks 10 pA, at most "
        "1 nA, at 3.6 V",
        role="process",
        help="leakage resistance across C",
    )
    offset_std: float = knob(
        20e-6,
        unit="V",
        when="per chip",
        source="k T / C and the charge on 10 pF of op_amp.auto_zero, which sets it",
        role="process",
        help="spread of the input-referred offset over channels",
    )
    mismatch_std: float = knob(
        0.001,
        when="per chip",
        source="assumption: metal-insulator-metal; Pelgrom et al., JSSC 24, 1989",
        role="process",
        help="relative spread of R C of 30 pF; goes with 1 / sqrt(capacitance)",
    )
    hold_noise: bool = knob(
        True,
        when="per sample",
        role="process",
        source="k T / C at cell.temperature: law of Johnson and Nyquist",
        help="whether the switch at hand-over samples thermal noise with the state",
    )
    v_rail: float | None = knob(
        1.2,
        unit="V",
        source="assumption: as the amplifiers",
        role="design",
        pays="error: states clipped at the rail",
        ends=(0.03, 1.6),
        help="largest magnitude of the state's voltage; None is no limit",
    )
