"""An attention network that makes pictures from words, for what attention alone has."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._types import Key, Scalar, State
from ._arithmetic import AbstractArithmetic, DenseLayer
from ._noise_embedding import noise_embedding, NoiseEmbedding
from ._picture_score import AbstractPictureScore
from ._preconditioning import AbstractPreconditioning


WORDS = 3  # of a class: where the text begins, and two that describe the picture


CLS = 0  # the first word, which is the same for all classes


EPSILON = 1e-5


LAYERS_OF_BLOCK = (
    "query",
    "key",
    "value",
    "out",
    "word query",
    "word key",
    "word value",
    "word out",
    "widen",
    "narrow",
)


Tokens = Float[Array, "_ _ samples"]  # values, tokens


class AttentionScore(AbstractPictureScore):
    r"""Patches of a picture that attend to each other and to the words of its class.

    Each block adds three things to the tokens h, each of normalised tokens:
    self-attention $\mathrm{softmax}(q^T k / \sqrt{d})\,v$, attention to the words, and
    a layer of rectified units. Scores of the last are those of
    TIPS; maps of the first are what PSSA stores.

    Args:
        dense: All layers with weights, in the order of evaluation: patches to tokens,
            `LAYERS_OF_BLOCK` of each block, tokens to patches.
        norms: Scale and shift of each normalisation.
        places: What is added to the tokens by place, `(width, tokens)`.
        words: The words of each class, `(classes + 1, WORDS, width)`; the last row is
            that of any class.
        embedding: The embedding of noise, which is added to the tokens.
        preconditioning: Between state and network.
        side: Pixels a side.
        patch: Pixels a side of a token.
        label: Class to make, of all samples or of each; `None` for any.
    """

    dense: tuple[DenseLayer, ...]
    norms: tuple[tuple[Float[Array, " _"], Float[Array, " _"]], ...]
    places: Float[Array, "width tokens"]
    words: Float[Array, "classes words width"]
    embedding: NoiseEmbedding
    preconditioning: AbstractPreconditioning
    side: int = eqx.field(static=True)
    patch: int = eqx.field(static=True)
    label: Int[Array, "..."] | None = None

    @property
    def layers(self) -> tuple[DenseLayer, ...]:
        """All layers with weights."""
        return self.dense

    @property
    def num_blocks(self) -> int:
        """Number of blocks."""
        return (len(self.dense) - 2) // len(LAYERS_OF_BLOCK)

    @property
    def num_tokens(self) -> int:
        """Number of patches."""
        return self.places.shape[1]

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return self.words.shape[0] - 1

    @property
    def attention_products(self) -> int:
        """Queries with keys, and weights with values, of both kinds of attention."""
        width, keys = self.places.shape[0], self.num_tokens + WORDS
        return 2 * self.num_blocks * self.num_tokens * keys * width

    def number(self, block: int, name: str) -> int:
        """The number of a layer of a block by its name in `LAYERS_OF_BLOCK`."""
        return 1 + block * len(LAYERS_OF_BLOCK) + LAYERS_OF_BLOCK.index(name)

    def evaluate(
        self, t: Scalar | Float[Array, " samples"], x: State, how: AbstractArithmetic
    ) -> State:
        """The score at `t` and `x`, `(dim, samples)`."""
        pre = self.preconditioning
        samples = x.shape[1]
        label = jnp.full((1,), -1) if self.label is None else jnp.atleast_1d(self.label)
        words = jnp.transpose(self.words[label], (2, 1, 0))  # -1 is the last row
        words = jnp.broadcast_to(words, (*words.shape[:2], samples))
        e = self.embedding(pre.level(t), None)
        run = _Run(self, how)
        h = run.dense(self._patches(pre.inputs(t, x)))
        h = h + self.places[:, :, None] + e[:, None]
        for _ in range(self.num_blocks):
            h = run.block(h, words)
        out = run.dense(run.even(h))
        return pre.score(t, x, self._pixels(out))

    def _patches(self, x: State) -> Tokens:
        """The pixels of each patch, `(patch * patch, tokens, samples)`."""
        patch, num = self.patch, self.side // self.patch
        cut = x.reshape(num, patch, num, patch, -1)
        return jnp.transpose(cut, (1, 3, 0, 2, 4)).reshape(patch**2, num**2, -1)

    def _pixels(self, out: Tokens) -> State:
        """What `_patches` was given."""
        patch, num = self.patch, self.side // self.patch
        cut = out.reshape(patch, patch, num, num, -1)
        return jnp.transpose(cut, (2, 0, 3, 1, 4)).reshape(self.dim, -1)


class _Run:
    """One evaluation: takes layers and normalisations in their order."""

    def __init__(self, score: AttentionScore, how: AbstractArithmetic):
        self._score, self._how = score, how
        self._next, self._norm, self._attention = 0, 0, 0

    def dense(self, x: Tokens) -> Tokens:
        """The next layer, with its bias."""
        layer = self._score.dense[self._next]
        sums = self._how.product(self._next, layer, x)
        self._next += 1
        return sums + layer.bias.reshape(-1, 1, 1)

    def even(self, x: Tokens) -> Tokens:
        """The next normalisation, over the values of each token."""
        scale, shift = self._score.norms[self._norm]
        self._norm += 1
        mean, spread = jnp.mean(x, 0, keepdims=True), jnp.var(x, 0, keepdims=True)
        even = (x - mean) * jax.lax.rsqrt(spread + EPSILON)
        of = lambda values: values.reshape(-1, 1, 1)
        return even * of(scale) + of(shift)

    def block(self, h: Tokens, words: Tokens) -> Tokens:
        """Attention to each other, attention to the words, rectified units."""
        own = self.even(h)
        h = h + self._attend(own, own)
        h = h + self._attend(self.even(h), words)
        wide = jax.nn.relu(self.dense(self.even(h)))
        return h + self.dense(wide)

    def _attend(self, x: Tokens, others: Tokens) -> Tokens:
        query, key, value = self.dense(x), self.dense(others), self.dense(others)
        width = query.shape[0]
        scores = jnp.einsum("dqn,dkn->nqk", query, key) / math.sqrt(width)
        weights = self._how.softmax(self._attention, scores)
        self._attention += 1
        return self.dense(jnp.einsum("nqk,dkn->dqn", weights, value))


def attention_score(
    side: int,
    preconditioning: AbstractPreconditioning,
    *,
    patch: int = 2,
    width: int = 32,
    blocks: int = 2,
    descriptions: tuple[tuple[int, int], ...] = (),
    key: Key,
) -> AttentionScore:
    r"""An attention network with weights normal in $1 / \sqrt{\text{rows}}$.

    Args:
        side: Pixels a side.
        preconditioning: Between state and network.
        patch: Pixels a side of a token.
        width: Values of a token; twice as many rectified units.
        blocks: Number of blocks.
        descriptions: The two words of each class, by number.
        key: Key of all weights.

    Raises:
        ValueError: If the patches do not fill the picture.
    """
    if side < 1 or patch < 1 or side % patch:
        raise ValueError(f"`patch` must divide `side`; got {patch} and {side} pixels.")
    dense_key, place_key, word_key, own = jr.split(key, 4)
    square = (width, width)
    shapes = (
        (patch**2, width),
        *((*(square,) * 8, (width, 2 * width), (2 * width, width)) * blocks),
        (width, patch**2),
    )
    dense = []
    for number, shape in enumerate(shapes):
        # A network that begins with no output begins with a loss of 1.
        gain = 0.0 if number == len(shapes) - 1 else 1 / math.sqrt(shape[0])
        w = gain * jr.normal(jr.fold_in(dense_key, number), shape)
        dense.append(DenseLayer(w, jnp.zeros(shape[1])))
    norms = tuple((jnp.ones(width), jnp.zeros(width)) for _ in range(3 * blocks + 1))
    places = 0.5 * jr.normal(place_key, (width, (side // patch) ** 2))
    return AttentionScore(  # pyright: ignore[reportCallIssue]  # `dim` is a property
        tuple(dense),
        norms,
        places,
        _words(descriptions, width, word_key),
        noise_embedding(0, width, key=own),
        preconditioning,
        side,
        patch,
    )


def _words(
    descriptions: tuple[tuple[int, int], ...], width: int, key: Key
) -> Float[Array, "classes words width"]:
    """The words of each class and, in the last row, those of any.

    Each class has its own copy to train; equal words begin as equal.
    """
    first, second = (max((d[k] for d in descriptions), default=-1) + 1 for k in (0, 1))
    table = jr.normal(key, (1 + first + second + 2, width))
    rows = [(0, 1 + a, 1 + first + b) for a, b in descriptions]
    rows.append((0, 1 + first + second, 2 + first + second))
    return table[jnp.asarray(rows)]
