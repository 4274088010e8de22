"""Conversions around an array at each step: of whole values, or of differences."""

import abc
import dataclasses
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Int32

from .._core._checks import whole_number
from ..crossbar import CellNoise
from ._references import AbstractReference, ClosedReference, LayerMemory
from ._step_ports import digitised, Inputs, Scales, StepPort, Sums, to_codes


MOST_DAC_BITS, MOST_ADC_BITS = 24, 16  # as `blocks.DAC` and `blocks.ADC` have them


class Converted(NamedTuple):
    """One layer in one step.

    Args:
        memory: What the digital side keeps: the row voltages that the sums stand for,
            and the sums without bias and embedding.
        v: Voltages of the rows.
        shown: What the columns showed to the ADC; of a difference, before its gain.
    """

    memory: LayerMemory
    v: Inputs
    shown: Sums


class StepKind(NamedTuple):
    """Steps of one kind.

    Args:
        num: Number of them.
        dac_bits: Bits of a conversion of a row.
        adc_bits: Bits of a conversion of a column.
        is_difference: Whether differences are made and sums are kept.
    """

    num: int
    dac_bits: int | None
    adc_bits: int | None
    is_difference: bool


def _require_bits(dac_bits: Any, adc_bits: Any) -> None:
    """Refuse bits that no converter has; `None` is continuous."""
    for name, bits, most in (
        ("dac_bits", dac_bits, MOST_DAC_BITS),
        ("adc_bits", adc_bits, MOST_ADC_BITS),
    ):
        if bits is not None:
            whole_number(name, bits, 1, most)


class AbstractConversion(eqx.Module):
    """The rule by which converters carry a layer's inputs in and its sums out.

    `dac_bits` and `adc_bits` are those of most steps; `None` is continuous.
    """

    dac_bits: eqx.AbstractVar[int | None]
    adc_bits: eqx.AbstractVar[int | None]

    @abc.abstractmethod
    def is_full(self, step: Int32[Array, ""]) -> Bool[Array, ""]:
        """Whether whole values are converted in the step with this number."""

    @abc.abstractmethod
    def kinds(self, num_steps: int) -> tuple["StepKind", ...]:
        """The steps of each kind among `num_steps`."""

    @abc.abstractmethod
    def without_adc(self) -> "AbstractConversion":
        """The same with ADCs that neither round nor clip."""

    @abc.abstractmethod
    def __call__(
        self,
        port: StepPort,
        scales: Scales,
        inputs: Inputs,
        memory: LayerMemory,
        noise: CellNoise,
        step: Int32[Array, ""],
    ) -> Converted:
        """Read the array once.

        Args:
            port: The array.
            scales: Full scales of its converters.
            inputs: The layer's inputs, dimensionless.
            memory: What was kept of the step before.
            noise: Noise of the read.
            step: Number of the step.
        """


class PlainConversion(AbstractConversion):
    """All values as they are, in every step.

    Args:
        dac_bits: Bits of the DACs of rows.
        adc_bits: Bits of the ADCs of columns.

    Raises:
        ValueError: If bits are no whole number that a converter has.
    """

    dac_bits: int | None = eqx.field(static=True, default=None)
    adc_bits: int | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        _require_bits(self.dac_bits, self.adc_bits)

    def is_full(self, step: Int32[Array, ""]) -> Bool[Array, ""]:
        """Always."""
        return step >= 0

    def kinds(self, num_steps: int) -> tuple[StepKind, ...]:
        """As `AbstractConversion.kinds`."""
        return (StepKind(num_steps, self.dac_bits, self.adc_bits, False),)

    def without_adc(self) -> "PlainConversion":
        """As `AbstractConversion.without_adc`."""
        return PlainConversion(self.dac_bits)

    def __call__(
        self,
        port: StepPort,
        scales: Scales,
        inputs: Inputs,
        memory: LayerMemory,
        noise: CellNoise,
        step: Int32[Array, ""],
    ) -> Converted:
        """As `AbstractConversion`."""
        del memory, step
        v = port.volts(inputs)
        v = to_codes(v, port.v_row, self.dac_bits, is_signed=port.is_signed)
        shown = port.columns(v, noise)
        sums = digitised(shown, scales.sums, self.adc_bits) - port.zero[:, None]
        return Converted(LayerMemory(v, sums), v, shown)


