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
        help="open-loop gain without a load; None is that of the class",
    )
    gbw: float | None = knob(
        None,
        unit="Hz",
        source="as kind",
        role="design",
        pays="joules",
        ends=(1e6, 1e9),
        help="gain-bandwidth product f, in hertz (not 2 pi f)",
    )
    slew: float | None = knob(
        None,
        unit="V/s",
        source="as kind",
        role="design",
        pays="joules",
        ends=(1e6, 1e9),
        help="slew rate that is asked for; on a chip the pair's current may give more",
    )
    c_c: float = knob(
        1e-12,
        unit="F",
        source="assumption: as the load",
        role="design",
        pays="joules, op_amp.e_n",
        ends=(0.22e-12, 10e-12),
        help="Miller capacitor (on-chip), 0.22 c_load or more: current, noise and slew",
    )
    c_load: float = knob(
        1e-12,
        unit="F",
        source="assumption: a bit line and the next input",
        role="process",
        help="load capacitance of each op-amp (on-chip)",
    )
    gm_id_1: float = knob(
        15.0,
        unit="1/V",
        source="assumption: moderate inversion; weak inversion gives 28 at most",
        role="process",
        help="transconductance over current of the input pair (on-chip)",
    )
    gm_id_2: float = knob(
        15.0,
        unit="1/V",
        source="assumption: moderate inversion",
        role="process",
        help="transconductance over current of the second stage (on-chip)",
    )
    output: Literal["class-a", "class-ab"] = knob(
        "class-ab",
        source="assumption",
        role="design",
        pays="joules",
        help="class of the output stage (on-chip): what it takes when idle",
    )
    i_out: float | None = knob(
        None,
        unit="A",
        source="on-chip: what the loads need up to the rails; board: as kind",
        role="design",
        pays="joules",
        ends=(10e-6, 10e-3),
        help="largest output current, which is paid for and limits outputs",
    )
    offset_std: float | None = knob(
        None,
        unit="V",
        when="per chip",
        source="as kind; a value needs an input pair of (7 mV um / value)^2 each",
        role="design",
        pays="area",
        ends=(0.1e-3, 10e-3),
        help="spread of the TIAs' offset ahead of auto-zero; a value sizes the pair",
    )
    offset: float | None = knob(
        None,
        unit="V",
        source="off; that of a data sheet or of a measured part",
        role="process",
        help="offset that all op-amps have ahead of auto-zero; a value leaves out the "
        "spread and the auto-zero of the class",
    )
    v_rail: float | None = knob(
        None,
        unit="V",
        source="off; beside amplifier.v_rail and integrator.v_rail",
        role="process",
        help="highest output of every op-amp; lowest, too, below 0, without v_low",
    )
    v_low: float | None = knob(
        None,
        unit="V",
        source="off: -v_rail",
        role="process",
        help="lowest output of every op-amp: 0 for a single supply",
    )
    v_ground: float | None = knob(
        None,
        unit="V",
        source="0 V, or half-way between v_low and v_rail if 0 V is not between them",
        role="process",
        help="signal ground where v_low and v_rail count from another point",
    )
    supply_current: float | None = knob(
        None,
        unit="A",
        source="off: that of the class",
        role="process",
        help="supply current of an op-amp without a signal; pays for values better "
        "than those of kind board",
    )
    r_out: float | None = knob(
        None,
        unit="ohm",
        source="off, or what the output stage of kind on-chip has",
        role="process",
        help="output resistance: a load g divides the gain by 1 + r_out g",
    )
    r_fast: float = knob(
        0.0,
        unit="ohm",
        source="off; with r_out",
        role="process",
        help="output resistance where gain falls: a load divides gbw by 1 + r_fast g",
    )
    subcircuit: str | None = knob(
        None,
        source="off; FILE:NAME, measured by ngspice as a run begins",
        role="process",
        help="an op-amp of your own as a SPICE subcircuit, my.lib:NAME: its test "
        "benches set what is not set by hand",
    )
    pins: str = knob(
        "plus minus high low out",
        source="order of many vendors' libraries",
        role="process",
        help="what the pins of subcircuit are, in its order: plus minus high low out",
    )
    supply: float | None = knob(
        None,
        unit="V",
        source="3.3 V on-chip, 5 V board",
        role="process",
        help="supply of the op-amps from rail to rail, evenly around the signal ground",
    )
    auto_zero: float | None = knob(
        None,
        unit="F",
        when="per chip",
        source="on-chip: 10 pF, unless offset or offset_std is given; board: none",
        role="design",
        pays="area, seconds",
        ends=(1e-15, 100e-12),
        help="capacitor that stores each offset before a solve; None is as the class",
    )
    zero_resistance: float = knob(
        20e3,
        unit="ohm",
        source="assumption: a switch as narrow as the reset allows: 0.2 us at 10 pF",
        role="design",
        pays="seconds, op_amp.e_n",
        ends=(100.0, 1e6),
        help="resistance of the auto-zero's switch: time to settle, noise it stores",
    )
    sampled_noise: bool = knob(
        True,
        when="per sample",
        source="k T / C and e_n behind both poles: Enz and Temes, Proc. IEEE 84, 1996",
        role="process",
        help="whether the auto-zero's switch samples noise; resistor_noise does, too",
    )
    injection: float | None = knob(
        None,
        unit="C",
        when="per chip",
        source="assumption: 0.1 fC, of 1 fC a dummy switch takes back the rest",
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
    static_errors: bool = knob(
        False,
        source="off; a whole chip has them: with fidelity dynamic they always act",
        role="numerical",
        help="whether offset, gain and bias current act in fidelity quasi-static, too",
    )
    c_in: float = knob(
        0.0,
        unit="F",
        source="off; a bit line has about 0.1 pF",
        role="process",
        help="capacitance of a TIA's bit line to ground; the input pair's is added",
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
    e_n: float | None = knob(
        None,
        unit="V/sqrt(Hz)",
        when="per lab time",
        source="8 k T gamma (1 + eta) / gm1 of the input pair; board: as kind",
        role="process",
        help="white voltage noise of every op-amp; None is its own with "
        "resistor_noise, else none",
    )
    flicker: float = knob(
        0.0,
        unit="V",
        when="per lab time",
        source="off; assumption: on-chip 3 uV, K = 1e-24 V^2 F over 30 um^2 twice; "
        "board 0.11 uV, 9.3 nV/sqrt(Hz) with a corner at 150 Hz",
        role="process",
        help="1/f noise of every op-amp: the root of its density at 1 Hz",
    )
    flicker_min: float = knob(
        1.0,
        unit="Hz",
        when="per lab time",
        source="assumption: slower change counts as an offset",
        role="process",
        help="lower corner of the 1/f noise of op-amps and multipliers",
    )
    flicker_max: float = knob(
        100e3,
        unit="Hz",
        when="per lab time",
        source="assumption: white noise takes over; below every amplifier's pole",
        role="process",
        help="upper corner of the 1/f noise of op-amps and multipliers",
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
        help="whether resistors have 4 k T / R, switches k T / C, and op-amps e_n",
    )
    noise_bandwidth: float | None = knob(
        None,
        unit="Hz",
        source="None is num_steps / (2 duration), one value for each step",
        role="numerical",
        help="bandwidth of e_n, i_n and resistors; must resolve every amplifier's pole",
    )
