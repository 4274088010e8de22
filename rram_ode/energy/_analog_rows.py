"""The two analog machines, one chip (a projection) and a board, with their constants.

The two sets of constants are never mixed. Nobody published a breakdown of the paper's
0.36 W.
"""

import dataclasses

import numpy as np

from ._analog import AbstractAnalogRow
from ._constant import Constant, Value, Values
from ._converters import adc_constant, DAC_RATE, DigitalSide, INTERFACE
from ._memories import Memory
from ._nodes import ANALOG_NODE, Node
from ._parts import bandwidth_of, fastest_needed, multiplier_share, PartCounts


INTEGRATED: dict[str, Constant] = {
    "supply": Constant(
        3.0, 3.3, 3.6, "V", "assumed: I/O transistors at 180 nm, ground at mid-rail"
    ),
    "amplifier.current": Constant(
        0.5,
        1.0,
        2.0,
        "1",
        "assumed: current of an op-amp over that of the two-stage model; published "
        "designs lie within a factor of 2 of it",
    ),
    "amplifier.speed": Constant(
        5.0,
        20.0,
        100.0,
        "1",
        "assumed: closed-loop bandwidth times T_solve of op-amps that count as "
        "infinitely fast; at 20 a stage's lag is 0.8 % of the schedule",
    ),
    "switch.residue": Constant(
        1e-4,
        1e-3,
        1e-2,
        "1",
        "assumed: fraction of a step that an array which is switched may still miss as "
        "its hold is closed",
    ),
    "switch.gate": Constant(
        1e-15, 5e-15, 20e-15, "F", "assumed: gates of a transmission gate at 180 nm"
    ),
    "multiplier.power": Constant(
        50e-6, 200e-6, 1e-3, "W", "assumed: a Gilbert cell of 100 MHz at 180 nm"
    ),
    "reference.power": Constant(
        20e-6, 200e-6, 1e-3, "W", "assumed: bias, mid-rail ground and full scales"
    ),
    "adc.conversion": adc_constant(8, 180e-9),
    **INTERFACE,
}


