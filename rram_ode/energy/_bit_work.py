"""Products of a sampler in integers, with bits of their own in each layer."""

import dataclasses

from ..formats import Operation
from ..scores import LayerSize


@dataclasses.dataclass(frozen=True)
class LayerBits:
    """One evaluation of a layer with integers, for one sample.

    Args:
        size: Number of inputs, sums and products.
        weight_bits: Bits of a weight.
        input_bits: Bits of an input.
        sum_bits: Bits of the sum that a product is added to.
        stored_bits: Bits of all its weights in memory, their scales included.
        kept_bits: Bits of all its inputs in memory, their scales included.
        scaling: Operations that turn integer sums into numbers.
        skipped: Fraction of the products that zeros save.
    """

    size: LayerSize
    weight_bits: int
    input_bits: int
    sum_bits: int
    stored_bits: int
    kept_bits: int
    scaling: tuple[Operation, ...]
    skipped: float = 0.0

    @property
    def products(self) -> float:
        """Number of products that are made."""
        return (1 - self.skipped) * self.size.products


@dataclasses.dataclass(frozen=True)
class BitWork:
    """What a sampler does in integers, for one sample.

    Args:
        layers: One evaluation of each layer.
        evaluations: Number of evaluations.
        table_bits: Bits of a table of ranges in memory.
        row_bits: Bits of it that an evaluation reads.
        counted: Bits and number of the additions of a detector of zeros in one
            evaluation.
    """

    layers: tuple[LayerBits, ...]
    evaluations: int
    table_bits: int = 0
    row_bits: int = 0
    counted: tuple[tuple[int, int], ...] = ()

    @property
    def stored_bits(self) -> int:
        """Bits of all weights in memory."""
        return sum(layer.stored_bits for layer in self.layers)

    @property
    def live_bits(self) -> int:
        """Bits of the largest input of a layer, twice: one is read, one is written."""
        return 2 * max(layer.kept_bits for layer in self.layers)
