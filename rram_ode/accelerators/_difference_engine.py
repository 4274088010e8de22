r"""An engine with a dense core for integer differences and a sparse one beside it.

A model of the kind of chip in Guo et al., ISSCC 2024, 20.2, whose circuits are not
public: energies are those of `Engine` in bfloat16, by the counts of a run. An integer
difference costs a product of its bits with a weight's aligned significand, and an
addition to the column's sum. Each difference costs a subtraction, a comparison with the
threshold, a scaling and the update of its reference; each column a scaling of its
integer sum and an addition to the sum that is kept. References and sums are kept
in single precision by default: narrower references walk off without refreshing.

Cycles of a layer with differences are the larger of both cores', which run side by side
(all products of an input are made at a time, and other arithmetic is hidden behind
them: assumed):

$$\max\left(\left\lceil \frac{n_d}{l_d} \right\rceil \left\lceil \frac{B}{s}
  \right\rceil, \left\lceil \frac{n_s}{l_s} \right\rceil \left(\left\lceil \frac{8}{s}
  \right\rceil + a\right)\right)$$

with n inputs and l lanes of the dense and the sparse core, s bits of an input in a
cycle (1 is bit-serial), 8 bits of a significand, and a cycles in which exponents are
aligned. In full precision all inputs go through the dense core with significands.
"""

import dataclasses
import math

import numpy as np

from ..energy import (
    add_energy,
    Constant,
    DifferenceWork,
    DIGITAL_NODE,
    MEMORIES,
    Memory,
    multiply_energy,
    Node,
    OPERATIONS,
    OVERHEADS,
    regulate,
    SHARED,
    Value,
    Values,
    WIDTHS,
    Work,
)
from ._base import AbstractIdealMachine, named


WORD = 16  # bits of a number


SIGNIFICAND = 8  # bits of a bfloat16, its leading one included


CORES: dict[str, Constant] = named(
    "difference",
    aligned=Constant(
        8.0,
        12.0,
        16.0,
        "bit",
        "assumed: significand of a weight, aligned to the largest of its column when "
        "it is stored",
    ),
    serial=Constant(1.0, 2.0, 4.0, "bit", "assumed: bits of an input in a cycle"),
    alignment=Constant(1.0, 2.0, 4.0, "1", "assumed: cycles to align exponents"),
    dense=Constant(8.0, 16.0, 64.0, "1", "assumed: inputs at a time, dense core"),
    sparse=Constant(1.0, 4.0, 16.0, "1", "assumed: inputs at a time, sparse core"),
    clock=Constant(50e6, 500e6, 1e9, "Hz", "assumed: as the ideal engines"),
)


