"""The paper's score network: a perceptron with a time embedding before each ReLU."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns, product, rectified, scalar
from .._core._types import Key, Scalar, State
from ..sdes import AbstractProcess
from ._arithmetic import AbstractArithmetic, AbstractLayeredScore, DenseLayer
from ._classes import class_embedding, ClassEmbedding
from ._readout import AbstractReadout, ScoreReadout


class FourierMLP(eqx.Module):
    r"""$h_{l+1} = \mathrm{relu}(W_l^T h_l + b_l + e(t))$; out $c\,(W_L^T h_L + b_L)$.

    $e(t) = (\sin 2\pi\omega t, \cos 2\pi\omega t)$ with fixed random frequencies; a
    layer takes as many sines and cosines as it has pairs of units. Weights have inputs
    on rows and outputs on columns, like the crossbars that they are written to. A
    conditional network adds the embedding of a class to $e(t)$. Without frequencies it
    is a plain perceptron: there is no $e(t)$.

    Args:
        weights: One `(rows, cols)` a layer.
        biases: One `(cols,)` a layer.
        frequencies: $\omega$, half as many as the widest hidden layer has units.
        output_factor: $c$.
        classes: The embedding of each class; `None` for an unconditional network.
        shift: The embedding of the class that is generated, of all samples or of each;
            `None` for none.
    """

    weights: tuple[Float[Array, "_ _"], ...]
    biases: tuple[Float[Array, " _"], ...]
    frequencies: Float[Array, " freq"]
    output_factor: Float[Array, ""] = eqx.field(converter=scalar)
    classes: ClassEmbedding | None = None
    shift: Float[Array, "embedding ..."] | None = None

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.weights[0].shape[0]

    @property
    def widths(self) -> tuple[int, ...]:
        """Hidden widths."""
        return tuple(b.shape[0] for b in self.biases[:-1])

    def embedding(self, t: Scalar) -> Float[Array, "embedding ..."]:
        """All sines, then all cosines, for the widest layer, and the class's part."""
        phase = 2 * jnp.pi * self.frequencies * t
        wave = jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])
        if self.shift is None:
            return wave
        return broadcast_columns(wave, self.shift) + self.shift

    def of_class(self, label: Int[Array, "*samples"]) -> "FourierMLP":
        """The network that generates the class `label`; -1 is the null label.

        Args:
            label: Class of all samples, or of each.

        Raises:
            ValueError: If the network is unconditional.
        """
        if self.classes is None:
            raise ValueError(
                "this network is unconditional and knows no labels; leave `label` out."
            )
        return dataclasses.replace(self, shift=self.classes(label))

    def __call__(self, t: Scalar, x: State) -> State:
        """The network's output for `x`, shape `(dim, *samples)`."""
        return self.output_factor * self.activations(t, x)[-1]

    def activations(
        self, t: Scalar, x: State, label: Int[Array, "*samples"] | None = None
    ) -> tuple[Array, ...]:
        """Hidden activations of each layer, and the output before its factor.

        Args:
            t: Diffusion time.
            x: States, `(dim, *samples)`.
            label: Class of all of them or of each, -1 for the null label; `None` for
                the class of `shift`.
        """
        network = self if label is None else self.of_class(label)
        embedding = network.embedding(jax.lax.stop_gradient(t))
        nodes, h = [], x
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            wave = for_width(embedding, b.shape[0])
            drive = broadcast_columns(b, wave) + wave
            h = rectified(product(w, h) + broadcast_columns(drive, h, drive.ndim))
            nodes.append(h)
        out = product(self.weights[-1], h) + broadcast_columns(self.biases[-1], h)
        return (*nodes, out)


class NetworkScore(AbstractLayeredScore):
    """A score read out of a network: `readout.factor(t) * network(t, x)`.

    Without a label a conditional network gives the score of all classes together, as
    its null label was trained to.
    """

    network: FourierMLP
    readout: AbstractReadout = ScoreReadout()

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.network.dim

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score at `t` and `x`, shape `(dim, *samples)`.

        Raises:
            ValueError: If there is a label, and the network is unconditional.
        """
        network, factor = self.network, self.readout.factor(t)
        if label is None:
            return factor * network(t, x)
        return factor * network.of_class(label)(t, x)

    @property
    def layers(self) -> tuple[DenseLayer, ...]:
        """The network's layers."""
        own = self.network
        return tuple(map(DenseLayer, own.weights, own.biases))

    def require(self, process: AbstractProcess) -> None:
        """As the readout has it."""
        self.readout.require(process)

    def evaluate(
        self, t: Scalar | Float[Array, " samples"], x: State, how: AbstractArithmetic
    ) -> State:
        """The score at `t` and `x`, its products and sums as `how` computes them."""
        network, factor, h = self.network, self.readout.factor, x
        embed, last = network.embedding, len(network.weights) - 1
        embedding = jax.vmap(embed, out_axes=1)(t) if t.ndim else embed(t)
        for number, layer in enumerate(self.layers):
            sums, drive = how.product(number, layer, h), layer.bias
            if number < last:
                wave = for_width(embedding, drive.shape[0])
                drive = broadcast_columns(drive, wave) + wave
            h = sums + broadcast_columns(drive, sums, drive.ndim)
            h = h if number == last else rectified(h)
        scale = jax.vmap(factor)(t)[None] if t.ndim else factor(t)
        return scale * network.output_factor * h

    def of_class(self, label: int | Int[Array, ""]) -> "NetworkScore":
        """The score of the class `label` alone; -1 is that of all together.

        Raises:
            ValueError: If the network is unconditional.
        """
        network = self.network.of_class(jnp.asarray(label))
        return dataclasses.replace(self, network=network)


def fourier_mlp(
    dim: int,
    widths: tuple[int, ...],
    *,
    output_factor: float = 1.0,
    num_classes: int = 0,
    key: Key,
) -> FourierMLP:
    r"""A network with weights and biases uniform in $\pm 1 / \sqrt{\text{rows}}$.

    Frequencies are drawn from N(0, 1) and stay fixed. With `num_classes` it is
    conditional.

    Raises:
        ValueError: If a hidden width is odd or not positive, or there is none.
    """
    if not widths or any(width < 2 or width % 2 for width in widths):
        raise ValueError(
            "`widths` must be even numbers of at least 2, for pairs of sine and "
            f"cosine; got {widths}."
        )
    sizes = (dim, *widths, dim)
    weights, biases, frequencies = _sample_parameters(sizes, key)
    classes = None
    if num_classes:
        number = len(sizes) + 1  # behind those of the layers and of the frequencies
        own = jr.fold_in(key, number)
        classes = class_embedding(num_classes, 2 * frequencies.shape[0], key=own)
    return FourierMLP(weights, biases, frequencies, output_factor, classes)


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
    embedding: Float[Array, "embedding ..."], width: int
) -> Float[Array, "width ..."]:
    """The first `width / 2` sines and cosines of `embedding`; zeros of an empty one."""
    pairs = embedding.shape[0] // 2
    if not pairs:
        return jnp.zeros((width, *embedding.shape[1:]))
    if width == 2 * pairs:
        return embedding
    return jnp.concatenate([embedding[: width // 2], embedding[pairs:][: width // 2]])