@dataclasses.dataclass(frozen=True)
class Integrated(AbstractAnalogRow):
    r"""A projection of one chip, with op-amps by `OpAmpDesign`.

    Nothing of it was measured. The op-amps are those that were simulated. Where they
    were infinitely fast, an op-amp of noise gain N has the gain-bandwidth N s / T, with
    s the constant `amplifier.speed`. A multiplier's power is proportional to its full
    scale, whose linear range is that of its tail current, and follows its bandwidth.

    Args:
        digital: What converters and controller are built for.
        node: Technology of the memory that holds the waveforms.
    """

    digital: DigitalSide = DigitalSide()
    node: Node = ANALOG_NODE

    @property
    def name(self) -> str:
        """Name of the row."""
        return "integrated"

    @property
    def is_regulated(self) -> bool:
        """`True`: the parts are supplied by regulators on the chip."""
        return True

    def supply(self, values: Values) -> Value:
        """Supply voltage from rail to rail, in volts."""
        return values["supply"]

    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""
        terms, bandwidth = circuit.op_amps, 0.0
        if terms.gbw is None:
            bandwidth = bandwidth_of(circuit, values)
        volts = values["supply"] * values["amplifier.current"]
        multiplier = values["multiplier.power"] * multiplier_share(circuit, values)
        return {
            **{
                part: volts * terms.current(duty, bandwidth)
                for part, duty in circuit.duties.items()
            },
            "multipliers": multiplier * circuit.scales,
            "dac": self.digital.dac_power(circuit.channels, circuit.dim, values),
            "start drivers": self.digital.start_power(
                circuit.dim, circuit.duration + circuit.reset, values
            ),
            "references": values["reference.power"],
            "controller": values["controller.cycle"] * self.digital.steps,
        }

    def takes_load(self, circuit: PartCounts) -> bool:
        """Whether the op-amps are of class AB."""
        return circuit.op_amps.design.is_class_ab

    def notes(self, circuit: PartCounts, values: Values) -> tuple[str, ...]:
        """How fast the op-amps are that are paid, and whether samples are theirs."""
        if circuit.op_amps.gbw is not None:
            return (
                "paid for are the op-amps that `fidelity` dynamic simulates, of "
                f"{circuit.op_amps.gbw / 1e6:.3g} MHz, not those that the solve needs",
            )
        fastest = fastest_needed(circuit, values)
        most = circuit.op_amps.design.fastest
        limit = "" if fastest <= most else f", above the {most / 1e6:.3g} MHz of 180 nm"
        return (
            "the samples are those of infinitely fast op-amps; paid for are op-amps "
            f"of up to {fastest / 1e6:.3g} MHz{limit}, which the solve needs; "
            "`fidelity` dynamic pays for those that it simulates",
        )

    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules.

        Each channel of the DAC has a memory of its own: all change at the same time,
        faster than one memory could deliver their words.
        """
        bits, channels = circuit.waveform_bits, circuit.channels
        memory = Memory(circuit.stored_bits / channels, self.node)
        held = channels * (circuit.duration + circuit.reset)
        return {
            "adc": values["adc.conversion"] * (self.digital.adc_scale * circuit.dim),
            "waveform memory": memory.per_bit(values) * bits,
            "leakage": memory.standby(values) * held,
            **_switching(circuit, values["switch.gate"] * values["supply"] ** 2),
        }


def _switching(circuit: PartCounts, each: Value) -> dict[str, Value]:
    """Energy of all switches over a period of the machine, `each` joules a cycle.

    An update that takes another full scale turns one switch off and another one on.
    """
    if not (circuit.switches or circuit.range_changes):
        return {}
    cycles = circuit.switching * (circuit.duration + circuit.reset)
    return {"switches": each * (circuit.switches * cycles + circuit.range_changes)}


_PART = "assumed: discrete parts from memory, no data sheet at hand"


BOARD: dict[str, Constant] = {
    "board.supply": Constant(
        5.0, 5.0, 5.5, "V", "OPA835: Texas Instruments, SLOS713H: 2.5 to 5.5 V"
    ),
    "board.amplifier": Constant(
        0.25e-3,
        0.25e-3,
        5e-3,
        "A",
        "OPA835: Texas Instruments, SLOS713H; the part is assumed: other op-amps of "
        "its speed take up to 5 mA",
    ),
    "board.multiplier": Constant(
        25e-3,
        40e-3,
        180e-3,
        "W",
        "assumed: low power at +-5 V; 120 mW of the AD633 class alone pass 0.36 W",
    ),
    "board.switch": Constant(
        9e-12,
        35e-12,
        70e-12,
        "F",
        "ADG411: Analog Devices, data sheet rev. D: 9 pF open, 35 pF closed; that its "
        "gates take as much is assumed",
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
    """Discrete parts on a board, as the paper's demonstrator may have been built.

    The parts of converters and controller are those of 12 bits and 10 MHz, and of
    starts that charge through 10 kOhm; the power of others follows bits, rates and
    conductance as on a chip (assumed).

    Args:
        digital: What converters and controller are built for.
    """

    digital: DigitalSide = DigitalSide()

    @property
    def name(self) -> str:
        """Name of the row."""
        return "board"

    @property
    def is_regulated(self) -> bool:
        """`True`: the parts are supplied by regulators on the board."""
        return True

    def supply(self, values: Values) -> Value:
        """Supply voltage from rail to rail, in volts."""
        return values["board.supply"]

    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""
        own = circuit.op_amps
        each = own.supply_current
        each = values["board.amplifier"] if each is None else each
        volts = values["board.supply"] if own.supply is None else own.supply
        amplifier = volts * each
        share = np.maximum(1.0, multiplier_share(circuit, values))
        multiplier = values["board.multiplier"] * share
        guides = {"guidance": amplifier * circuit.guides} if circuit.guides else {}
        buffers = {"hold buffers": amplifier * circuit.holds} if circuit.holds else {}
        return {
            "transimpedance amplifiers": amplifier * len(circuit.noise_gains),
            "rectifiers": amplifier * circuit.rectifiers,
            "inverters": amplifier * circuit.inverters,
            "integrators": amplifier * circuit.dim,
            **guides,
            **buffers,
            "multipliers": multiplier * circuit.scales,
            "dac": values["board.dac"]
            * self.digital.num_channels(circuit.channels, circuit.dim),
            "start drivers": values["board.dac"]
            * (circuit.dim * 10e3 / self.digital.start_resistance),
            "references": values["board.reference"],
            "controller": values["board.controller"] * (self.digital.steps / DAC_RATE),
        }

    def takes_load(self, circuit: PartCounts) -> bool:
        """The part is of class AB."""
        del circuit
        return True

    def notes(self, circuit: PartCounts, values: Values) -> tuple[str, ...]:
        """That the samples are not those of the board's op-amps, where they are not."""
        del values
        if circuit.op_amps.is_part:
            return ()
        return ("in the samples the board's op-amps are infinitely fast",)

    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""
        part = DigitalSide(adc_bits=12).adc_scale
        scale = max(1.0, self.digital.adc_scale / part)
        each = values["board.switch"] * values["board.supply"] ** 2
        return {
            "adc": values["board.conversion"] * (circuit.dim * scale),
            **_switching(circuit, each),
        }


SHARED: dict[str, Constant] = {
    "random.normal": Constant(
        1e-12, 5e-12, 20e-12, "J", "assumed: one normal from a hash of 10 operations"
    ),
    "reset.share": Constant(
        0.1, 1.0, 1.0, "1", "assumed: fraction of the static power between two solves"
    ),
}
