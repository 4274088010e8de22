"""Knobs of the array's mapping and of the circuit blocks around the array."""

from dataclasses import dataclass
from typing import Literal

from ._knob import group, knob
from ._wires import WiresConfig


FUDAN = "public template of a 180 nm solver (Fudan), a proxy"


_SWEEP = "off: a sweep, not a measurement"


_AD633 = "AD633 data sheet (Analog Devices, rev. E)"


@dataclass(frozen=True)
class CrossbarConfig:
    """The mapping of signed weights to conductances, and the voltages on the rows."""

    mapping: Literal["differential-pair", "reference"] = knob(
        "differential-pair",
        source="assumption: the paper does not say; its labs' macro uses a reference",
        role="design",
        pays="area, cell.write.factor",
        help="two cells per weight, or one cell against a fixed reference",
    )
    scale: Literal["column", "layer"] = knob(
        "column",
        source="assumption: each TIA has a feedback resistor of its own",
        role="design",
        pays="area, cell.write.factor",
        help="part of an array with one ratio of weight to conductance",
    )
    bias: Literal["full", "fitted"] = knob(
        "full",
        source="assumption",
        role="design",
        pays="joules",
        help="voltage of the constant row: v_max, or the least its biases allow",
    )
    v_max: float = knob(
        0.2,
        unit="V",
        source="assumption: read voltages of 0.2 to 0.3 V do not disturb cells",
        role="design",
        pays="joules, integrator.offset_std",
        ends=(0.02, 0.6),
        help="largest safe cell voltage; it fixes the volts per unit of each layer",
    )
    v_disturb: float | None = knob(
        0.3,
        unit="V",
        source="assumption: read voltages of 0.2 to 0.3 V do not disturb cells",
        role="process",
        help="cells above this voltage are counted and reported; None counts none",
    )
    headroom: float = knob(
        1.1,
        source="assumption",
        role="design",
        pays="integrator.offset_std, error: rows and starts clipped at v_max",
        ends=(0.3, 10.0),
        help="v_max over the largest voltage that the checkpoint's record expects",
    )
    reference_mismatch: float = knob(
        0.0,
        when="per chip",
        source="a sweep, not a measurement",
        role="process",
        help="relative spread of the reference conductance over columns",
    )
    tile_rows: int | None = knob(
        None,
        source="assumption: each layer is one array",
        role="design",
        pays="area, joules",
        ends=(4, 1024),
        help="largest number of rows of an array; None is no limit",
    )
    tile_cols: int | None = knob(
        None,
        source="assumption: each layer is one array",
        role="design",
        pays="area, joules",
        ends=(4, 1024),
        help="largest number of columns of an array; None is no limit",
    )
    wires: WiresConfig = group(
        WiresConfig,
        combines="every array, ahead of its noise; bent cells: arrays of 1024 or less",
    )
    rescale: bool = knob(
        False,
        source="positive homogeneity of the ReLU",
        role="numerical",
        help="whether neurons of small weights get lower voltages and larger cells",
    )


@dataclass(frozen=True)
class AmplifierConfig:
    """Transimpedance amplifiers and ReLU stages."""

    v_rail: float | None = knob(
        1.2,
        unit="V",
        source="assumption: 3.3 V supply, mid-rail ground, 0.45 V headroom",
        role="design",
        pays="multiplier.full_scale, error: scores clipped at the rail",
        ends=(0.03, 1.6),
        help="largest magnitude of a TIA's output; None is no limit",
    )
    clamp: bool = knob(
        True,
        source="assumption: rows are protected from more than crossbar.v_max",
        role="design",
        pays="crossbar.v_disturb",
        help="whether row drivers and ReLU outputs are clipped at crossbar.v_max",
    )


