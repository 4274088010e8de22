r"""Joules and seconds of engines whose layers have bits of their own, and of an FPGA.

A product of integers costs by the law of `energy` for its widths, with an addition to a
sum that holds all of them; a sum is multiplied by a scale of 16 bits, and where vectors
have scales of their own, so are their sums. Products without weights, as in attention,
and all else are in bfloat16, at as many products in a cycle as those of integers
(assumed). Inputs are written and read with their scales, sums are written once in 16
bits, as in the ideal engines. Energies are those of this project's model at 45 nm: they
are not the figures that the papers report, which have another chip, network and
baseline.
"""

import dataclasses
import math

import numpy as np

from ..energy import (
    add_energy,
    BitWork,
    Constant,
    DIGITAL_NODE,
    LayerBits,
    MEMORIES,
    Memory,
    multiply_energy,
    Node,
    operation_energy,
    OPERATIONS,
    OVERHEADS,
    regulate,
    SHARED,
    Value,
    Values,
    WIDTHS,
    Work,
)
from ..formats import MicroscalingFormat, Operation
from ..scores import QuantisedScore
from ._base import AbstractIdealMachine, AbstractMachine, named
from ._channel_cycles import detector_operations, Zeros
from ._sq_dm import HIGH_BITS, is_low, LOW_BITS
from ._step_wise import StepWiseScore, TABLE_BITS


WORD, SCALE = 16, 16  # bits of other numbers, and of a scale


BIT_ENGINES: dict[str, Constant] = named(
    "bits",
    clock=Constant(50e6, 500e6, 1e9, "Hz", "assumed: as the ideal engines"),
)


@dataclasses.dataclass(frozen=True)
class BitEngine(AbstractIdealMachine):
    """Multipliers of integers with their memories.

    Args:
        name: Name of the machine.
        what: Description of the machine.
        bit_work: Products, bits and tables of a sample.
        cycles: Cycles of a sample, of all evaluations, for products with weights.
        node: Technology of the chip.
    """

    name: str
    what: str
    bit_work: BitWork
    cycles: float
    node: Node = DIGITAL_NODE

    @property
    def constants(self) -> dict[str, Constant]:
        """Its clock, and the energies of operations and memories."""
        shared = {"random.normal": SHARED["random.normal"]}
        return {**BIT_ENGINES, **shared, **OPERATIONS, **MEMORIES, **OVERHEADS} | WIDTHS

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Cycles over the clock, or the weights from DRAM where that takes longer."""
        del batch
        return self._seconds(work, values)

    def _seconds(self, work: Work, values: Values) -> Value:
        stored = self._memories(work, 1)["weights"]
        bits = self.bit_work.stored_bits * self.bit_work.evaluations
        streaming = np.where(
            stored.is_on_chip(values), 0.0, bits / values["dram.bandwidth"]
        )
        cycles = self.cycles * work.macs / (work.macs - work.free_macs)
        return np.maximum(cycles / values["bits.clock"], streaming)

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Products, scaling, detector, other arithmetic, words, and what is static.

        `work` is that of the sampler: its products, weights and activations are those
        of the integers here, all else is as it is.
        """
        own, factor, held = (
            self.bit_work,
            self.node.scaling.factor,
            self._memories(work, batch),
        )
        per_bit = {name: memory.per_bit(values) for name, memory in held.items()}
        add, mult = values["bf16.add"], values["bf16.mult"]
        counted = sum(n * add_energy(bits, values) for bits, n in own.counted)
        arithmetic = {
            "products": own.evaluations * sum(map(_products(values), own.layers)),
            "products without weights": work.free_macs * (add + mult),
            "scaling": own.evaluations * sum(map(_scaling(values), own.layers)),
            "detector": own.evaluations * counted,
            "other arithmetic": work.adds * add + work.mults * mult,
        }
        arithmetic = {what: factor * joules for what, joules in arithmetic.items()}
        moved = sum(2 * one.kept_bits + WORD * one.size.sums for one in own.layers)
        logic = self.node.leakage("logic", values) * sum(arithmetic.values())
        standby = sum(memory.standby(values) for memory in held.values())
        read = own.evaluations * own.row_bits + WORD * work.table_words
        parts = {
            **arithmetic,
            "weights": own.evaluations * own.stored_bits * per_bit["weights"],
            "tables": read * per_bit["tables"],
            "activations": own.evaluations * moved * per_bit["activations"],
            "random numbers": factor * values["random.normal"] * work.normals,
            "leakage": standby * self._seconds(work, values) + logic,
            "loading": own.stored_bits * values["dram"] / work.samples_per_loading,
        }
        return regulate(parts, values)

    def _memories(self, work: Work, samples: int) -> dict[str, Memory]:
        """The memories of weights, tables and activations of `samples`."""
        tables = self.bit_work.table_bits + WORD * work.stored_table_words
        return {
            "weights": Memory(self.bit_work.stored_bits, self.node),
            "tables": Memory(tables, self.node),
            "activations": Memory(self.bit_work.live_bits * samples, self.node),
        }


