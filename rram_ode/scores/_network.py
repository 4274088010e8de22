"""The paper's score network: a perceptron with a time embedding before each ReLU."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns, product, scalar
from .._core._types import Key, Scalar, State
from ._base import AbstractScore
from ._readout import AbstractReadout, ScoreReadout


class FourierMLP(eqx.Module):
    r"""$h_{l+1} = \mathrm{relu}(W_l^T h_l + b_l + e(t))$; out $c\,(W_L^T h_L + b_L)$.

    $e(t) = (\sin 2\pi\omega t, \cos 2\pi\omega t)$ with fixed random frequencies; a
    layer takes as many sines and cosines as it has pairs of units. Weights have inputs
    on rows and outputs on columns, like the crossbars that they are written to.

    Args:
        weights: One `(rows, cols)` a layer.
        biases: One `(cols,)` a layer.
        frequencies: $\omega$, half as many as the widest hidden layer has units.
        output_factor: $c$.
    """

    weights: tuple[Float[Array, "_ _"], ...]
    biases: tuple[Float[Array, " _"], ...]
    frequencies: Float[Array, " freq"]
    output_factor: Float[Array, ""] = eqx.field(converter=scalar)

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.weights[0].shape[0]

    @property
    def widths(self) -> tuple[int, ...]:
        """Hidden widths."""
        return tuple(b.shape[0] for b in self.biases[:-1])

    def embedding(self, t: Scalar) -> Float[Array, " embedding"]:
        """All sines, then all cosines, for the widest layer."""
        phase = 2 * jnp.pi * self.frequencies * t
        return jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])

    def __call__(self, t: Scalar, x: State) -> State:
        """The network's output for `x`, shape `(dim, *samples)`."""
        return self.output_factor * self.activations(t, x)[-1]

    def activations(self, t: Scalar, x: State) -> tuple[Array, ...]:
        """Hidden activations of each layer, and the output before its factor."""
        embedding = self.embedding(jax.lax.stop_gradient(t))
        nodes, h = [], x
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            drive = b + for_width(embedding, b.shape[0])
            h = jax.nn.relu(product(w, h) + broadcast_columns(drive, h))
            nodes.append(h)
        out = product(self.weights[-1], h) + broadcast_columns(self.biases[-1], h)
        return (*nodes, out)


class NetworkScore(AbstractScore):
    """A score read out of a network: `readout.factor(t) * network(t, x)`."""

    network: FourierMLP
    readout: AbstractReadout = ScoreReadout()

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.network.dim

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score at `t` and `x`, shape `(dim, *samples)`; it knows no labels."""
        if label is not None:
            raise ValueError("this network is unconditional; leave `label` out.")
        return self.readout.factor(t) * self.network(t, x)


def fourier_mlp(
    dim: int, widths: tuple[int, ...], *, output_factor: float = 1.0, key: Key
) -> FourierMLP:
    r"""A network with weights and biases uniform in $\pm 1 / \sqrt{\text{rows}}$.

    Frequencies are drawn from N(0, 1) and stay fixed.

    Raises:
        ValueError: If a hidden width is odd or not positive, or there is none.
    """
    if not widths or any(width < 2 or width % 2 for width in widths):
        raise ValueError(
            "`widths` must be even numbers of at least 2, for pairs of sine and "
            f"cosine; got {widths}."
        )
    weights, biases, frequencies = _sample_parameters((dim, *widths, dim), key)
    return FourierMLP(weights, biases, frequencies, output_factor)


@eqx.filter_jit
def _sample_parameters(
    sizes: tuple[int, ...], key: Key
) -> tuple[tuple[Array, ...], tuple[Array, ...], Array]:
    """Weights, biases and frequencies, in one program."""
    weights, biases = [], []
    for number, (rows, cols) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        bound = 1 / math.sqrt(rows)
        draw = jr.uniform(
            jr.fold_in(key, number), (rows + 1, cols), minval=-bound, maxval=bound
        )
        weights.append(draw[:-1])
        biases.append(draw[-1])
    frequencies = jr.normal(jr.fold_in(key, len(sizes)), (max(sizes[1:-1]) // 2,))
    return tuple(weights), tuple(biases), frequencies


def for_width(
    embedding: Float[Array, " embedding"], width: int
) -> Float[Array, " width"]:
    """The first `width / 2` sines and as many cosines of `embedding`."""
    pairs = embedding.shape[0] // 2
    if width == 2 * pairs:
        return embedding
    return jnp.concatenate([embedding[: width // 2], embedding[pairs:][: width // 2]])