@dataclass(frozen=True)
class MultiplierConfig:
    """The multipliers that apply the schedule's factors."""

    full_scale: float = knob(
        1.0,
        source="assumption: output = v_x v_y / 1 V, waveforms up to 1 V",
        role="design",
        pays="joules",
        ends=(0.01, 1.45),
        help="largest factor that a multiplier can apply",
    )
    bandwidth: float | None = knob(
        None,
        unit="Hz",
        source="off: infinitely fast, paid as 100 MHz or as fast as a solve needs",
        role="design",
        pays="joules, area",
        ends=(1e6, 1e9),
        help="pole at each multiplier's output (fidelity=dynamic); None is none",
    )
    gain_std: float = knob(
        0.0,
        when="per chip",
        source=f"off; a whole chip takes 2.5e-3, {_AD633}: scale, 0.25 % typical",
        role="process",
        help="spread of a multiplier's gain, relative",
    )
    signal_std: float = knob(
        0.0,
        when="per chip",
        source=f"off; a whole chip takes 3e-3, {_AD633}: X, 0.3 % typical, Y nulled; "
        "that a DAC nulls it is an assumption",
        role="process",
        help="spread of the fraction of the signal that passes at a factor of 0",
    )
    factor_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source=f"off; a whole chip takes 1mV, {_AD633}: Y, 0.1 % typical, X nulled; "
        "that a DAC nulls it is an assumption",
        role="process",
        help="spread of the volts that a factor of 1 passes without a signal",
    )
    offset_std: float = knob(
        0.0,
        unit="V",
        when="per chip",
        source="off; a whole chip takes 1mV, an assumption; 5 mV of 10 V is typical "
        "of an AD633",
        role="process",
        help="spread of the offset at a multiplier's output",
    )
    signal_bend_std: float = knob(
        0.0,
        when="per chip",
        source=f"off; a whole chip takes 4e-3, {_AD633}: X, 0.4 % typical; the cubic "
        "form is an assumption",
        role="process",
        help="spread of the largest nonlinearity in the signal, over the full scale "
        "(amplifier.v_rail)",
    )
    noise: float = knob(
        0.0,
        unit="V/sqrt(Hz)",
        when="per lab time",
        source=f"off; {_AD633}: 0.8 uV/sqrt(Hz); on-chip assumption: 50 nV/sqrt(Hz)",
        role="process",
        help="white noise at each multiplier's output",
    )
    flicker: float = knob(
        0.0,
        unit="V",
        when="per lab time",
        source=f"off; {_AD633}: 90 uV rms in 10 kHz, 16 uV beside the white noise, "
        "from memory; on-chip assumption: 3 uV, as an op-amp's pair",
        role="process",
        help="1/f noise at each multiplier's output: the root of its density at 1 Hz, "
        "from op_amp.flicker_min to op_amp.flicker_max",
    )
    factor_bend_std: float = knob(
        0.0,
        when="per chip",
        source=f"off; a whole chip takes 1e-3, {_AD633}: Y, 0.1 % typical, as factors "
        "span their full scale; the cubic form is an assumption",
        role="process",
        help="spread of the largest nonlinearity in the factor, over multiplier."
        "full_scale",
    )


@dataclass(frozen=True)
class ControllerConfig:
    """The digital sequence around the core, whose cycles make up `solve.reset`."""

    clock: float | None = knob(
        10e6,
        unit="Hz",
        source="assumption: the rate of the DAC's updates",
        role="design",
        pays="joules",
        ends=(1e6, 1e9),
        help="clock of the state machine; None takes `solve.reset` as it is, and the "
        "power of 10 MHz",
    )
    load: int = knob(
        2,
        source="assumption: one word for each of two coordinates",
        role="design",
        pays="seconds",
        ends=(1, 1000),
        help="clock cycles to load the starts",
    )
    hold: int = knob(
        1,
        source="assumption",
        role="design",
        pays="seconds",
        ends=(1, 1000),
        help="clock cycles from the end of a solve to its conversion",
    )
    wait: int = knob(
        0,
        source="assumption: the host is ready",
        role="environment",
        help="clock cycles until the host takes a result, while the next solve runs",
    )


@dataclass(frozen=True)
class PowerConfig:
    """Assumptions of the energy per sample; `compare --assume` sets its constants."""

    row: Literal["integrated", "board"] = knob(
        "integrated",
        source="assumption: the simulated circuit is one chip",
        role="process",
        help="one chip (a projection by gain-bandwidth), or discrete parts",
    )
    programming_samples: float = knob(
        1e6,
        source="assumption: a chip is rewritten after a million samples",
        role="environment",
        help="number of samples that the energy of one programming is divided by, "
        "where no `rewrite.*` says it",
    )


@dataclass(frozen=True)
class RewriteConfig:
    """When a chip that ages is programmed again: `cell.write.cycle` counts on."""

    every: float | None = knob(
        None,
        unit="s",
        source="assumption: off; `studies.find_policy` searches it",
        role="environment",
        help="time of sampling between two programmings; None for no such rule",
    )
    monitor: float | None = knob(
        None,
        source="assumption: off; 64 cells in the middle of the range, looked at as a "
        "block of age begins",
        role="environment",
        help="relative change of a monitor column's current at which the chip is "
        "programmed again; None for no such rule",
    )
    settle: float = knob(
        1.0,
        unit="s",
        source="assumption: the relaxation of cmo-hfox is told from 1 s on",
        role="environment",
        help="time from a programming to the next sample: the age that it begins at",
    )
