r"""Joules, seconds and area of a chip's trims: once on a test bench, and in each solve.

On the bench the chip runs with its static power, a converter reads it, and cells are
written again. In each solve the current DACs of column offsets take what they can give,
and circuits that track take an op-amp and a conversion for each layer, and an
oscillator. DACs of scales and gains hold their codes without a current of their own.
"""

import dataclasses

from ._constant import Constant, Value, Values
from ._converters import adc_energy, ADC_NODE


TRIMMING: dict[str, Constant] = {
    "trim.oscillator": Constant(
        1e-12,
        2.15e-12,
        10e-12,
        "J",
        "a cycle of a relaxation oscillator, 2.15 uW per MHz: Electronics 12, 1144, "
        "2023 (range assumed)",
    ),
    "area.oscillator": Constant(
        1e-9, 5e-9, 30e-9, "m^2", "assumed: capacitor, comparators and a trim"
    ),
}


@dataclasses.dataclass(frozen=True)
class Trimming:
    """What the trims of a chip take, beside the cells that they add.

    Args:
        offset_dacs: Number of DACs of column offsets.
        offset_bits: Their bits.
        offset_amperes: Largest currents of all of them, in amperes.
        gain_dacs: Number of trimmed feedback resistors.
        gain_bits: Their bits.
        gain_ohms: Ohms that these resistors have beside the nominal ones.
        scale_dacs: Number of DACs of scales.
        scale_bits: Their bits.
        counters: Number of counters: of the ramp that measures R C, and of a clock
            that follows it.
        spares: Number of spare columns, each with switches.
        tracked: Number of reference columns, and of coordinates whose multipliers are
            trimmed in use, that are read in each solve: one cell, or one product. All
            reads of a trim are spread over as many solves, some 1,500 for `trim.reads`
            512, in which temperature stays.
        clock: Rate of an oscillator that follows R C in use, in hertz; 0 for none.
        conversions: Reads of the bench.
        bits: Bits of a read.
        seconds: Time on the bench with the chip's static power, in seconds.
        rewritten: Number of cells that are written twice.
    """

    offset_dacs: int = 0
    offset_bits: int = 0
    offset_amperes: float = 0.0
    gain_dacs: int = 0
    gain_bits: int = 0
    gain_ohms: float = 0.0
    scale_dacs: int = 0
    scale_bits: int = 0
    counters: int = 0
    spares: int = 0
    tracked: int = 0
    clock: float = 0.0
    conversions: float = 0.0
    bits: int = 12
    seconds: float = 0.0
    rewritten: float = 0.0

    @property
    def is_none(self) -> bool:
        """Whether there is no trim."""
        return self == Trimming()

    def static(
        self, supply: Value, amplifier: Value, values: Values
    ) -> dict[str, Value]:
        """Static power by part, in watts; nothing without trims.

        Args:
            supply: Supply voltage, in volts.
            amplifier: Power of a transimpedance amplifier, in watts.
            values: Value of each constant.
        """
        if self.is_none:
            return {}
        tracking = amplifier * self.tracked + values["trim.oscillator"] * self.clock
        return {
            "trim dacs": supply * self.offset_amperes,
            "tracking": tracking,
        }

    def events(self) -> dict[str, Value]:
        """Energy of conversions of one sample by part, in joules."""
        if not self.tracked:
            return {}
        return {"tracking reads": adc_energy(self.bits, ADC_NODE) * self.tracked}

    def once(self, static: Value, cell: Value) -> Value:
        """Energy of the bench, in joules.

        Args:
            static: Static power of the chip, in watts.
            cell: Energy to write one cell, in joules.
        """
        reads = adc_energy(self.bits, ADC_NODE) * self.conversions
        return static * self.seconds + reads + cell * self.rewritten
