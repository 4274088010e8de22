r"""TIPS: tokens that the start word attracts are computed with fewer bits.

The attention of a token to the words says what it is about. One that attends to the
start word (CLS) has nothing to do with what the words describe: its rectified layer
takes activations of 6 bits, all others take 12, and weights have 8. The bit-slice core
spends one pass on the first and two on the others.

Source: Choi et al., ISCAS 2024, arXiv 2403.04982: 44.8 % of that workload. The widths
and the direction of the rule are not confirmed by public text, nor is it that of 25
iterations the first 20 take 6 bits: that the opposite rule is worse is a test here, and
near the data the rule is no good. The range of activations is the largest magnitude in
a sample's layer (assumed), and 6 bits are the upper slice of 12.
"""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int32

from .._core._arrays import scalar
from .._core._types import Scalar
from ..formats import MaxClip, UniformFormat
from ..scores import AbstractArithmetic, AbstractLayer, AttentionScore, CLS
from ._bit_slice import coarse, multiply_slices, TOP
from ._technique_score import (
    AbstractAttentionTechnique,
    AbstractCounter,
    Counts,
    require_fraction,
    Weights,
)


FRACTION = 0.448  # reported of the workload


UNTIL = 0.2  # 20 of 25 steps from 1 to 0


WEIGHT_BITS = 8


RECTIFIED = ("widen", "narrow")


class AbstractTokenRule(eqx.Module):
    """Says which tokens need few bits."""

    @abc.abstractmethod
    def __call__(
        self, weights: Float[Array, "samples tokens words"]
    ) -> Float[Array, "samples tokens"]:
        """The larger, the fewer bits.

        Args:
            weights: Attention of each token to the words, in one block.
        """


class AttendsToStart(AbstractTokenRule):
    """The attention of a token to the start word."""

    def __call__(
        self, weights: Float[Array, "samples tokens words"]
    ) -> Float[Array, "samples tokens"]:
        """The column of the start word."""
        return weights[:, :, CLS]


class TIPS(AbstractAttentionTechnique):
    """Two precisions in the rectified layers of each block, by token.

    In each evaluation and block, the fraction of a sample's tokens for which the rule
    gives the largest numbers takes 6 bits, until the diffusion time falls below
    `until`. There is no gradient through the rounding.

    Args:
        fraction: Fraction of tokens of 6 bits; the number of tokens is rounded.
        rule: Says which.
        until: Smallest diffusion time at which any token takes 6 bits.

    Raises:
        ValueError: If the fraction or the time is not between 0 and 1.
    """

    fraction: Scalar = eqx.field(default=FRACTION, converter=scalar)
    rule: AbstractTokenRule = AttendsToStart()
    until: Scalar = eqx.field(default=UNTIL, converter=scalar)

    def __check_init__(self):
        require_fraction("fraction", self.fraction, "a fraction of the tokens")
        require_fraction("until", self.until, "a diffusion time")

    def check(self, score: AttentionScore) -> None:
        """Takes any network with attention to words."""
        del score

    def around(
        self,
        score: AttentionScore,
        t: Scalar | Float[Array, " samples"],
        own: AbstractArithmetic,
    ) -> AbstractCounter:
        """Rounds in rectified layers."""
        return _TwoPrecisions(self, score, t, own)

    def is_low(
        self,
        t: Scalar | Float[Array, " samples"],
        weights: Float[Array, "samples tokens words"],
    ) -> Bool[Array, "tokens samples"]:
        """Whether a token takes 6 bits."""
        order = jnp.argsort(-self.rule(weights), axis=1)
        rank = jnp.argsort(order, axis=1).astype(jnp.int32)
        number = jnp.round(self.fraction * weights.shape[1]).astype(jnp.int32)
        return (rank < number).T & jnp.atleast_1d(t >= self.until)[None]


class _TwoPrecisions(AbstractCounter):
    """Another arithmetic whose rectified layers are integer products."""

    def __init__(self, tips: TIPS, score: AttentionScore, t, own: AbstractArithmetic):
        self._tips, self._t, self._own = tips, t, own
        self._blocks = {
            score.number(block, name): block
            for block in range(score.num_blocks)
            for name in RECTIFIED
        }
        self._is_low: list[Bool[Array, "tokens samples"]] = []

    def product(self, number: int, layer: AbstractLayer, x: Array) -> Array:
        """Integer products in rectified layers, else the other arithmetic's."""
        if number not in self._blocks:
            return self._own.product(number, layer, x)
        is_low = self._is_low[self._blocks[number]]
        return product_of_tokens(layer.weights, x, is_low)

    def softmax(self, number: int, scores: Weights) -> Weights:
        """The other arithmetic's weights; those of the words choose the precision."""
        weights = self._own.softmax(number, scores)
        if number % 2:
            self._is_low.append(self._tips.is_low(self._t, weights))
        return weights

    def counts(self) -> Counts:
        """Tokens of 6 bits."""
        low: Int32[Array, "blocks samples"] = jnp.stack(
            [jnp.sum(each, axis=0, dtype=jnp.int32) for each in self._is_low]
        )
        return {"low": low}


def product_of_tokens(
    weights: Float[Array, "rows cols"],
    x: Float[Array, "rows tokens samples"],
    is_low: Bool[Array, "tokens samples"],
) -> Float[Array, "cols tokens samples"]:
    """Sums by the bit-slice core, in the unit of the numbers.

    Args:
        weights: Weights, rounded to 8 bits with a scale per column.
        x: Activations, rounded with a scale per sample.
        is_low: Whether a token takes 6 bits, else 12.
    """
    own = UniformFormat(WEIGHT_BITS, MaxClip(per_column=True)).encode(weights)
    largest = jnp.max(jnp.abs(x), axis=(0, 1), keepdims=True)
    step = jnp.where(largest > 0, largest, 1.0) / TOP
    codes = jnp.round(x / step).astype(jnp.int32)
    codes = jnp.where(is_low[None], coarse(codes), codes)
    sums = multiply_slices(own.codes, codes, is_low).sums.astype(x.dtype)
    return sums * step * own.step.astype(x.dtype)[:, None, None]
