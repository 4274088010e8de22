r"""Energy and area of a decoder on crossbars, counted from the arrays that are read.

A stage takes its static power for its own reads, and for one more in which it is
switched on; between decodes it is off. In a read `READ_POLES` settle to 0.1 %, which
sets the speed of its op-amps. Cells, row drivers and columns take what was seen of
them. The decoder's column trims take their current while it is on.
"""

import dataclasses
import math

from ..decoder import AnalogDecoder
from ._analog import ArrayPower, EnergyEstimate, HALF
from ._area import converter_area, trims_area
from ._constant import Value, Values
from ._converters import dac_power, DigitalSide
from ._count import loads_of, over_nominal, READ_POLES
from ._memories import Memory
from ._nodes import ANALOG_NODE, regulate
from ._op_amps import OpAmpDuty, OpAmpTerms, REJECTED
from ._parts import settling_bandwidth
from ._programming import Programming
from ._trimming import Trimming


WAKING = 1  # reads for which a stage is on before its first: assumed


GREY = 8  # bits of a pixel that the table of the logistic function gives


@dataclasses.dataclass(frozen=True)
class StageParts:
    """The op-amps of a stage, and its reads.

    Args:
        duties: What the op-amps of each kind do.
        reads: Reads for which it is on, that in which it is switched on included.
        windows: Reads of windows, each of which moves a switch of every row.
        rows: Driven rows, the constant ones included.
        inputs: Switches between holds and rows: a row's holds, each with one.
        held: Number of holds behind it.
        ohms: Sum of its resistors, in ohms.
        trimming: What its trims take.
    """

    duties: dict[str, OpAmpDuty]
    reads: int
    windows: int
    rows: int
    inputs: int
    held: int
    ohms: float
    trimming: Trimming

    def static(
        self, terms: OpAmpTerms, bandwidth: Value, values: Values
    ) -> dict[str, Value]:
        """Static power of each part while it is on, in watts."""
        supply = values["supply"]
        volts = supply * values["amplifier.current"]
        found: dict[str, Value] = {
            part: volts * terms.current(duty, bandwidth)
            for part, duty in self.duties.items()
        }
        one = found["transimpedance amplifiers"]
        one = one / len(self.duties["transimpedance amplifiers"].loads)
        return found | self.trimming.static(supply, one, values)


@dataclasses.dataclass(frozen=True)
class DecoderParts:
    """A decoder's parts, as plain numbers.

    Args:
        stages: Those of each stage.
        read_time: Time of a read, in seconds.
        duration: Time of a decode, in seconds.
        rest: Rest of the period of the samples, in seconds.
        pixels: Number of pixels.
        dim: Number of coordinates of a state, each with a DAC.
        converters: Number of ADCs: one for each column of the last array.
        hold_capacitance: Of each hold, in farads.
        cells: Number of programmed cells.
        op_amps: What the op-amps are made of.
        digital: Bits and rates of the converters, and the clock.
        pair: Area of one input transistor of an op-amp, in m^2.
        auto_zero: Capacitor that stores the offset of an op-amp, in farads.
    """

    stages: tuple[StageParts, ...]
    read_time: float
    duration: float
    rest: float
    pixels: int
    dim: int
    converters: int
    hold_capacitance: float
    cells: int
    op_amps: OpAmpTerms
    digital: DigitalSide
    pair: float = 0.0
    auto_zero: float = 0.0

    def bandwidth(self, values: Values) -> Value:
        """Closed-loop bandwidth with which a layer settles in a read, in hertz."""
        return settling_bandwidth(READ_POLES, self.read_time, values)

    def fastest(self, values: Values) -> float:
        """Largest gain-bandwidth of the op-amps at plain values, in hertz."""
        gains = [
            max(duty.noise_gains)
            for stage in self.stages
            for duty in stage.duties.values()
        ]
        return max(gains) * float(self.bandwidth(values))

    @property
    def amplifiers(self) -> int:
        """Number of op-amps of all kinds."""
        return sum(
            len(duty.loads) for stage in self.stages for duty in stage.duties.values()
        )


def decoder_parts(
    decoder: AnalogDecoder,
    op_amps: OpAmpTerms,
    digital: DigitalSide,
    trims: tuple[Trimming, ...],
    *,
    hold_capacitance: float,
    pair: float = 0.0,
    auto_zero: float = 0.0,
) -> DecoderParts:
    """Count the parts of a decoder.

    Each column has a transimpedance amplifier, each that is rectified a rectifier, and
    each row an inverter. Rows of the first array are driven by the DACs' buffers, those
    of later ones by buffers behind the holds, each behind a multiplexer of all holds of
    its channel.

    Args:
        decoder: The hardware.
        op_amps: What its op-amps are made of.
        digital: Bits and rates of its converters, and the clock.
        trims: What the trims of each stage take.
        hold_capacitance: Of each hold, in farads.
        pair: Area of one input transistor of an op-amp, in m^2.
        auto_zero: Capacitor that stores the offset of an op-amp, in farads.
    """
    stages, last = [], decoder.stages[-1]
    for number, (stage, trimming) in enumerate(zip(decoder.stages, trims, strict=True)):
        network, digit = stage.network, stage.stage
        loads = loads_of(network)
        gains, feedbacks = loads["noise_gains"], loads["feedbacks"]
        equal = lambda rows: (REJECTED,) * len(rows)
        v_out, v_row = loads["v_out"], loads["v_row"]
        rows, inverse = loads["rectifier_loads"], loads["inverter_loads"]
        duties = {
            "transimpedance amplifiers": OpAmpDuty(gains, feedbacks, v_out),
            "inverters": OpAmpDuty(equal(inverse), inverse, v_row),
        }
        if rows:
            duties["rectifiers"] = OpAmpDuty(equal(rows), rows, v_row)
        cols, held = network.arrays[-1][1], 0
        if stage is not last:
            held = cols * digit.num_reads
            # It drives a resistor as large as the feedback's, and one hold at a time.
            into = feedbacks[-cols:]
            duties["hold rectifiers"] = OpAmpDuty(
                equal(into), into, v_row, hold_capacitance
            )
        first, inputs = loads["integrator_loads"], 0
        if number:
            duties["row buffers"] = OpAmpDuty((1.0,) * len(first), first, v_row)
            inputs = len(first) * digit.num_reads
        ohms = [1 / each for each in feedbacks] + [2 / min(feedbacks)] * len(inverse)
        stages.append(
            StageParts(
                duties,
                WAKING + digit.depth - 1 + digit.num_reads,
                digit.num_reads if number else 0,
                network.num_rows,
                inputs,
                held,
                math.fsum(ohms) / over_nominal(stage.chip)[0],
                trimming,
            )
        )
    return DecoderParts(
        tuple(stages),
        float(decoder.read_time),
        float(decoder.clock.duration),
        float(decoder.clock.reset),
        math.prod(decoder.shape),
        decoder.stages[0].network.dim,
        last.network.arrays[-1][1],
        hold_capacitance,
        decoder.num_cells,
        op_amps,
        digital,
        pair,
        auto_zero,
    )