@dataclasses.dataclass(frozen=True)
class DifferenceEngine(AbstractIdealMachine):
    """An array of multipliers with its memories, whose work a run has counted.

    Args:
        name: Name of the machine.
        what: Description of the machine.
        bits: Bits of an integer difference.
        differences: Counts of a run.
        skips_zeros: Whether a difference that is zero costs a comparison alone, in
            place of its products: the row `ditto`, else the row `guo`.
        reference_bits: Bits of an input that is kept.
        sum_bits: Bits of a sum that is kept.
        node: Technology of the chip.
    """

    name: str
    what: str
    bits: int
    differences: DifferenceWork
    skips_zeros: bool
    reference_bits: int = 32
    sum_bits: int = 32
    node: Node = DIGITAL_NODE

    @property
    def constants(self) -> dict[str, Constant]:
        """The assumptions of its cores, and the energies of operations and memories."""
        shared = {"random.normal": SHARED["random.normal"]}
        return {**CORES, **shared, **OPERATIONS, **MEMORIES, **OVERHEADS, **WIDTHS}

    def cycles(self, values: Values) -> Value:
        """Cycles per sample."""
        of = lambda key: np.asarray(values[f"difference.{key}"])
        chunks = lambda bits: np.ceil(bits / of("serial"))
        aligned = chunks(SIGNIFICAND) + of("alignment")
        total = np.zeros(())
        for layer in self.differences.layers:
            zero, integer, floating = layer.kinds.T
            dense = integer if self.skips_zeros else zero + integer
            # Combinations on the first axis, draws of the constants on the last.
            groups = lambda inputs, lanes: np.ceil(np.divide.outer(inputs, of(lanes)))
            longer = np.maximum(
                groups(dense, "dense") * chunks(self.bits),
                groups(floating, "sparse") * aligned,
            )
            total = total + layer.evaluations @ longer
            total = total + layer.full * np.ceil(layer.rows / of("dense")) * aligned
        return float(total) if total.ndim == 0 else total

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Cycles over the clock, or the weights from DRAM where that takes longer."""
        del batch
        return self._seconds(work, values)

    def _seconds(self, work: Work, values: Values) -> Value:
        """As `seconds`."""
        stored = self._memories(work, 1)["weights"]
        bits = WORD * self._reads
        streaming = np.where(
            stored.is_on_chip(values), 0.0, bits / values["dram.bandwidth"]
        )
        cycles = self.cycles(values) + self._attention_cycles(work, values)
        return np.maximum(cycles / values["difference.clock"], streaming)

    def _attention_cycles(self, work: Work, values: Values) -> Value:
        """Cycles of products without weights, a widest layer's columns at a time."""
        if not work.free_macs:
            return 0.0
        of = lambda key: np.asarray(values[f"difference.{key}"])
        inputs = work.free_macs / work.widest
        each = np.ceil(SIGNIFICAND / of("serial")) + of("alignment")
        return np.ceil(inputs / of("dense")) * each

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Products of each kind, other arithmetic, words, state, and what is static.

        `work` is that of the plain sampler: its products and weights are those of the
        differences here, all else is as it is, attention too. A weight that serves all
        windows of a picture is read once in each evaluation, whatever is zero; one of a
        dense layer is left out with its difference. No weight is shared by samples of a
        batch, since each has large differences of its own.
        """
        factor, held = self.node.scaling.factor, self._memories(work, batch)
        per_bit = {name: memory.per_bit(values) for name, memory in held.items()}
        add, mult = values["bf16.add"], values["bf16.mult"]
        zero, integer, floating, full = self.differences.macs
        arithmetic = {
            "products": (floating + full + work.free_macs) * (add + mult),
            "integer products": self._integer_products(values),
            "differences": self._overhead(values),
            "other arithmetic": work.adds * add + work.mults * mult,
        }
        arithmetic = {what: factor * joules for what, joules in arithmetic.items()}
        references, sums = self.differences.moved_words
        moved = self.reference_bits * references + self.sum_bits * sums
        logic = self.node.leakage("logic", values) * sum(arithmetic.values())
        standby = sum(memory.standby(values) for memory in held.values())
        loading = WORD * work.stored_words * values["dram"]
        parts = {
            **arithmetic,
            "weights": WORD * self._reads * per_bit["weights"],
            "tables": WORD * work.table_words * per_bit["tables"],
            "activations": WORD * work.activation_words * per_bit["activations"],
            "state": moved * per_bit["state"],
            "random numbers": factor * values["random.normal"] * work.normals,
            "leakage": standby * self._seconds(work, values) + logic,
            "loading": loading / work.samples_per_loading,
        }
        return regulate(parts, values)

    @property
    def _reads(self) -> float:
        """Weights per sample that are read."""
        return self.differences.weight_words(skips_zeros=self.skips_zeros)

    def _integer_products(self, values: Values) -> Value:
        """Energy of the products of integers, and of finding zeros, in joules."""
        both = self.bits, values["difference.aligned"]
        total: Value = 0.0
        for layer in self.differences.layers:
            zero, integer, _, _ = layer.macs
            computed = integer if self.skips_zeros else zero + integer
            width = sum(both) + math.ceil(math.log2(max(layer.terms, 2)))
            each = multiply_energy(both, values) + add_energy(width, values)
            total = total + computed * each
        if self.skips_zeros:
            found = float(sum(self.differences.inputs))
            total = total + found * add_energy(self.bits, values)
        return total

    def _overhead(self, values: Values) -> Value:
        """Energy of making differences and of adding their sums, in joules."""
        made = float(sum(self.differences.inputs))
        make = 3 * values["bf16.add"] + values["bf16.mult"]
        keep = values["fp32.add"] + values["fp32.mult"]
        return made * make + self.differences.updated * keep

    def _memories(self, work: Work, samples: int) -> dict[str, Memory]:
        """The memories of weights, tables, activations and state of `samples`."""
        references, sums = self.differences.held_words
        state = self.reference_bits * references + self.sum_bits * sums
        return {
            "weights": Memory(WORD * work.stored_words, self.node),
            "tables": Memory(WORD * work.stored_table_words, self.node),
            "activations": Memory(WORD * work.live_words * samples, self.node),
            "state": Memory(state * samples, self.node),
        }