class DifferenceConversion(AbstractConversion):
    r"""Differences to the step before, whole values at first and every R steps.

    With the reference a and the sums y that are kept in numbers, and the full scale V
    of the rows over the range S of a difference, $k = V / S$,

    $$d = \mathrm{DAC}(k (v - a)), \quad
      y \leftarrow y + \mathrm{ADC}(d\,W) / k, \quad a \leftarrow a + d / k :$$

    a difference is amplified to the full row voltage, so that converters of few bits
    resolve it, and the cells' noise is that of the difference. What the DAC rounds
    stays in the next difference (closed loop); what the ADC rounds adds up until the
    next refresh, and so does noise. The sums of rows at 0 V, without which each step
    would add the amplifiers' offsets, are subtracted, as `StepPort` says.

    Converters of successive approximation have the bits of whole values and stop early
    at those of a difference.

    Args:
        dac_bits: Bits of a difference on a row.
        adc_bits: Bits of a difference of a column's sum.
        full: The conversion of whole values.
        refresh: R, the steps from one conversion of whole values to the next; 0 has the
            first alone.
        reference: What the next input is compared with.

    Raises:
        ValueError: If bits are no whole number that a converter has, or `refresh` is
            negative or no whole number.
    """

    dac_bits: int | None = eqx.field(static=True, default=None)
    adc_bits: int | None = eqx.field(static=True, default=None)
    full: PlainConversion = PlainConversion()
    refresh: int = eqx.field(static=True, default=10)
    reference: AbstractReference = ClosedReference()

    def __check_init__(self):
        _require_bits(self.dac_bits, self.adc_bits)
        if not isinstance(self.refresh, int) or self.refresh < 0:
            raise ValueError(
                "`refresh` must be 0 or more, in whole steps; got "
                f"{self.refresh}: 0 never converts whole values again."
            )

    def is_full(self, step: Int32[Array, ""]) -> Bool[Array, ""]:
        """At first, and every `refresh` steps."""
        if not self.refresh:
            return step == 0
        return step % self.refresh == 0

    def kinds(self, num_steps: int) -> tuple[StepKind, ...]:
        """As `AbstractConversion.kinds`."""
        whole = -(-num_steps // self.refresh) if self.refresh else 1
        (full,) = self.full.kinds(whole)
        left = num_steps - whole
        return full, StepKind(left, self.dac_bits, self.adc_bits, True)

    def without_adc(self) -> "DifferenceConversion":
        """As `AbstractConversion.without_adc`."""
        full = self.full.without_adc()
        return dataclasses.replace(self, full=full, adc_bits=None)

    def __call__(
        self,
        port: StepPort,
        scales: Scales,
        inputs: Inputs,
        memory: LayerMemory,
        noise: CellNoise,
        step: Int32[Array, ""],
    ) -> Converted:
        """As `AbstractConversion`."""
        target = port.volts(inputs)

        def whole() -> Converted:
            found = self.full(port, scales, inputs, memory, noise, step)
            kept = self.reference(jnp.zeros_like(target), target, found.v)
            return found._replace(memory=found.memory._replace(reference=kept))

        def difference() -> Converted:
            change = target - memory.reference
            played = to_codes(change, scales.change, self.dac_bits)
            gain = port.v_row / scales.change
            shown = port.columns(gain * played, noise)
            code = digitised(shown, gain * scales.sum_change, self.adc_bits)
            added = (code - port.zero[:, None]) / gain
            kept = self.reference(memory.reference, target, played)
            sums = memory.sums + added
            return Converted(LayerMemory(kept, sums), gain * played, shown / gain)

        return lax.cond(self.is_full(step), whole, difference)
