"""Operations and words of a sampler that computes with differences between steps."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from ..scores import LayerSize


@dataclasses.dataclass(frozen=True)
class LayerDifferences:
    """Differences at the inputs of a layer.

    Args:
        rows: Number of inputs.
        cols: Number of sums.
        products: Number of products of one evaluation in full precision; each input
            has an equal part of them.
        weights: Number of weights; with fewer than products, each serves all places.
        full: Number of evaluations per sample in full precision.
        kinds: Each combination that occurred of the numbers of zero, integer and
            floating-point differences in one evaluation.
        evaluations: Number of evaluations per sample with each combination.
    """

    rows: int
    cols: int
    products: int
    weights: int
    full: float
    kinds: Int[np.ndarray, "combinations 3"]
    evaluations: Float[np.ndarray, " combinations"]

    @property
    def inputs(self) -> Float[np.ndarray, " 3"]:
        """Number of differences per sample that are zero, integer, floating point."""
        return self.evaluations @ self.kinds

    @property
    def macs(self) -> Float[np.ndarray, " 4"]:
        """Products per sample: zero, integer, floating point, in full precision."""
        each = self.products / self.rows
        return each * np.append(self.inputs, self.full * self.rows)

    @property
    def terms(self) -> int:
        """Number of products that a sum adds up."""
        return -(-self.products // self.cols)

    @property
    def steps(self) -> float:
        """Number of evaluations per sample with differences."""
        return float(np.sum(self.evaluations))

    def weight_words(self, *, skips_zeros: bool) -> float:
        """Weights that are read per sample.

        A weight that serves one place alone is left out where its difference is zero;
        one that serves all places of a picture, or all tokens, is read once in each
        evaluation.
        """
        all_words = self.weights * (self.steps + self.full)
        is_own = skips_zeros and self.weights == self.products
        return all_words - (float(self.macs[0]) if is_own else 0.0)

    @property
    def reference_words(self) -> float:
        """Words of references that are read and written per sample.

        An evaluation in full precision writes alone.
        """
        return self.rows * (self.full + 2 * self.steps)

    @property
    def sum_words(self) -> float:
        """Words of sums that are read and written per sample."""
        return self.cols * (self.full + 2 * self.steps)


@dataclasses.dataclass(frozen=True)
class DifferenceWork:
    """What differences add to the `Work` of a sampler, and which products they take.

    Make one by `count_differences`.

    Args:
        layers: The layers.
    """

    layers: tuple[LayerDifferences, ...]

    @property
    def macs(self) -> Float[np.ndarray, " 4"]:
        """Products per sample: zero, integer, floating point, in full precision."""
        return np.sum([layer.macs for layer in self.layers], axis=0)

    @property
    def inputs(self) -> Float[np.ndarray, " 3"]:
        """Number of differences per sample that are zero, integer, floating point."""
        return np.sum([layer.inputs for layer in self.layers], axis=0)

    @property
    def updated(self) -> float:
        """Number of sums per sample that differences are added to."""
        return sum(layer.steps * layer.cols for layer in self.layers)

    def weight_words(self, *, skips_zeros: bool) -> float:
        """Weights that are read per sample."""
        return sum(one.weight_words(skips_zeros=skips_zeros) for one in self.layers)

    @property
    def held_words(self) -> tuple[int, int]:
        """Words of references and of sums that one sample holds."""
        rows = sum(layer.rows for layer in self.layers)
        return rows, sum(layer.cols for layer in self.layers)

    @property
    def moved_words(self) -> tuple[float, float]:
        """Words of references and of sums that are read and written per sample."""
        references = sum(layer.reference_words for layer in self.layers)
        return references, sum(layer.sum_words for layer in self.layers)


def count_differences(
    sizes: tuple[LayerSize, ...],
    counts: Int[np.ndarray, "steps layers 3 samples"],
    is_full: Bool[np.ndarray, " steps"],
) -> DifferenceWork:
    """The work of a run.

    Args:
        sizes: Numbers of inputs, sums and products of each layer.
        counts: Numbers of zero, integer and floating-point differences.
        is_full: Whether a step was in full precision, its counts left out.

    Raises:
        ValueError: If the counts of a layer do not add up to its rows.
    """
    samples, layers = counts.shape[-1], []
    for number, (rows, cols, products, weights) in enumerate(sizes):
        own = counts[:, number]
        if (totals := own.sum(axis=1) != rows).any():
            raise ValueError(
                f"the differences of layer {number} must add up to its {rows} inputs; "
                f"{int(totals.sum())} evaluations do not: count a run of this network."
            )
        zero, integer = np.moveaxis(own[~is_full], 1, 0)[:2]
        # One number for both; the rest of the rows is in floating point.
        both, times = np.unique(zero * (rows + 1) + integer, return_counts=True)
        zero, integer = np.divmod(both, rows + 1)
        kinds = np.stack([zero, integer, rows - zero - integer], axis=-1)
        full = float(is_full.sum())
        layers.append(
            LayerDifferences(
                rows, cols, products, weights, full, kinds, times / samples
            )
        )
    return DifferenceWork(tuple(layers))
