"""Four bits and ReLU: which blocks may have them, and what they are rounded to.

The formats of SQ-DM (Fan et al., DAC 2025, arXiv 2501.15448): most convolutions have
weights of 4 bits with a scale of FP8 for each vector, and behind a ReLU activations of
4 bits without a sign. The blocks whose rounding the loss feels most, which the paper
finds to be the first and last few, stay in MXINT8.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from .._core._types import Scalar, State
from ..formats import (
    AbstractFormat,
    AbstractVectorScale,
    FloatScale,
    microscaling,
    VectorFormat,
)
from ..scores import (
    AbstractLayer,
    AbstractLayeredScore,
    AbstractProductArithmetic,
    AbstractScore,
    ConvolutionLayer,
    Inputs,
    QuantisedScore,
    Sums,
)
from ._starts import require_starts


LOW_BITS, HIGH_BITS, REFERENCE_BITS = 4, 8, 16


VECTOR = 16


Blocks = tuple[tuple[int, ...], ...]


def require_channels(score: AbstractScore) -> None:
    """Refuse a network without channels.

    Raises:
        ValueError: If a layer is no convolution.
    """
    layers = score.layers if isinstance(score, AbstractLayeredScore) else ()
    if not layers or not all(isinstance(each, ConvolutionLayer) for each in layers):
        raise ValueError(
            f"SQ-DM divides the channels of convolutions, and {type(score).__name__} "
            "has none: take a network such as `digits-unet-relu`."
        )


def signed_inputs(
    score: AbstractLayeredScore, t: Float[Array, "..."], x: State
) -> tuple[bool, ...]:
    """Whether the input of each layer is negative somewhere (not under `jit`).

    Args:
        score: The network.
        t: Diffusion times, one for all samples or one for each.
        x: States of a calibration set.

    Raises:
        ValueError: If the set is empty.
    """
    require_starts(x, "signs")
    lowest = _lowest(score, t, x)
    return tuple(bool(low < 0) for low in np.asarray(lowest))


@eqx.filter_jit
def _lowest(score, t, x) -> Float[Array, " layers"]:
    return jnp.stack([jnp.min(h) for h in score.layer_inputs(t, x)])


def sq_dm_score(
    score: AbstractLayeredScore,
    wide: tuple[int, ...],
    is_signed: tuple[bool, ...],
    *,
    vector: int = VECTOR,
    scale: AbstractVectorScale = FloatScale(),
) -> QuantisedScore:
    """`score` in the formats of SQ-DM.

    Args:
        score: The network.
        wide: Numbers of the layers that stay in MXINT8.
        is_signed: Whether each layer's input has a sign, as `signed_inputs` finds.
        vector: Rows that share a scale.
        scale: How a scale is stored.

    Raises:
        ValueError: If a layer has no channels.
    """
    require_channels(score)
    numbers, kept = range(len(score.layers)), microscaling("mxint8")
    low = VectorFormat(LOW_BITS, vector, scale)
    plain = VectorFormat(LOW_BITS, vector, scale, is_signed=False)
    weights: list[AbstractFormat] = [kept if n in wide else low for n in numbers]
    inputs: list[AbstractFormat] = [
        kept if n in wide else low if is_signed[n] else plain for n in numbers
    ]
    return QuantisedScore(score, tuple(weights), tuple(inputs))


def block_sensitivity(
    score: QuantisedScore,
    blocks: Blocks,
    loss: Callable[[AbstractScore, Any], Scalar],
    data: Any,
) -> Float[np.ndarray, " blocks"]:
    """How much the loss rises as one block alone is in its formats.

    Args:
        score: The network with formats of 4 bits for every layer.
        blocks: Numbers of the layers of each block.
        loss: Loss of a score on data.
        data: Data of the calibration.
    """
    layers = range(len(score.score.layers))
    alone = [[n in block for n in layers] for block in blocks]
    is_low = jnp.asarray([[False] * len(layers), *alone])
    exact, *others = np.asarray(_losses(score, is_low, loss, data))
    return np.asarray(others) - exact


@eqx.filter_jit
def _losses(score, is_low, loss, data) -> Float[Array, " cases"]:
    """The loss of each case, one after the other."""
    return jax.lax.map(lambda own: loss(_PartlyLow(score, own), data), is_low)


def most_sensitive(
    rises: Float[np.ndarray, " blocks"], blocks: Blocks, num: int
) -> tuple[int, ...]:
    """Numbers of the layers of the `num` blocks that the loss feels most."""
    first = np.argsort(rises)[::-1][:num]
    return tuple(sorted(layer for block in first for layer in blocks[block]))


class _PartlyLow(AbstractScore):
    """A score of which some layers are rounded: an array says which."""

    score: QuantisedScore
    is_low: Bool[Array, " layers"]

    @property
    def dim(self) -> int:
        return self.score.dim

    def __call__(
        self,
        t: Float[Array, "..."],
        x: State,
        *,
        label: Int[Array, "..."] | None = None,
    ) -> State:
        own = self.score.score
        own = own if label is None else own.of_class(label)
        return own.evaluate(t, x, _RoundedWhere(self))


class _RoundedWhere(AbstractProductArithmetic):
    """Rounded sums of some layers, exact ones of the others."""

    def __init__(self, own: _PartlyLow):
        self._own = own

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        is_low, own = self._own.is_low[number], self._own.score
        rows = layer.unfolded(x)
        rounded = own.inputs[number].quantise(rows)
        weights = own.weights[number].quantise(layer.weights)
        choose = lambda low, exact: jnp.where(is_low, low, exact)
        return layer.dot(choose(weights, layer.weights), choose(rounded, rows))


def low_share(score: QuantisedScore) -> float:
    """Fraction of the products that have 4 bits on both sides (not under `jit`)."""
    low, total = 0, 0
    for form, size in zip(score.weights, score.score.sizes(), strict=True):
        total += size.products
        low += size.products if is_low(form) else 0
    return low / total


def is_low(form: AbstractFormat) -> bool:
    """Whether a format has 4 bits (not under `jit`)."""
    return isinstance(form, VectorFormat) and int(form.bits) == LOW_BITS


def linear_cost(share: float) -> float:
    """Cost over that of 16 bits if it is linear in bits, and `share` has 4, others 8.

    With a share of 0.9 it is 1 / 3.64; the 3.78 that the paper's factors need would be
    a share of 0.942.
    """
    return (share * LOW_BITS + (1 - share) * HIGH_BITS) / REFERENCE_BITS