def decode_energy(
    parts: DecoderParts,
    seen: tuple[ArrayPower, ...],
    values: Values,
    *,
    num_samples: float,
    programming: Programming = Programming(),
    num_trimmed: float | None = None,
) -> EnergyEstimate:
    """Energy of the decode of one picture, by part.

    Args:
        parts: The counts that `decoder_parts` returns.
        seen: Power and currents of each stage's arrays, means over its reads.
        values: Value of each constant, a number or an array of samples.
        num_samples: Number of samples that share the energy of one programming.
        programming: What the cells are written to.
        num_trimmed: Number of samples that share one stay on the bench; `None` for
            those that share a programming.
    """
    supply, bandwidth = values["supply"], parts.bandwidth(values)
    found: dict[str, Value] = {}
    trimming: Value = 0.0
    digital = parts.digital

    def add(part: str, joules: Value) -> None:
        found[part] = found.get(part, 0.0) + joules

    for stage, power in zip(parts.stages, seen, strict=True):
        on = stage.reads * parts.read_time
        static = stage.static(parts.op_amps, bandwidth, values)
        for part, watts in static.items():
            add(part, watts * on)
        add("cells", power.cells * on)
        if parts.op_amps.design.is_class_ab:  # class A carries them at all times
            add("row drivers", (HALF * supply * power.rows - power.cells) * on)
            add("column currents", HALF * supply * power.columns * on)
        moved = 2 * (stage.windows * stage.rows + stage.held)
        add("switches", values["switch.gate"] * supply**2 * moved)
        for part, joules in stage.trimming.events().items():
            add(part, joules)
        if not stage.trimming.is_none:
            whole = sum(static.values())
            trimming += stage.trimming.once(whole, programming.energy(values))
    first = parts.stages[0].reads * parts.read_time
    rate = 1 / (parts.duration + parts.rest)
    add("dac", parts.dim * dac_power(digital.start_bits, rate, values) * first)
    add("adc", values["adc.conversion"] * (digital.adc_scale * parts.pixels))
    table = Memory(GREY * 2.0**digital.adc_bits, ANALOG_NODE)
    add("logistic table", table.per_bit(values) * (GREY * parts.pixels))
    add("controller", values["controller.cycle"] * digital.clock * parts.duration)
    add("programming", programming.energy(values) * parts.cells / num_samples)
    add("trimming", trimming / (num_samples if num_trimmed is None else num_trimmed))
    notes = (
        "the decoder's op-amps are paid for a read in which they settle; its pictures "
        "are those of infinitely fast ones",
    )
    return EnergyEstimate(parts.duration, parts.rest, regulate(found, values), notes)


def decoder_area(parts: DecoderParts, values: Values) -> dict[str, Value]:
    """Area of each part of a decoder, in m^2."""
    bandwidth, terms, digital = parts.bandwidth(values), parts.op_amps, parts.digital
    farad = 1 / values["area.capacitor"]
    amperes: Value = 0.0
    trims: dict[str, Value] = {}
    for stage in parts.stages:
        for duty in stage.duties.values():
            current = terms.current(duty, bandwidth)
            amperes = amperes + values["amplifier.current"] * current
        for part, area in trims_area(stage.trimming, values).items():
            trims[part] = trims.get(part, 0.0) + area
    total = lambda name: sum(getattr(stage, name) for stage in parts.stages)
    miller = float(terms.design.c_c) * farad
    one = values["area.op_amp"] + miller + 2 * parts.pair
    squares = total("ohms") / values["area.sheet"]
    once = 1 / (parts.duration + parts.rest)
    adc = converter_area(digital.adc_bits, digital.conversion_rate)
    return {
        "cells": values["area.cell"] * parts.cells,
        "row drivers": values["area.driver"] * total("rows"),
        "switches": values["area.driver"] * (total("inputs") + total("held")),
        **trims,
        "op-amps": one * parts.amplifiers + values["area.ampere"] * amperes,
        "holds": parts.hold_capacitance * farad * total("held"),
        "auto-zero": parts.auto_zero * farad * parts.amplifiers,
        "resistors": squares * values["area.square"],
        "dac": converter_area(digital.start_bits, once) * parts.dim,
        "adc": adc * parts.converters,
        "logistic table": values["area.memory_bit"] * GREY * 2.0**digital.adc_bits,
        "controller": values["area.controller"],
    }
