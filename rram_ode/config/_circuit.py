"""Knobs of the array's mapping and of the circuit blocks around it."""

from dataclasses import dataclass
from typing import Literal

from ._knob import group, knob
from ._wires import WiresConfig


FUDAN = "public template of a 180 nm solver (Fudan), a proxy"


_SWEEP = "off: a sweep, not a measurement"


_FIRMWARE = "the paper's firmware: MAX5742"


@dataclass(frozen=True)
class CrossbarConfig:
    """How signed weights become conductances, and the voltages on the rows."""

    mapping: Literal["differential-pair", "reference"] = knob(
        "differential-pair",
        "",
        "never",
        "assumption: the paper does not tell; its labs' 180 nm macro uses a reference",
        help="two cells a weight, or one cell against a fixed reference",
    )
    scale: Literal["column", "layer"] = knob(
        "column",
        "",
        "never",
        "assumption: each TIA has a feedback resistor of its own",
        help="what shares one ratio of weight to conductance",
    )
    bias: Literal["full", "fitted"] = knob(
        "full",
        "",
        "never",
        "assumption",
        help="constant row at v_max, or as low as its largest bias allows: less error",
    )
    v_max: float = knob(
        0.2,
        "V",
        "never",
        "assumption: read voltages of 0.2 to 0.3 V do not disturb cells",
        help="largest safe cell voltage; fixes the volts per unit of each layer",
    )
    v_disturb: float | None = knob(
        0.3,
        "V",
        "never",
        "assumption: read voltages of 0.2 to 0.3 V do not disturb cells",
        help="cells on rows above it are counted and reported; None counts none",
    )
    headroom: float = knob(
        1.1,
        "",
        "never",
        "assumption",
        help="v_max over the largest voltage that the checkpoint's record expects",
    )
    reference_mismatch: float = knob(
        0.0,
        "",
        "per chip",
        "a sweep, not a measurement",
        help="relative std of the reference conductance, per column (reference only)",
    )
    tile_rows: int | None = knob(
        None,
        "",
        "never",
        "assumption: each layer is one array",
        help="largest number of rows of an array, which has its own wires; None is all",
    )
    tile_cols: int | None = knob(
        None,
        "",
        "never",
        "assumption: each layer is one array",
        help="largest number of columns of an array; None is all",
    )
    wires: WiresConfig = group(
        WiresConfig, combines="every array, before its noise; linear cells in a solve"
    )
    rescale: bool = knob(
        False,
        "",
        "never",
        "positive homogeneity of the ReLU",
        help="hidden neurons with small weights take lower voltages and larger cells",
    )


@dataclass(frozen=True)
class AmplifierConfig:
    """Transimpedance amplifiers and ReLU stages."""

    v_rail: float | None = knob(
        1.2,
        "V",
        "never",
        "assumption: 3.3 V supply, mid-rail ground, 0.45 V headroom",
        help="output of a TIA is clipped here; None is no limit",
    )
    clamp: bool = knob(
        True,
        "",
        "never",
        "assumption: rows are protected from more than crossbar.v_max",
        help="row drivers and ReLU outputs are clipped at crossbar.v_max",
    )


@dataclass(frozen=True)
class DACConfig:
    """The converter that plays embedding and multiplier waveforms."""

    bits: int | None = knob(
        12, "", "never", f"{_FIRMWARE}, 12 bit", help="resolution; None is continuous"
    )
    update_rate: float | None = knob(
        10e6,
        "Hz",
        "never",
        "assumption: 200 updates in 20 us (the firmware plays 200 in 1 s)",
        help="values are held 1 / update_rate; None is continuous",
    )


@dataclass(frozen=True)
class MultiplierConfig:
    """The multipliers that apply the schedule's factors."""

    full_scale: float = knob(
        1.0,
        "",
        "never",
        "assumption: output = v_x v_y / 1 V, waveforms up to 1 V",
        help="largest factor that a multiplier can apply",
    )
    bandwidth: float | None = knob(
        None,
        "Hz",
        "never",
        "off: infinitely fast",
        help="pole at each multiplier's output; fidelity=dynamic alone looks at it",
    )
    gain_std: float = knob(
        0.0, "", "per chip", _SWEEP, help="relative error of a multiplier's gain"
    )
    signal_std: float = knob(
        0.0, "", "per chip", _SWEEP, help="of the signal, what passes at a factor of 0"
    )
    factor_std: float = knob(
        0.0,
        "V",
        "per chip",
        _SWEEP,
        help="of a factor of 1, what passes without a signal",
    )
    offset_std: float = knob(
        0.0, "V", "per chip", _SWEEP, help="offset at a multiplier's output"
    )


@dataclass(frozen=True)
class IntegratorConfig:
    """The feedback integrator that closes the loop."""

    resistance: float = knob(
        100e3,
        "ohm",
        "never",
        "assumption: sized so that the waveforms use the multiplier's range",
        help="input resistor R",
    )
    capacitance: float = knob(30e-12, "F", "never", FUDAN, help="feedback capacitor C")
    leak: float | None = knob(
        1e9,
        "ohm",
        "never",
        "assumption: parallel to C; None is no leak",
        help="leakage resistance across C",
    )
    offset_std: float = knob(
        20e-6,
        "V",
        "per chip",
        "assumption: an auto-zeroed op-amp",
        help="input-referred offset, per channel",
    )
    mismatch_std: float = knob(
        0.001,
        "",
        "per chip",
        "assumption: metal-insulator-metal capacitors of 30 pF",
        help="relative error of R C, per channel",
    )
    v_rail: float | None = knob(
        1.2, "V", "never", "assumption: as the amplifiers", help="state is held here"
    )


@dataclass(frozen=True)
class ControllerConfig:
    """The digital sequence around the core: what `solve.reset` is made of."""

    clock: float | None = knob(
        10e6,
        "Hz",
        "never",
        "assumption: that of the DAC's updates",
        help="of the state machine; None takes `solve.reset` as it is",
    )
    load: int = knob(
        2,
        "",
        "never",
        "assumption: a word for each coordinate of a state of two",
        help="clock cycles to load the starts",
    )
    hold: int = knob(
        1,
        "",
        "never",
        "assumption",
        help="clock cycles from the end of a solve to its conversion",
    )
    wait: int = knob(
        0,
        "",
        "never",
        "assumption: the host is ready",
        help="clock cycles until a result is taken; the next solve runs meanwhile",
    )


@dataclass(frozen=True)
class PowerConfig:
    """What the energy of a sample counts; `compare --assume` sets its constants."""

    row: Literal["integrated", "board"] = knob(
        "integrated",
        "",
        "never",
        "assumption: the circuit that is simulated is one chip",
        help="a projection by gain-bandwidth, or discrete parts; never mixed",
    )
    adc_bits: int = knob(
        8,
        "",
        "never",
        "assumption",
        help="resolution at hand-over, 4 to 14 (integrated)",
    )
    programming_samples: float = knob(
        1e6,
        "",
        "never",
        "assumption: a chip is rewritten after a million samples",
        help="samples that share the energy of one programming",
    )
