"""Op-amps that take time."""

from dataclasses import dataclass
from typing import Literal

from ._circuit import FUDAN
from ._knob import knob


@dataclass(frozen=True)
class OpAmpConfig:
    """Op-amps that take time; `fidelity` dynamic alone looks at them."""

    kind: Literal["ideal", "on-chip", "board"] = knob(
        "on-chip",
        "",
        "never",
        f"on-chip: {FUDAN}; board: assumption; see rram_ode/blocks/_op_amp.py",
        help="class of op-amp, gives every value below that is None",
    )
    gain: float | None = knob(
        None, "", "never", "as kind", help="open-loop gain; None is that of the class"
    )
    gbw: float | None = knob(
        None, "Hz", "never", "as kind", help="gain-bandwidth product, over 2 pi"
    )
    slew: float | None = knob(
        None, "V/s", "never", "as kind", help="largest slope of an output"
    )
    offset_std: float | None = knob(
        None,
        "V",
        "per chip",
        "as kind",
        help="input-referred offset of each TIA; integrators: integrator.offset_std",
    )
    auto_zero: float | None = knob(
        None,
        "F",
        "per chip",
        "off; the classes' offsets are what it would leave",
        help="capacitor that takes up each offset before a solve; None is none",
    )
    injection: float = knob(
        0.0,
        "C",
        "per chip",
        "off; a small switch injects some 1 fC",
        help="spread of the charge that the auto-zero's switch leaves on it",
    )
    bias_current: float | None = knob(
        None, "A", "never", "as kind", help="into each inverting input's node"
    )
    c_in: float = knob(
        0.0,
        "F",
        "never",
        "off; a bit line and an input are some 0.1 pF",
        help="from a TIA's summing node to ground",
    )
    c_f: float = knob(
        0.0,
        "F",
        "never",
        "off; the Fudan template has 0.1 pF",
        help="across a TIA's feedback resistor",
    )
    e_n: float = knob(
        0.0,
        "V/sqrt(Hz)",
        "per lab time",
        "off; a low-noise op-amp has some 5 nV/sqrt(Hz)",
        help="input-referred voltage noise, white; of every op-amp",
    )
    i_n: float = knob(
        0.0,
        "A/sqrt(Hz)",
        "per lab time",
        "off; gates have femtoamperes",
        help="input-referred current noise, white; of every op-amp",
    )
    resistor_noise: bool = knob(
        False,
        "",
        "per lab time",
        "off; Johnson and Nyquist, at cell.temperature",
        help="4 k T / R of all resistors but cells, k T / C of the pre-charge switches",
    )
    noise_bandwidth: float | None = knob(
        None,
        "Hz",
        "never",
        "num_steps / (2 duration): a value for each step",
        help="of e_n, i_n and resistors; must resolve every pole of the amplifiers",
    )
