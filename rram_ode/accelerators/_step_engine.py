r"""Seconds and joules of a machine that steps, by its own conversions and reads.

One array after the other is on while rows settle and the converters integrate; then
each column's ADC finds its code, and numbers follow. A row has a DAC, and an inverter
for the cells that subtract; a column has an amplifier and an ADC. Parts, technology
and constants are those of the analog machine's projection (`Integrated`), so that
converters alone tell the two apart: amplifiers settle to half a step in each read,
$B = (b + 1) \ln 2 / 2 \pi t$, and take no power while their array is off (assumed).
Numbers have 16 bits. Weights stay in the arrays, and move through no memory.
"""

import dataclasses
import math
from collections.abc import Callable

from ..energy import (
    add_energy,
    ANALOG_NODE,
    ArrayPower,
    buffer_share,
    Constant,
    CONSTANTS,
    DigitalSide,
    HALF,
    Memory,
    multiply_energy,
    Node,
    PartCounts,
    regulate,
    Value,
    Values,
    Work,
)
from ._base import AbstractMachine
from ._conversions import AbstractConversion, StepKind
from ._step_noise import StepTiming


WORD = 16  # bits of a number


PHASES = 4  # cycles of the controller in a layer: settle, read, convert, numbers


UPDATE = 3, 2  # multiplications and additions of Euler's step, of each coordinate


SCHEDULE = 3  # words of the schedule in a step


