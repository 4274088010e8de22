"""A convolutional U-Net that makes pictures: the network of the image accelerators."""

import math
from collections.abc import Callable
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._types import Key, Scalar, State
from ._arithmetic import AbstractArithmetic, ConvolutionLayer
from ._noise_embedding import noise_embedding, NoiseEmbedding
from ._picture_score import AbstractPictureScore
from ._preconditioning import AbstractPreconditioning


Activation = Literal["relu", "silu"]


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
}


EMBEDDING = 64


GROUP = 8  # channels that are normalised together


EPSILON = 1e-5


Channels = Float[Array, "_ _ _ samples"]  # channels, height, width


class UNetScore(AbstractPictureScore):
    r"""Residual blocks at two sizes, with a connection around the smaller one.

    A block adds to its input
    $\mathrm{conv}(a(n(\mathrm{conv}(a(n(x))) + E^T e)))$, with a normalisation n of
    groups of eight channels, an activation a, and the embedding e of noise and class.
    The picture is halved once, and each side has a block; two blocks lie below.

    Args:
        convolutions: All convolutions, in the order of evaluation.
        norms: Scale and shift of each normalisation.
        to_blocks: E of each block, `(embedding, channels)`.
        embedding: The embedding.
        preconditioning: Between state and network.
        side: Pixels a side.
        activation: `relu` or `silu`.
        label: Class to make, of all samples or of each; `None` for any.
    """

    convolutions: tuple[ConvolutionLayer, ...]
    norms: tuple[tuple[Float[Array, " _"], Float[Array, " _"]], ...]
    to_blocks: tuple[Float[Array, "_ _"], ...]
    embedding: NoiseEmbedding
    preconditioning: AbstractPreconditioning
    side: int = eqx.field(static=True)
    activation: Activation = eqx.field(static=True)
    label: Int[Array, "..."] | None = None

    @property
    def layers(self) -> tuple[ConvolutionLayer, ...]:
        """All convolutions."""
        return self.convolutions

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return self.embedding.classes.shape[0] - 1

    @property
    def attention_products(self) -> int:
        """None: it has no attention."""
        return 0

    def evaluate(
        self, t: Scalar | Float[Array, " samples"], x: State, how: AbstractArithmetic
    ) -> State:
        """The score at `t` and `x`, `(dim, samples)`."""
        pre = self.preconditioning
        e = self.embedding(pre.level(t), self.label)
        shown = pre.inputs(t, x).reshape(1, self.side, self.side, -1)
        run = _Run(self, how, e)
        top = run.block(0, run.convolve(shown))
        low = run.block(1, run.convolve(top))
        low = run.block(2, low)
        low = run.convolve(low)
        high = jnp.repeat(jnp.repeat(low, 2, axis=1), 2, axis=2)
        both = jnp.concatenate([high, top])
        out = run.convolve(run.active(run.block(3, both)))
        return pre.score(t, x, out.reshape(x.shape))


class _Run:
    """One evaluation: takes convolutions and normalisations in their order."""

    def __init__(self, score: UNetScore, how: AbstractArithmetic, e: Array):
        self._score, self._how, self._e = score, how, e
        self._next, self._norm = 0, 0

    def convolve(self, x: Channels) -> Channels:
        """The next convolution, with its bias."""
        layer = self._score.convolutions[self._next]
        sums = self._how.product(self._next, layer, x)
        self._next += 1
        return sums + layer.bias.reshape(-1, 1, 1, 1)

    def active(self, x: Channels) -> Channels:
        """The next normalisation, and the activation."""
        scale, shift = self._score.norms[self._norm]
        self._norm += 1
        grouped = x.reshape(-1, GROUP, *x.shape[1:])
        mean = jnp.mean(grouped, axis=(1, 2, 3), keepdims=True)
        spread = jnp.var(grouped, axis=(1, 2, 3), keepdims=True)
        even = ((grouped - mean) * jax.lax.rsqrt(spread + EPSILON)).reshape(x.shape)
        of = lambda values: values.reshape(-1, 1, 1, 1)
        return ACTIVATIONS[self._score.activation](even * of(scale) + of(shift))

    def block(self, number: int, x: Channels) -> Channels:
        """A residual block; one that narrows has a convolution of one pixel around."""
        own = self._score.to_blocks[number].T @ self._e
        inner = self.convolve(self.active(x)) + own[:, None, None]
        inner = self.convolve(self.active(inner))
        return inner + (x if x.shape[0] == inner.shape[0] else self.convolve(x))


def unet_score(
    side: int,
    preconditioning: AbstractPreconditioning,
    *,
    channels: int = 32,
    num_classes: int = 0,
    activation: Activation = "relu",
    key: Key,
) -> UNetScore:
    r"""A U-Net with weights normal in $1 / \sqrt{\text{rows}}$, the last ones 0.

    Args:
        side: Pixels a side, an even number.
        preconditioning: Between state and network.
        channels: Channels at full size; twice as many at half of it. A multiple of 8.
        num_classes: Number of classes.
        activation: `relu` or `silu`.
        key: Key of all weights.

    Raises:
        ValueError: If `side` is odd, or `channels` is no multiple of 8.
    """
    if side % 2 or side < 2 or channels < GROUP or channels % GROUP:
        raise ValueError(
            f"`side` must be even and `channels` a multiple of {GROUP}; got {side} and "
            f"{channels}."
        )
    few, many = channels, 2 * channels
    shapes = (  # inputs, outputs, window, stride
        (1, few, 3, 1),
        *((few, few, 3, 1),) * 2,
        (few, many, 3, 2),
        *((many, many, 3, 1),) * 4,
        (many, few, 3, 1),
        (many, few, 3, 1),
        (few, few, 3, 1),
        (many, few, 1, 1),
        (few, 1, 3, 1),
    )
    conv_key, block_key, own = jr.split(key, 3)
    convolutions = []
    for number, (rows, cols, window, stride) in enumerate(shapes):
        size = (window**2 * rows, cols)
        # A network that begins with no output begins with a loss of 1.
        gain = 0.0 if number == len(shapes) - 1 else 1 / math.sqrt(size[0])
        w = gain * jr.normal(jr.fold_in(conv_key, number), size)
        convolutions.append(ConvolutionLayer(w, jnp.zeros(cols), window, stride))
    widths = (few, few, many, many, many, many, many, few, few)
    norms = tuple((jnp.ones(width), jnp.zeros(width)) for width in widths)
    to_blocks = tuple(
        jr.normal(jr.fold_in(block_key, number), (EMBEDDING, width))
        / math.sqrt(EMBEDDING)
        for number, width in enumerate((few, many, many, few))
    )
    embedding = noise_embedding(num_classes, EMBEDDING, key=own)
    return UNetScore(  # pyright: ignore[reportCallIssue]  # `dim` is a property
        tuple(convolutions),
        norms,
        to_blocks,
        embedding,
        preconditioning,
        side,
        activation,
    )
