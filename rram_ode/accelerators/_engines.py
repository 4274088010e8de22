"""Ideal digital engines: at 45 nm with the energies of Horowitz, and INT8 at 180 nm.

Each engine has multipliers, memories by capacity, leakage and regulators; it has no
controller. Two kinds of memory for the weights stand side by side: one memory that
holds all of them, and banks of 8 KB beside the multipliers ("weight-stationary"), from
which a weight travels no further, but to which activations and sums must travel.
"""

import dataclasses

import numpy as np

from ..energy import (
    ANALOG_NODE,
    Constant,
    DIGITAL_NODE,
    FORMATS,
    KILOBYTE,
    MEMORIES,
    Memory,
    Node,
    OPERATIONS,
    OVERHEADS,
    regulate,
    SHARED,
    Value,
    Values,
    Work,
)
from ._base import AbstractIdealMachine, named


BANK = 8 * KILOBYTE


SUM_BITS = 32  # of a partial sum on its way to the next bank


@dataclasses.dataclass(frozen=True)
class Engine(AbstractIdealMachine):
    """An array of multipliers with its memories: no controller.

    Args:
        name: Name of the machine in tables and in `--machines`.
        what: Description of the machine.
        number_format: Format of weights, activations and sums.
        node: Technology of the chip.
        is_stationary: Whether weights lie in banks beside the multipliers, as far as
            they fit on the chip.
        constants: `columns` and `clock`, and the energies of operations and memories.
    """

    name: str
    what: str
    number_format: str
    node: Node
    is_stationary: bool
    constants: dict[str, Constant]

    def memories(self, work: Work, samples: int = 1) -> dict[str, Memory]:
        """The memories that hold weights, tables, and activations of `samples`."""
        bits = FORMATS[self.number_format]
        return {
            "weights": Memory(bits * work.stored_words, self.node),
            "tables": Memory(bits * work.stored_table_words, self.node),
            "activations": Memory(bits * work.live_words * samples, self.node),
        }

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Products over their rate, or the weights from DRAM where that takes longer.

        The layer with most columns sets the number of multipliers. A memory on the chip
        works behind them and costs no time.
        """
        return self._seconds(work, self._tile(work, batch, values), values)

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Products, other arithmetic, words from their memories, and what is static.

        At batch 1 each evaluation reads all weights. In a larger batch a weight is read
        once for a tile of samples, whose activations the engine must hold meanwhile;
        the tile is the one that costs least.
        """
        return self._parts(work, self._tile(work, batch, values), values)

    def _parts(self, work: Work, tile: int, values: Values) -> dict[str, Value]:
        """Energy of a sample by part, in joules, where `tile` samples share weights."""
        form, factor = self.number_format, self.node.scaling.factor
        add, mult = (factor * values[f"{form}.{what}"] for what in ("add", "mult"))
        arithmetic = {
            "products": work.macs * (add + mult),
            "other arithmetic": work.adds * add + work.mults * mult,
        }
        held = self.memories(work, tile).values()
        standby = sum(memory.standby(values) for memory in held)
        logic = self.node.leakage("logic", values) * sum(arithmetic.values())
        loading = FORMATS[form] * work.stored_words * values["dram"]
        parts = {
            **arithmetic,
            **self._words(work, tile, values),
            "random numbers": factor * values["random.normal"] * work.normals,
            "leakage": standby * self._seconds(work, tile, values) + logic,
            "loading": loading / work.samples_per_loading,
        }
        return regulate(parts, values)

    def _words(self, work: Work, tile: int, values: Values) -> dict[str, Value]:
        """Energy of the words of a sample by part, in joules."""
        bits, held = FORMATS[self.number_format], self.memories(work, tile)
        weights, live = held["weights"].per_bit(values), held["activations"]
        parts = {}
        if self.is_stationary and held["weights"].capacity > BANK:
            bank = Memory(BANK, self.node).per_bit(values)
            inside = held["weights"].is_on_chip(values)
            across = np.where(inside, weights - bank, 0.0)
            weights = np.where(inside, bank, weights)
            # Half of the words is read and goes in, the other half comes out as sums.
            moved = work.activation_words / 2 * (bits + SUM_BITS)
            parts = {"activations across the array": moved * across}
        return {
            "weights": bits * work.weight_words * weights / tile,
            "tables": bits * work.table_words * held["tables"].per_bit(values) / tile,
            "activations": bits * work.activation_words * live.per_bit(values),
            **parts,
        }

    def _seconds(self, work: Work, tile: int, values: Values) -> Value:
        """Seconds per sample where `tile` samples share weights."""
        multipliers = values[f"{self.name}.columns"] * work.widest
        rate = np.maximum(multipliers, 1.0) * values[f"{self.name}.clock"]
        inside = self.memories(work)["weights"].is_on_chip(values)
        bits = FORMATS[self.number_format] * work.weight_words / tile
        streaming = np.where(inside, 0.0, bits / values["dram.bandwidth"])
        return np.maximum((work.macs + work.adds + work.mults) / rate, streaming)

    def _tile(self, work: Work, batch: int, values: Values) -> int:
        """Number of samples that share a weight: a power of 2, or the whole batch."""
        sizes = [2**k for k in range(batch.bit_length()) if 2**k < batch] + [batch]
        cost = lambda size: float(
            np.mean(sum(self._parts(work, size, values).values()))
        )
        return sizes[0] if batch == 1 else min(sizes, key=cost)


def ideal_engine(name: str) -> "Engine":
    """The engine `name` of `ENGINES`."""
    return next(each for each in ENGINES if each.name == name)


def _engine(
    name: str,
    number_format: str,
    what: str,
    node: Node = DIGITAL_NODE,
    *,
    is_stationary: bool = False,
) -> Engine:
    own = named(
        name,
        columns=Constant(
            1 / 14,
            1.0,
            18.0,
            "1",
            "assumed: multipliers over columns of the widest layer; low end one in all "
            "for the paper's network, high end one for each of its weights",
        ),
        clock=Constant(50e6, 500e6, 1e9, "Hz", "assumed: synthesised logic at 45 nm"),
    )
    energies = {n: c for n, c in OPERATIONS.items() if not n.startswith("dram.")}
    shared = {"random.normal": SHARED["random.normal"]}
    constants = own | shared | energies | MEMORIES | OVERHEADS
    return Engine(name, what, number_format, node, is_stationary, constants)


_OLD = f"180 nm, 1.8 V ({ANALOG_NODE.scaling.note})"


_BANKS = "weights in banks of 8 KB beside the multipliers"


ENGINES = (
    _engine("engine-fp32", "fp32", "ideal 45 nm engine, FP32"),
    _engine("engine-fp16", "fp16", "ideal 45 nm engine, FP16"),
    _engine("engine-bf16", "bf16", "ideal 45 nm engine, BF16"),
    _engine("engine-int8", "int8", "ideal 45 nm engine, INT8"),
    _engine(
        "engine-int8-stationary",
        "int8",
        f"ideal 45 nm engine, INT8, {_BANKS}",
        is_stationary=True,
    ),
    _engine("engine-int8-180nm", "int8", f"ideal INT8 engine at {_OLD}", ANALOG_NODE),
    _engine(
        "engine-int8-stationary-180nm",
        "int8",
        f"ideal INT8 engine at {_OLD}, {_BANKS}",
        ANALOG_NODE,
        is_stationary=True,
    ),
)