@dataclasses.dataclass(frozen=True)
class StepEngine(AbstractMachine):
    """A chip's arrays with converters at every step, as one run of it was.

    Args:
        name: Name of the machine.
        what: Description of the machine.
        conversion: What its converters carry, with bits.
        timing: How long the parts of a step take.
        num_steps: Number of steps of a sample.
        arrays: `(rows, cols)` of each array, the idle constant row included.
        on: Power and currents of the arrays while they are on, summed over arrays.
        circuit: The parts of the chip that holds the arrays.
        held: Joules of what it shares with the analog machine, by part: writing and
            trimming the cells.
        node: Technology of the chip.

    Raises:
        ValueError: If a converter is continuous.
    """

    name: str
    what: str
    conversion: AbstractConversion
    timing: StepTiming
    num_steps: int
    arrays: tuple[tuple[int, int], ...]
    on: ArrayPower
    circuit: PartCounts
    held: Callable[[Values], dict[str, Value]]
    node: Node = ANALOG_NODE

    def __post_init__(self):
        bits = [(kind.dac_bits, kind.adc_bits) for kind in self.kinds]
        if any(None in pair for pair in bits):
            raise ValueError(
                f"converters without bits have no cost; got {bits}: give the DAC and "
                "the ADC bits."
            )

    @property
    def constants(self) -> dict[str, Constant]:
        """Those of the analog machine, of operations and of memories."""
        return CONSTANTS

    @property
    def kinds(self) -> tuple[StepKind, ...]:
        """The steps of each kind that occurs."""
        return tuple(kind for kind in self.conversion.kinds(self.num_steps) if kind.num)

    @property
    def rows(self) -> int:
        """Rows that DACs drive, of all arrays."""
        return sum(rows - 1 for rows, _ in self.arrays)

    @property
    def columns(self) -> int:
        """Columns of all arrays, each with an ADC."""
        return sum(cols for _, cols in self.arrays)

    @property
    def conversions(self) -> tuple[int, int]:
        """Conversions of a sample by DACs and by ADCs."""
        return self.num_steps * self.rows, self.num_steps * self.columns

    @property
    def solve_time(self) -> float:
        """Seconds of a sample."""
        return self.num_steps * self.timing.step(len(self.arrays))

    @property
    def bandwidth(self) -> float:
        """Closed-loop bandwidth with which the amplifiers settle, in hertz."""
        bits = max(kind.adc_bits or 0 for kind in self.kinds)
        return settling_rate(bits) / self.timing.settle

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """The steps, one sample after the other."""
        del work, batch, values
        return self.solve_time

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Arrays and amplifiers while on, conversions, numbers, and what is static.

        The counts are the machine's own: `work` is that of no part of it.
        """
        del work, batch
        active, arithmetic = self.num_steps * self.timing.active, self._numbers(values)
        memories = self._memories()
        standby = sum(memory.standby(values) for memory in memories.values())
        logic = self.node.leakage("logic", values) * arithmetic
        phases = self.num_steps * (PHASES * len(self.arrays) + 1)
        parts = {
            **{part: watts * active for part, watts in self._active(values).items()},
            **self._converters(values),
            "numbers": arithmetic,
            **self._words(memories, values),
            "references": values["reference.power"] * self.solve_time,
            "controller": values["controller.cycle"] * phases,
            "leakage": standby * self.solve_time + logic,
            "random numbers": values["random.normal"] * self.circuit.dim,
            **self.held(values),
        }
        return regulate(parts, values)

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """`None`: a projection has no wall power."""
        del work, batch, values
        return None

    def _active(self, values: Values) -> dict[str, Value]:
        """Watts of arrays, amplifiers and inverters while they are on."""
        supply, on = values["supply"], self.on
        terms = dataclasses.replace(self.circuit.op_amps, gbw=None)
        volts = supply * values["amplifier.current"]
        loaded = terms.design.is_class_ab
        found: dict[str, Value] = {
            "cells": on.cells,
            "row drivers": HALF * supply * on.rows - on.cells,
            "column currents": HALF * supply * on.columns if loaded else 0.0,
        }
        for part in ("transimpedance amplifiers", "inverters"):
            duty = self.circuit.duties[part]
            found[part] = volts * terms.current(duty, self.bandwidth)
        return found

    def _converters(self, values: Values) -> dict[str, Value]:
        """Joules of all conversions.

        A DAC's buffer settles with the rows and is on with the array. An ADC converts
        at the rate of `timing.convert`.
        """
        timing, dacs, adcs = self.timing, 0.0, 0.0
        for kind in self.kinds:
            assert kind.dac_bits is not None  # by `__post_init__`
            assert kind.adc_bits is not None
            buffer = values["dac.power"] * buffer_share(
                kind.dac_bits, 1 / timing.settle
            )
            one = buffer * timing.active + values["dac.step"] * 2.0**kind.dac_bits
            dacs = dacs + kind.num * self.rows * one
            adc = DigitalSide(kind.adc_bits, conversion_rate=1 / timing.convert)
            each = adc.adc_scale * values["adc.conversion"]
            adcs = adcs + kind.num * self.columns * each
        return {"dacs": dacs, "adcs": adcs}

    def _numbers(self, values: Values) -> Value:
        """Joules of arithmetic.

        A column takes a multiplication by its scale and the addition of bias and
        embedding, a hidden one a comparison; a row takes a multiplication by its scale.
        A difference adds to a row a subtraction, a multiplication and the update of
        what it is compared with, and to a column the addition to its sum.
        """
        rows, columns, dim = self.rows, self.columns, self.circuit.dim
        mults = self.num_steps * (columns + rows + UPDATE[0] * dim)
        adds = self.num_steps * (2 * columns - dim + UPDATE[1] * dim)
        for kind in self.kinds:
            if kind.is_difference:
                mults += kind.num * rows
                adds += kind.num * (2 * rows + columns)
        each = multiply_energy((WORD, WORD), values), add_energy(WORD, values)
        return self.node.scaling.factor * (mults * each[0] + adds * each[1])

    def _words(self, memories: dict[str, Memory], values: Values) -> dict[str, Value]:
        """Joules of the words that numbers are read from and written to."""
        per_bit = {what: memory.per_bit(values) for what, memory in memories.items()}
        tables = self.num_steps * (self.columns + SCHEDULE)
        activations = 2 * self.num_steps * (self.circuit.dim + self.columns)
        kept = sum(kind.num for kind in self.kinds if kind.is_difference)
        state = 2 * kept * (self.rows + self.columns)
        words = {"tables": tables, "activations": activations, "state": state}
        return {what: WORD * num * per_bit[what] for what, num in words.items()}

    def _memories(self) -> dict[str, Memory]:
        """The memories of tables, activations, and of what differences keep."""
        widest = max(cols for _, cols in self.arrays)
        tables = self.columns + self.num_steps * (widest + SCHEDULE)
        kept = any(kind.is_difference for kind in self.kinds)
        state = (self.rows + self.columns) * kept
        words = {"tables": tables, "activations": 2 * widest, "state": state}
        return {what: Memory(WORD * num, self.node) for what, num in words.items()}


def settling_rate(bits: int) -> float:
    r"""Bandwidth times time in which one pole settles to half a step of `bits`."""
    return (bits + 1) * math.log(2) / (2 * math.pi)


def buildable(timing: StepTiming, circuit: PartCounts, bits: int) -> StepTiming:
    """`timing` with a settling that the process's op-amps can keep.

    Args:
        timing: As it should be.
        circuit: Has the amplifiers' noise gains, and the fastest op-amp.
        bits: Resolution that columns settle to.
    """
    gain = max(max(duty.noise_gains, default=0.0) for duty in circuit.duties.values())
    least = settling_rate(bits) * gain / circuit.op_amps.design.fastest
    return timing._replace(settle=max(timing.settle, least))