def _products(values: Values):
    def joules(layer: LayerBits) -> Value:
        both = layer.weight_bits, layer.input_bits
        each = multiply_energy(both, values) + add_energy(layer.sum_bits, values)
        return layer.products * each

    return joules


def _scaling(values: Values):
    return lambda layer: sum(operation_energy(one, values) for one in layer.scaling)


@dataclasses.dataclass(frozen=True)
class Fpga(AbstractMachine):
    r"""A processor of so many multipliers, whose power the user measured.

    $$T = \frac{\text{products}}{N \eta f} + \frac{\text{bits}}{\text{bandwidth}},
      \qquad E = P T$$

    Nothing of it is assumed here: Diff-Acc's clock, power and number of multipliers are
    not public.

    Args:
        name: Name of the machine.
        what: Description of the machine.
        multipliers: N.
        efficiency: $\eta$, the fraction of them that works in a cycle.
        clock: f, in hertz.
        power: P, in watts.
        io_bits: Bits of a sample that cross the chip's edge.
        bandwidth: In bits per second.

    Raises:
        ValueError: If a number is not positive, or the efficiency above 1.
    """

    name: str
    what: str
    multipliers: int
    efficiency: float
    clock: float
    power: float
    io_bits: float
    bandwidth: float

    def __post_init__(self):
        own = ("multipliers", "efficiency", "clock", "power", "io_bits", "bandwidth")
        for name in own:
            if not getattr(self, name) > 0:
                raise ValueError(
                    f"`{name}` of an FPGA must be positive; got {getattr(self, name)}: "
                    "give what you measured."
                )
        if self.efficiency > 1:
            raise ValueError(
                f"`efficiency` of an FPGA is at most 1; got {self.efficiency:g}."
            )

    @property
    def constants(self) -> dict[str, Constant]:
        """None: all its numbers are the user's."""
        return {}

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """T."""
        del batch, values
        return self._seconds(work)

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """`None`: a meter's power counts everything."""
        del work, batch, values
        return None

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """P T."""
        del batch, values
        return self.power * self._seconds(work)

    def _seconds(self, work: Work) -> float:
        rate = self.multipliers * self.efficiency * self.clock
        return work.macs / rate + self.io_bits / self.bandwidth


def step_wise_work(score: StepWiseScore, evaluations: int) -> BitWork:
    """What a step-wise score does in so many evaluations (not under `jit`)."""
    weight_bits, sizes = int(score.weight_bits), score.score.sizes()
    layers = []
    for number, (layer, size) in enumerate(zip(score.score.layers, sizes, strict=True)):
        stored = weight_bits * layer.weights.size + SCALE * layer.weights.shape[1]
        bits = int(score.bits_of(number))
        terms = max(-(-size.products // size.sums), 2)
        wide = weight_bits + bits + math.ceil(math.log2(terms))
        scaling = (Operation("multiply", (wide, SCALE), size.sums),)
        kept = size.inputs * bits
        layers.append(LayerBits(size, weight_bits, bits, wide, stored, kept, scaling))
    row = TABLE_BITS * (len(layers) - 1)
    return BitWork(tuple(layers), evaluations, score.table_bits, row)


def sq_dm_work(
    score: QuantisedScore, zeros: dict[int, Zeros], evaluations: int
) -> BitWork:
    """What SQ-DM does in so many evaluations (not under `jit`).

    Args:
        score: The network in its formats.
        zeros: Fraction of zeros of each channel that is skipped: of those that were
            sparse by their labels, 0 of others.
        evaluations: Number of evaluations.
    """
    layers, net = [], score.score
    own = zip(net.layers, net.sizes(), net.shapes(), strict=True)
    for number, (layer, size, shape) in enumerate(own):
        form, other = score.weights[number], score.inputs[number]
        _, inner, *others = form.counts(layer.weights.shape[0], other)
        bits = LOW_BITS if is_low(form) else HIGH_BITS
        assert is_low(form) or isinstance(form, MicroscalingFormat)
        skipped = float(zeros[number].mean()) if number in zeros else 0.0
        stored = form.stored_bits(*layer.weights.shape)
        kept = other.stored_bits(shape[0], math.prod(shape[1:]))
        scaling = [one._replace(number=size.sums * one.number) for one in others]
        last = Operation("multiply", (others[-1].bits[0], SCALE), size.sums)
        layers.append(
            LayerBits(
                size,
                bits,
                bits,
                inner.bits[0],
                stored,
                kept,
                (*scaling, last),
                skipped,
            )
        )
    detector = tuple((o.bits[0], o.number) for o in detector_operations(score))
    return BitWork(tuple(layers), evaluations, counted=detector if zeros else ())
