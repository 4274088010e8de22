r"""Sparse and dense channels on two engines, with labels that follow the steps (SQ-DM).

A channel whose zero codes are more than a threshold of all is sparse: an engine that
skips zeros takes it, and another one takes the dense channels beside it. With n
products of a channel, the fraction z of its zeros, and P products at a time,

$$\mathrm{cycles} = \max\left(\left\lceil \frac{\sum_\mathrm{dense} n_c}{P_d}
  \right\rceil, \left\lceil \frac{\sum_\mathrm{sparse} (1 - z_c) n_c}{P_s}
  \right\rceil\right)$$

for each layer and step. A detector counts zeros while a layer's input is written, so
that its labels come one step late and cost no cycle. It is compared with one engine of
$P_d + P_s$ products at a time that takes all channels. Engines: Fan et al., DAC 2025,
arXiv 2501.15448; their lanes are not public, equal ones are assumed.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

from ..formats import Operation
from ..scores import LayerSize, QuantisedScore
from ._sq_dm import is_low, LOW_BITS


THRESHOLD = 0.30  # of the paper


Zeros = Float[np.ndarray, "steps channels batches"]


Labels = Bool[np.ndarray, "steps channels batches"]


Rule = Callable[[Labels], Labels]


def lagged(tags: Labels) -> Labels:
    """The labels of the step before; in the first step all channels are dense."""
    return np.concatenate([np.zeros_like(tags[:1]), tags[:-1]])


def held(tags: Labels) -> Labels:
    """The labels of the first step for all later ones."""
    return lagged(np.broadcast_to(tags[:1], tags.shape))


def foreseen(tags: Labels) -> Labels:
    """The labels of the step itself, which no detector has in time."""
    return tags


@dataclasses.dataclass(frozen=True)
class ChannelEngines:
    """An engine for dense channels and one for sparse channels.

    Args:
        dense: Products at a time of the dense one.
        sparse: Products at a time of the sparse one.
        threshold: Fraction of zeros above which a channel is sparse.

    Raises:
        ValueError: If a number of lanes is below 1, or the threshold no fraction.
    """

    dense: int = 64
    sparse: int = 64
    threshold: float = THRESHOLD

    def __post_init__(self):
        if min(self.dense, self.sparse) < 1 or not 0 <= self.threshold <= 1:
            raise ValueError(
                "engines need at least one product at a time each, and a threshold from"
                f" 0 to 1; got {self.dense}, {self.sparse} and {self.threshold:g}."
            )

    def cycles(
        self, zeros: Zeros, products: int, rule: Rule = lagged
    ) -> Float[np.ndarray, "steps batches"]:
        """Cycles of a layer in each step, per sample.

        Args:
            zeros: Fraction of zeros of each channel.
            products: Products of the layer, of which each channel has an equal part.
            rule: Which labels a step has.
        """
        each = products / zeros.shape[1]
        is_sparse = rule(zeros > self.threshold)
        kept = 1 - self.skipped(zeros, rule)
        dense = each * np.sum(~is_sparse, axis=1)
        sparse = each * np.sum(np.where(is_sparse, kept, 0.0), axis=1)
        # Fractions of whole numbers of zeros: a last bit must not make a cycle.
        whole = lambda cycles: np.ceil(np.round(cycles, 6))
        return np.maximum(whole(dense / self.dense), whole(sparse / self.sparse))

    def skipped(self, zeros: Zeros, rule: Rule = lagged) -> Zeros:
        """The zeros of channels that are sparse by their labels."""
        return np.where(rule(zeros > self.threshold), zeros, 0.0)

    def undivided(self, products: int) -> int:
        """Cycles of one engine with the lanes of both, which skips nothing."""
        return -(-products // (self.dense + self.sparse))


def bursts(shape: tuple[int, ...], order: tuple[int, ...], axis: int) -> int:
    """Number of runs of neighbouring addresses that one channel takes.

    Args:
        shape: Sizes of a tensor in memory.
        order: Its axes, the one whose neighbours have neighbouring addresses first.
        axis: The axis of channels. Where it is the last in `order`, a channel is one
            run: the mapping of SQ-DM.
    """
    slow_first = tuple(reversed(order))
    sizes = [shape[a] for a in slow_first]
    addresses = np.arange(np.prod(sizes)).reshape(sizes)
    own = np.sort(np.take(addresses, 0, axis=slow_first.index(axis)).ravel())
    return 1 + int(np.sum(np.diff(own) > 1))


def detector_operations(score: QuantisedScore) -> tuple[Operation, ...]:
    """What finds the labels in one evaluation of a sample (not under `jit`).

    Each code is compared with zero and added to its channel's counter, and each counter
    is compared with the threshold once.
    """
    found = []
    for form, shape in zip(score.inputs, score.score.shapes(), strict=True):
        if is_low(form):
            channels, *places = shape
            codes = channels * int(np.prod(places))
            counter = max(int(np.prod(places)).bit_length(), 1)
            found += [
                Operation("add", (LOW_BITS,), codes),
                Operation("add", (counter,), codes),
                Operation("add", (counter,), channels),
            ]
    return tuple(found)


def skipped_zeros(
    zeros: dict[int, Zeros], engines: ChannelEngines, rule: Rule = lagged
) -> dict[int, Zeros]:
    """The fraction of each channel that is skipped: 0 while its label is dense.

    Args:
        zeros: Fractions of zeros, as `channel_zeros` finds them.
        engines: The engines.
        rule: Which labels a step has.
    """
    return {n: engines.skipped(own, rule) for n, own in zeros.items()}


def speed_up(
    zeros: dict[int, Zeros],
    sizes: tuple[LayerSize, ...],
    engines: ChannelEngines,
    rule: Rule = lagged,
    *,
    wide: int = 0,
) -> float:
    """Cycles of one engine without skipping over those of both, all steps together.

    Args:
        zeros: Fractions of zeros, as `channel_zeros` finds them.
        sizes: Numbers of each layer.
        engines: The engines.
        rule: Which labels a step has.
        wide: Cycles of a step that both machines take besides, for wider layers.
    """
    steps = next(iter(zeros.values())).shape[0]
    taken, undivided = float(wide * steps), float(wide * steps)
    for number, own in zeros.items():
        products = sizes[number].products
        taken += float(engines.cycles(own, products, rule).mean(axis=1).sum())
        undivided += steps * engines.undivided(products)
    return undivided / taken
