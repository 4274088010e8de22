"""A quantised network on an engine for dense and on one for sparse channels (SQ-DM).

The zeros of its channels along the steps, and the proof that dividing changes no bit.
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from .._core._types import Keys, State, Times
from ..formats import AbstractCodes, VectorCodes
from ..samplers import AbstractDigitalSampler, Euler
from ..scores import (
    AbstractLayer,
    AbstractProductArithmetic,
    AbstractScore,
    ConvolutionLayer,
    Inputs,
    QuantisedScore,
    Sums,
)
from ..sdes import AbstractProcess
from ._channel_cycles import Zeros
from ._sq_dm import is_low, require_channels
from ._starts import follow, require_one_evaluation


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
    low = tuple(n for n, form in enumerate(score.inputs) if is_low(form))
    found = _zeros(score, low, process, x1, ts, sampler, keys)
    own = {n: np.asarray(z, float) for n, z in zip(low, found, strict=True)}
    apart = lambda z: z.reshape(*z.shape[:2], -1, batch).mean(axis=-1)
    return {n: apart(z) for n, z in own.items()}


@eqx.filter_jit
def _zeros(score, low, process, x1, ts, sampler, keys):
    """Fractions of zeros in front of the layers `low`, `(steps, channels, samples)`."""

    def observe(n, t, x):
        del n
        inputs = score.layer_inputs(t, x)
        codes = [score.inputs[number].quantise(inputs[number]) for number in low]
        zeros = tuple(jnp.mean(q == 0, axis=(1, 2), dtype=x.dtype) for q in codes)
        return score(t, x), zeros

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


class _Split(AbstractProductArithmetic):
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
