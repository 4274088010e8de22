"""Operations and words of a sampler with any network of layers, and their bits."""

import dataclasses
import math

from ..samplers import AbstractDigitalSampler, Ancestral, EulerMaruyama
from ..scores import AbstractLayeredScore, LayerSize
from ._work import UPDATES, Work


# Behind a normalisation and an activation, for each value: assumed.
VALUE_MULTS, VALUE_ADDS = 2, 3


@dataclasses.dataclass(frozen=True)
class LayerBits:
    """One evaluation of a layer with integers, for one sample.

    Args:
        size: Number of inputs, sums and products.
        weight_bits: Bits of a weight.
        input_bits: Bits of an input.
        stored_bits: Bits of all its weights in memory, their scales included.
        skipped: Fraction of the products that zeros save.
    """

    size: LayerSize
    weight_bits: int
    input_bits: int
    stored_bits: int
    skipped: float = 0.0

    @property
    def products(self) -> float:
        """Number of products that are made."""
        return (1 - self.skipped) * self.size.products

    @property
    def sum_bits(self) -> int:
        """Bits of a sum of all products of one column."""
        terms = max(-(-self.size.products // self.size.sums), 2)
        return self.weight_bits + self.input_bits + math.ceil(math.log2(terms))


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
        return 2 * max(layer.size.inputs * layer.input_bits for layer in self.layers)


def layered_work(
    sampler: AbstractDigitalSampler, num_steps: int, score: AbstractLayeredScore
) -> Work:
    """Work of one sample in `num_steps` steps (not under `jit`).

    Each value that a layer takes was normalised and went through an activation; the
    embeddings of noise and class are in a table. `sampler_work` counts a perceptron
    exactly.

    Args:
        sampler: The method.
        num_steps: Number of steps.
        score: The network.
    """
    sizes, times = score.sizes(), sampler.num_evaluations(num_steps)
    inputs = sum(size.inputs for size in sizes)
    sums = sum(size.sums for size in sizes)
    columns = sum(layer.weights.shape[1] for layer in score.layers)
    weights = sum(layer.weights.size for layer in score.layers)
    mults, adds = UPDATES[type(sampler)]
    is_noisy = isinstance(sampler, Ancestral | EulerMaruyama)
    return Work(
        macs=times * sum(size.products for size in sizes),
        adds=times * (sums + VALUE_ADDS * inputs) + num_steps * adds * score.dim,
        mults=times * VALUE_MULTS * inputs + num_steps * mults * score.dim,
        weight_words=times * weights,
        table_words=times * 2 * columns + 3 * num_steps,
        activation_words=times * (inputs + sums) + 2 * num_steps * score.dim,
        launches=times * 2 * len(sizes) + num_steps,
        normals=num_steps * score.dim if is_noisy else 0,
        stored_words=weights + columns,
        stored_table_words=(1 + times) * columns + 3 * num_steps,
        live_words=score.dim + max(size.inputs + size.sums for size in sizes),
        widest=max(layer.weights.shape[1] for layer in score.layers),
    )
