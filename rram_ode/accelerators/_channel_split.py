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

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from .._core._types import Keys, State, Times
from ..formats import AbstractCodes, Operation, VectorCodes
from ..samplers import AbstractDigitalSampler, Euler
from ..scores import (
    AbstractArithmetic,
    AbstractLayer,
    AbstractScore,
    ConvolutionLayer,
    ExactArithmetic,
    Inputs,
    LayerSize,
    QuantisedScore,
    Sums,
)
from ..sdes import AbstractProcess
from ._sq_dm import is_low, LOW_BITS, require_channels
from ._starts import follow, require_one_evaluation


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
        dense = each * np.sum(~is_sparse, axis=1)
        sparse = each * np.sum(np.where(is_sparse, 1 - zeros, 0.0), axis=1)
        return np.maximum(np.ceil(dense / self.dense), np.ceil(sparse / self.sparse))

    def undivided(self, products: int) -> int:
        """Cycles of one engine with the lanes of both, which skips nothing."""
        return -(-products // (self.dense + self.sparse))


def channel_zeros(
    score: QuantisedScore,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
    *,
    batch: int = 1,
    sampler: AbstractDigitalSampler = Euler(),
    keys: Keys | None = None,
) -> dict[int, Zeros]:
    """Fraction of zero codes of each channel in front of each layer of 4 bits.

    Args:
        score: The network in its formats.
        process: What the sampler integrates.
        x1: Starts.
        ts: Diffusion times, falling.
        batch: Number of samples that share labels; it divides that of the starts.
        sampler: A sampler with one evaluation a step.
        keys: One key a sample; for stochastic samplers.

    Raises:
        ValueError: If a layer has no channels, a step has several evaluations, or
            `batch` does not divide the number of starts.
    """
    require_channels(score.score)
    require_one_evaluation(sampler)
    if batch < 1 or x1.shape[1] % batch:
        raise ValueError(
            f"`batch` must divide the number of starts, {x1.shape[1]}; got {batch}."
        )
    found = _zeros(score, process, x1, ts, sampler, keys)
    own = {n: np.asarray(z, float) for n, z in enumerate(found) if z is not None}
    apart = lambda z: z.reshape(*z.shape[:2], -1, batch).mean(axis=-1)
    return {n: apart(z) for n, z in own.items()}


@eqx.filter_jit
def _zeros(score, process, x1, ts, sampler, keys):
    """Fractions of zeros, `(steps, channels, samples)`; `None` of wide layers."""

    def observe(n, t, x):
        del n
        inputs = score.layer_inputs(t, x)
        zeros = [
            jnp.mean(form.quantise(h) == 0, axis=(1, 2), dtype=h.dtype)
            if is_low(form)
            else None
            for form, h in zip(score.inputs, inputs, strict=True)
        ]
        return score(t, x), tuple(zeros)

    return follow(observe, sampler, process, x1, ts, keys)[1]


class SplitScore(AbstractScore):
    """A quantised score whose sums come from a dense and from a sparse engine.

    Both add up integers, and so do their sums: the result is that of one engine, bit
    for bit (`QuantisedScore` with `is_exact`).

    Args:
        score: The network in its formats.
        is_sparse: Labels of the channels in front of each layer of 4 bits.

    Raises:
        ValueError: If a layer has no channels.
    """

    score: QuantisedScore
    is_sparse: dict[int, Bool[Array, " channels"]]

    def __check_init__(self):
        require_channels(self.score.score)

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.score.dim

    def __call__(
        self,
        t: Float[Array, "..."],
        x: State,
        *,
        label: Int[Array, "..."] | None = None,
    ) -> State:
        """The score at `t`, one for all samples or one for each, and `x`."""
        own = self.score.score
        own = own if label is None else own.of_class(label)
        return own.evaluate(t, x, _Split(self))


class _Split(AbstractArithmetic):
    """Products of codes, those of sparse channels apart."""

    def __init__(self, own: SplitScore):
        self._own = own

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        own, rows = self._own.score, layer.unfolded(x)
        w: AbstractCodes = own.weights[number].encode(layer.weights)
        h: AbstractCodes = own.inputs[number].encode(rows.reshape(rows.shape[0], -1))
        if number in self._own.is_sparse:
            assert isinstance(layer, ConvolutionLayer)  # by `require_channels`
            assert isinstance(w, VectorCodes)  # as those with labels are
            assert isinstance(h, VectorCodes)
            tags = jnp.tile(self._own.is_sparse[number], layer.window**2)
            sums = split_dot(w, h, tags)
        else:
            sums = w.dot(h)
        return sums.reshape(-1, *rows.shape[1:])

    def softmax(
        self, number: int, scores: Float[Array, "... keys"]
    ) -> Float[Array, "... keys"]:
        return ExactArithmetic().softmax(number, scores)


def split_dot(
    w: VectorCodes, h: VectorCodes, is_sparse: Bool[Array, " rows"]
) -> Float[Array, "cols samples"]:
    """The product of codes with the rows of sparse channels on an engine of their own.

    Args:
        w: Codes of the weights.
        h: Codes of the inputs.
        is_sparse: Whether a row is of a sparse channel.
    """
    num, size, _ = h.codes.shape
    tags = jnp.pad(is_sparse, (0, num * size - h.rows)).reshape(num, size, 1)
    with_codes = lambda codes: eqx.tree_at(lambda h: h.codes, h, codes)
    dense = w.inner(with_codes(jnp.where(tags, 0, h.codes)))
    sparse = w.inner(with_codes(jnp.where(tags, h.codes, 0)))
    return w.outer(dense + sparse, h)


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
