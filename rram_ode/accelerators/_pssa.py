r"""PSSA: self-attention scores that are pruned and stored as changes between patches.

A map A of N x N attention weights leaves the chip and comes back, as it is larger than
the memory on it. Weights below a fixed threshold are pruned; of $M = (A \ge \theta)$,
cut into patches of W x W with W tokens a row of the picture, each patch is stored as
its difference from its left neighbour,

$$X_{r,0} = B_{r,0}, \qquad X_{r,c} = B_{r,c} \oplus B_{r,c-1},$$

which has fewer ones, as the weights of one row of the picture look like those of the
next. A patch is a compressed sparse matrix with columns of $\log_2 W$ bits in place of
$\log_2 N$. `_pssa_code` writes the bits; here they are counted.

Source: Choi et al., ISCAS 2024, arXiv 2403.04982: pruning by a fixed threshold and the
similarity of patches by its abstract and a review; the sparse code of a patch is not
public, and ours is the plain one. Bits of a value, and that pruned weights are not
scaled up again, are assumed.
"""

import math
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Int32

from .._core._arrays import scalar, straight_through
from .._core._types import Scalar
from ..scores import AbstractArithmetic, AbstractLayer, AttentionScore
from ._technique_score import (
    AbstractAttentionTechnique,
    AbstractCounter,
    Counts,
    noise_error,
    require_fraction,
    TechniqueScore,
    Weights,
)


VALUE_BITS = 12


class PSSA(AbstractAttentionTechnique):
    r"""Pruned self-attention: weights below $\theta$ are 0, others have b bits.

    Words keep all of their weights. The gradient of a weight that is kept is that of
    the weight.

    Args:
        threshold: $\theta$, the smallest weight that is kept.
        width: W, the side of a patch of the map; `None` takes the tokens in a row of
            the picture.
        value_bits: b, 2 to 16, of a stored weight; its unit is $1 / (2^b - 1)$.

    Raises:
        ValueError: If a number is out of range.
    """

    threshold: Scalar = eqx.field(default=1 / 1024, converter=scalar)
    width: int | None = eqx.field(default=None, static=True)
    value_bits: int = eqx.field(default=VALUE_BITS, static=True)

    def __check_init__(self):
        require_fraction("threshold", self.threshold, "a weight of a softmax")
        if self.width is not None and self.width < 1:
            raise ValueError(
                f"`width` of a patch must be 1 token or more; got {self.width}: None "
                "takes the tokens in a row of the picture."
            )
        if not 2 <= self.value_bits <= 16:
            raise ValueError(
                f"`value_bits` must be between 2 and 16 bits; got {self.value_bits}."
            )

    def width_of(self, score: AttentionScore) -> int:
        """The side of a patch of the map."""
        return score.side // score.patch if self.width is None else self.width

    def check(self, score: AttentionScore) -> None:
        """Refuse patches that do not fill the map."""
        width = self.width_of(score)
        if width < 1 or score.num_tokens % width:
            raise ValueError(
                f"`width` must divide the {score.num_tokens} tokens of the network; "
                f"got {width}."
            )

    def around(
        self,
        score: AttentionScore,
        t: Scalar | Float[Array, " samples"],
        own: AbstractArithmetic,
    ) -> AbstractCounter:
        """Prunes the maps of self-attention."""
        del t
        return _Pruned(self, self.width_of(score), own)

    def keep(self, weights: Weights) -> Bool[Array, "... keys"]:
        """Whether a weight is kept."""
        return weights >= self.threshold

    def codes(self, weights: Weights) -> Int32[Array, "... keys"]:
        """Weights in units of $1 / (2^b - 1)$."""
        return jnp.round(weights * (2**self.value_bits - 1)).astype(jnp.int32)


