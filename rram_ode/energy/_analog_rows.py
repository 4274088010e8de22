"""The two analog machines, one chip (a projection) and a board, with their constants.

The two sets of constants are never mixed. Nobody published a breakdown of the paper's
0.36 W.
"""

import dataclasses
import math

from ._analog import AbstractAnalogRow, PartCounts
from ._constant import Constant, Value, Values
from ._converters import adc_constant


REJECTED = 2.0  # noise gain of an inverter or a rectifier with equal resistors


_GBW = "assumed: order of magnitude of an on-chip op-amp"


INTEGRATED: dict[str, Constant] = {
    "supply": Constant(
        1.8, 3.3, 3.3, "V", "assumed: I/O transistors at 180 nm, ground at mid-rail"
    ),
    "amplifier.overdrive": Constant(0.1, 0.2, 0.3, "V", _GBW),
    "amplifier.load": Constant(
        0.3e-12, 1e-12, 10e-12, "F", "assumed: a bit line and the next input"
    ),
    "amplifier.branches": Constant(
        2.0, 4.0, 8.0, "1", "assumed: currents of two stages and bias over the pair's"
    ),
    "amplifier.speed": Constant(
        5.0,
        20.0,
        100.0,
        "1",
        "assumed: closed-loop bandwidth times T_solve; at 20 a stage's lag is 0.8 % of "
        "the schedule",
    ),
    "multiplier.power": Constant(
        50e-6, 200e-6, 1e-3, "W", "assumed: a Gilbert cell at 180 nm"
    ),
    "dac.power": Constant(
        20e-6, 100e-6, 500e-6, "W", "assumed: one channel with its buffer"
    ),
    "reference.power": Constant(
        20e-6, 200e-6, 1e-3, "W", "assumed: bias, mid-rail ground and full scales"
    ),
    "controller.power": Constant(
        10e-6, 100e-6, 1e-3, "W", "assumed: a sequencer at 180 nm, clock included"
    ),
    "memory.bit": Constant(
        0.5e-12,
        3e-12,
        10e-12,
        "J/bit",
        "assumed: an 8 KB SRAM of 45 nm (Horowitz) scaled to 180 nm, outside the fit",
        180e-9,
        1.8,
    ),
    "adc.conversion": adc_constant(8, 180e-9),
}


@dataclasses.dataclass(frozen=True)
class Integrated(AbstractAnalogRow):
    r"""A projection of one chip: its op-amps are as fast as the solve needs.

    Nothing of it was measured.

    An op-amp of noise gain N whose closed loop is $f = s / T$ wide needs the
    gain-bandwidth N f, hence $g_m = 2 \pi N f C$ and the power $m\,g_m V_\text{ov} V$.

    Args:
        adc_scale: Energy of a conversion at hand-over relative to one of 8 bits.
    """

    adc_scale: float = 1.0

    @property
    def name(self) -> str:
        """Name of the row."""
        return "integrated"

    def supply(self, values: Values) -> Value:
        """Supply voltage from rail to rail, in volts."""
        return values["supply"]

    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""
        load = values["amplifier.load"]
        bandwidth = values["amplifier.speed"] / circuit.duration
        unit = 2 * math.pi * bandwidth * values["amplifier.overdrive"]
        unit = unit * values["amplifier.branches"] * values["supply"]
        return {
            "transimpedance amplifiers": unit * load * math.fsum(circuit.noise_gains),
            "rectifiers": unit * load * (REJECTED * circuit.rectifiers),
            "inverters": unit * load * (REJECTED * circuit.inverters),
            "integrators": unit * (load + circuit.capacitance) * circuit.dim,
            "multipliers": values["multiplier.power"] * circuit.multipliers,
            "dac": values["dac.power"] * circuit.channels,
            "references": values["reference.power"],
            "controller": values["controller.power"],
        }

    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""
        return {
            "adc": values["adc.conversion"] * (self.adc_scale * circuit.dim),
            "waveform memory": values["memory.bit"] * circuit.waveform_bits,
        }


_PART = "assumed: discrete parts from memory, no data sheet at hand"


BOARD: dict[str, Constant] = {
    "board.supply": Constant(5.0, 10.0, 30.0, "V", "assumed: +-5 V, up to +-15 V"),
    "board.amplifier": Constant(
        1e-3,
        1.71e-3,
        70e-3,
        "W",
        "assumed: solved, so that 93 op-amps and the rest take 0.36 W; 10 to 70 mW are "
        "usual",
    ),
    "board.multiplier": Constant(
        25e-3,
        40e-3,
        180e-3,
        "W",
        "assumed: low power at +-5 V; 120 mW of the AD633 class alone pass 0.36 W",
    ),
    "board.dac": Constant(0.25e-3, 1e-3, 5e-3, "W", _PART),
    "board.reference": Constant(1e-3, 5e-3, 20e-3, "W", _PART),
    "board.controller": Constant(
        10e-3,
        20e-3,
        300e-3,
        "W",
        "assumed: its part; a whole STM32F4 at full clock takes more than 100 mW",
    ),
    "board.conversion": Constant(
        1e-9, 10e-9, 100e-9, "J", "assumed: 12-bit ADC of the microcontroller"
    ),
}


@dataclasses.dataclass(frozen=True)
class Board(AbstractAnalogRow):
    """Discrete parts on a board, as the paper's demonstrator may have been built."""

    @property
    def name(self) -> str:
        """Name of the row."""
        return "board"

    def supply(self, values: Values) -> Value:
        """Supply voltage from rail to rail, in volts."""
        return values["board.supply"]

    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""
        amplifier = values["board.amplifier"]
        return {
            "transimpedance amplifiers": amplifier * len(circuit.noise_gains),
            "rectifiers": amplifier * circuit.rectifiers,
            "inverters": amplifier * circuit.inverters,
            "integrators": amplifier * circuit.dim,
            "multipliers": values["board.multiplier"] * circuit.multipliers,
            "dac": values["board.dac"] * circuit.channels,
            "references": values["board.reference"],
            "controller": values["board.controller"],
        }

    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""
        return {"adc": values["board.conversion"] * circuit.dim}


SHARED: dict[str, Constant] = {
    "random.normal": Constant(
        1e-12, 5e-12, 20e-12, "J", "assumed: one normal from a hash of 10 operations"
    ),
    "reset.share": Constant(
        0.1, 1.0, 1.0, "1", "assumed: fraction of the static power between two solves"
    ),
}
