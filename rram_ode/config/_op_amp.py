"""Knobs of the op-amps in the dynamic fidelity."""

from dataclasses import dataclass
from typing import Literal

from ._circuit import FUDAN
from ._knob import knob


@dataclass(frozen=True)
class OpAmpConfig:
    """Op-amps of finite speed, which only `fidelity` dynamic simulates."""

    kind: Literal["ideal", "on-chip", "board"] = knob(
        "on-chip",
        source=f"on-chip: {FUDAN}; board: assumption; see rram_ode/blocks/_op_amp.py",
        role="design",
        pays="joules",
        ends=("on-chip", "board"),
        help="class of op-amp, which gives every value that is None below",
    )
    gain: float | None = knob(
        None,
        source="as kind",
        role="process",
        help="open-loop gain; None is that of the class",
    )
    gbw: float | None = knob(
        None,
        unit="Hz",
        source="as kind",
        role="design",
        pays="joules",
        ends=(30e6, 1e9),
        help="gain-bandwidth product f, in hertz (not 2 pi f)",
    )
    slew: float | None = knob(
        None,
        unit="V/s",
        source="as kind",
        role="design",
        pays="joules",
        ends=(1e6, 1e9),
        help="slew rate: largest slope of an output",
    )
    offset_std: float | None = knob(
        None,
        unit="V",
        when="per chip",
        source="as kind",
        role="design",
        pays="area",
        ends=(0.0, 10e-3),
        help="spread of the TIAs' input-referred offset (not integrator.offset_std)",
    )
    auto_zero: float | None = knob(
        None,
        unit="F",
        when="per chip",
        source="off; the classes' offsets are those after auto-zero",
        role="design",
        pays="area, seconds",
        ends=(1e-15, 100e-12),
        help="capacitor that stores each offset before a solve; None is no auto-zero",
    )
    injection: float = knob(
        0.0,
        unit="C",
        when="per chip",
        source="off; a small switch injects about 1 fC",
        role="process",
        help="spread of the charge that the auto-zero's switch leaves on it",
    )
    bias_current: float | None = knob(
        None,
        unit="A",
        source="as kind",
        role="process",
        help="bias current into each inverting input's node",
    )
    c_in: float = knob(
        0.0,
        unit="F",
        source="off; a bit line and an input have about 0.1 pF",
        role="process",
        help="capacitance from a TIA's summing node to ground",
    )
    c_f: float = knob(
        0.0,
        unit="F",
        source="off; the Fudan template has 0.1 pF",
        role="design",
        pays="area",
        ends=(0.0, 10e-12),
        help="capacitance across a TIA's feedback resistor",
    )
    e_n: float = knob(
        0.0,
        unit="V/sqrt(Hz)",
        when="per lab time",
        source="off; a low-noise op-amp has about 5 nV/sqrt(Hz)",
        role="process",
        help="density of the white input-referred voltage noise of every op-amp",
    )
    i_n: float = knob(
        0.0,
        unit="A/sqrt(Hz)",
        when="per lab time",
        source="off; gates have femtoamperes",
        role="process",
        help="density of the white input-referred current noise of every op-amp",
    )
    resistor_noise: bool = knob(
        False,
        when="per lab time",
        source="off; law of Johnson and Nyquist, at cell.temperature",
        role="process",
        help="whether resistors have 4 k T / R and pre-charge switches k T / C",
    )
    noise_bandwidth: float | None = knob(
        None,
        unit="Hz",
        source="None is num_steps / (2 duration), one value for each step",
        role="numerical",
        help="bandwidth of e_n, i_n and resistors; must resolve every amplifier's pole",
    )