class _Pruned(AbstractCounter):
    """Another arithmetic whose maps of self-attention are pruned."""

    def __init__(self, pssa: PSSA, width: int, own: AbstractArithmetic):
        self._pssa, self._width, self._own = pssa, width, own
        self._kept: list[Array] = []
        self._changed: list[Array] = []

    def product(self, number: int, layer: AbstractLayer, x: Array) -> Array:
        """The sums of the other arithmetic."""
        return self._own.product(number, layer, x)

    def softmax(self, number: int, scores: Weights) -> Weights:
        """The other arithmetic's weights, pruned where tokens attend to tokens."""
        weights = self._own.softmax(number, scores)
        if number % 2:  # tokens attend to words
            return weights
        kept = self._pssa.keep(weights)
        self._kept.append(ones(kept))
        self._changed.append(ones(changes(kept, self._width)))
        codes = self._pssa.codes(weights).astype(weights.dtype)
        stored = codes / (2**self._pssa.value_bits - 1)
        return jnp.where(kept, straight_through(stored, weights), 0.0)

    def counts(self) -> Counts:
        """Ones of the map and of its changes."""
        return {"kept": jnp.stack(self._kept), "changed": jnp.stack(self._changed)}


def ones(bits: Bool[Array, "maps queries keys"]) -> Int32[Array, " maps"]:
    """Number of ones of each map."""
    return jnp.sum(bits, axis=(1, 2), dtype=jnp.int32)


def changes(
    kept: Bool[Array, "maps queries keys"], width: int
) -> Bool[Array, "maps queries keys"]:
    """The bits of each patch that differ from its left neighbour's."""
    ahead = jnp.zeros_like(kept[:, :, :width])
    return kept ^ jnp.concatenate([ahead, kept[:, :, :-width]], axis=2)


class MapBits(NamedTuple):
    r"""Bits of one map, or their mean over maps, by the code that stores it.

    Args:
        values: Bits of the values that are kept, which all codes but `dense` store.
        dense: All N x N values without an index.
        csr: Index bits of one sparse matrix: $\log_2 N$ of each column, and the sums of
            ones up to each row in as many bits as the last one takes.
        bitmap: Index bits of one bit for each value.
        local: Index bits of sparse patches without differences.
        pssa: Index bits of sparse patches of differences.
    """

    values: float
    dense: float
    csr: float
    bitmap: float
    local: float
    pssa: float


def count_map_bits(
    tokens: int,
    width: int,
    kept: Int[np.ndarray, "..."] | np.integer | int,
    changed: Int[np.ndarray, "..."] | np.integer | int,
    value_bits: int = VALUE_BITS,
) -> MapBits:
    """Mean bits of maps by their numbers of ones.

    Args:
        tokens: N.
        width: W.
        kept: Ones of each map.
        changed: Ones of its differences between patches.
        value_bits: Bits of a value.
    """
    kept, changed = np.asarray(kept, float), np.asarray(changed, float)
    last = np.ceil(np.log2(kept + 1))
    column, count = math.ceil(math.log2(width)), math.ceil(math.log2(width + 1))
    rows = tokens * (tokens // width) * count
    mean = lambda bits: float(np.mean(bits))
    return MapBits(
        values=mean(kept * value_bits),
        dense=float(tokens**2 * value_bits),
        csr=mean(kept * math.ceil(math.log2(tokens)) + (tokens + 1) * last),
        bitmap=float(tokens**2),
        local=mean(kept * column + rows),
        pssa=mean(changed * column + rows),
    )


def choose_threshold(
    score: AttentionScore,
    t: Float[Array, " samples"],
    x: Float[Array, "dim samples"],
    thresholds: tuple[float, ...],
    limit: float,
) -> float:
    """The largest threshold whose error on a calibration set stays within a limit.

    Args:
        score: The network.
        t: Diffusion times of the calibration set, whose states judge nothing else.
        x: Its states.
        thresholds: Those to choose from.
        limit: Largest `noise_error`.

    Raises:
        ValueError: If the set is empty, or no threshold is good enough.
    """
    if not x.shape[1]:
        raise ValueError(
            "`x` must hold at least one state to choose a threshold from; got shape "
            f"{x.shape}: give calibration data."
        )
    errors = {}
    for threshold in sorted(thresholds, reverse=True):
        made = TechniqueScore(score, (PSSA(threshold),))
        errors[threshold] = float(noise_error(made, t, x))
        if errors[threshold] <= limit:
            return threshold
    raise ValueError(
        f"no threshold keeps the error of the noise within {limit:g}; got "
        f"{', '.join(f'{e:.3g} at {th:.3g}' for th, e in errors.items())}: offer "
        "smaller thresholds."
    )
