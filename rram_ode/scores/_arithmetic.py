"""How the products and the softmaxes of a score are computed."""

import abc
import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from .._core._arrays import product
from .._core._types import Scalar, State
from ..sdes import AbstractProcess
from ._base import AbstractScore


Inputs = Float[Array, "inputs ..."]  # features first, then places, samples last


Sums = Float[Array, "sums ..."]


class LayerSize(NamedTuple):
    """Numbers of one evaluation of a layer for one sample.

    Args:
        inputs: Inputs.
        sums: Sums.
        products: Products, those with the margin of a picture aside.
        weights: Weights, each of which serves all places.
    """

    inputs: int
    sums: int
    products: int
    weights: int


class AbstractLayer(eqx.Module):
    """Weights, and the linear map that they make; a bias is added behind it.

    Args:
        weights: `(rows, cols)`; rows are inputs, those of one place together.
        bias: `(cols,)`.
    """

    weights: eqx.AbstractVar[Float[Array, "rows cols"]]
    bias: eqx.AbstractVar[Float[Array, " cols"]]

    def sums(self, weights: Float[Array, "rows cols"], x: Inputs) -> Sums:
        """The linear map of `x` by `weights`, which may be rounded ones."""
        return self.dot(weights, self.unfolded(x))

    @abc.abstractmethod
    def dot(
        self, weights: Float[Array, "rows cols"], rows: Float[Array, "rows ..."]
    ) -> Sums:
        """The matrix product of `weights` and of `unfolded` inputs."""

    @abc.abstractmethod
    def unfolded(self, x: Inputs) -> Float[Array, "rows ..."]:
        """The inputs of each dot product, so that `sums` is one matrix product."""

    @abc.abstractmethod
    def places(self, shape: tuple[int, ...]) -> int:
        """Number of dot products of each column for an input of `shape`."""

    @abc.abstractmethod
    def products(self, shape: tuple[int, ...]) -> int:
        """Number of products for an input of `shape`, those with a margin aside."""


class DenseLayer(AbstractLayer):
    """$W^T x$, the same at every place."""

    weights: Float[Array, "rows cols"]
    bias: Float[Array, " cols"]

    def dot(
        self, weights: Float[Array, "rows cols"], rows: Float[Array, "rows ..."]
    ) -> Sums:
        """A matrix product."""
        if rows.ndim <= 2:
            return product(weights, rows)
        flat = product(weights, rows.reshape(rows.shape[0], -1))
        return flat.reshape(-1, *rows.shape[1:])

    def unfolded(self, x: Inputs) -> Float[Array, "rows ..."]:
        """`x`."""
        return x

    def places(self, shape: tuple[int, ...]) -> int:
        """All axes but the first."""
        return math.prod(shape[1:])

    def products(self, shape: tuple[int, ...]) -> int:
        """Weights times places."""
        return self.weights.size * self.places(shape)


class ConvolutionLayer(AbstractLayer):
    """A convolution of windows of an odd number of pixels, with zeros around.

    Rows are channels within rows of the window within its columns, so that the channels
    of one pixel lie together.

    Args:
        weights: `(window * window * channels, cols)`.
        bias: `(cols,)`.
        window: Pixels a side of the window.
        stride: Pixels from one window to the next.
    """

    weights: Float[Array, "rows cols"]
    bias: Float[Array, " cols"]
    window: int = eqx.field(default=3, static=True)
    stride: int = eqx.field(default=1, static=True)

    def dot(
        self, weights: Float[Array, "rows cols"], rows: Float[Array, "rows ..."]
    ) -> Sums:
        """The convolution of the windows, `(rows, height, width, samples)`."""
        # Apart from the product, as gradients of a convolution are slow in a loop.
        rows = jax.lax.optimization_barrier(rows)
        flat = weights.T @ rows.reshape(rows.shape[0], -1)
        return flat.reshape(-1, *rows.shape[1:])

    def unfolded(self, x: Inputs) -> Float[Array, "rows ..."]:
        """The window of each place, `(rows, height, width, samples)`."""
        _, height, width, _ = x.shape
        margin = self.window // 2
        wide = jnp.pad(x, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
        return jnp.concatenate(
            [
                wide[:, i : i + height : self.stride, j : j + width : self.stride]
                for i in range(self.window)
                for j in range(self.window)
            ]
        )

    def places(self, shape: tuple[int, ...]) -> int:
        """Windows of all samples."""
        _, height, width, samples = shape
        return -(-height // self.stride) * -(-width // self.stride) * samples

    def products(self, shape: tuple[int, ...]) -> int:
        """Products of all windows, those with zeros around the picture aside."""
        ones = np.ones((1, *shape[1:3], 1), np.float32)
        inside = float(jnp.sum(self.unfolded(jnp.asarray(ones))))
        return round(inside) * shape[3] * self.weights.size // self.window**2


class AbstractArithmetic(abc.ABC):
    """Computes what a score computes, in a way of its own.

    One is made for each evaluation: it may keep what it sees on the way.
    """

    @abc.abstractmethod
    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        """The sums of layer `number`, without its bias.

        Args:
            number: Number of the layer among `layers` of the score.
            layer: The layer.
            x: Its input.
        """

    @abc.abstractmethod
    def softmax(
        self, number: int, scores: Float[Array, "... keys"]
    ) -> Float[Array, "... keys"]:
        """The weights of attention `number`, from 0 in the order of evaluation."""


class AbstractProductArithmetic(AbstractArithmetic):
    """Computes products in a way of its own, and leaves the softmax as it is."""

    def softmax(
        self, number: int, scores: Float[Array, "... keys"]
    ) -> Float[Array, "... keys"]:
        """The softmax of base e."""
        del number
        return jax.nn.softmax(scores, axis=-1)


class ExactArithmetic(AbstractProductArithmetic):
    """Floating point, as the network was trained."""

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        """The layer's own sums."""
        del number
        return layer.sums(layer.weights, x)


class AbstractLayeredScore(AbstractScore):
    """A score by a network whose layers may compute in another arithmetic."""

    @property
    @abc.abstractmethod
    def layers(self) -> tuple[AbstractLayer, ...]:
        """All layers with weights, in the order of evaluation."""

    @abc.abstractmethod
    def evaluate(
        self, t: Scalar | Float[Array, " samples"], x: State, how: AbstractArithmetic
    ) -> State:
        """The score at `t`, one for all samples or one for each, and `x`.

        Args:
            t: Diffusion time.
            x: States, `(dim, samples)`.
            how: Computes products and softmaxes.
        """

    @abc.abstractmethod
    def of_class(self, label: Int[Array, "..."]) -> "AbstractLayeredScore":
        """The score of a class alone; -1 is that of all together."""

    @abc.abstractmethod
    def require(self, process: AbstractProcess) -> None:
        """Refuse a process that this score does not drive.

        Raises:
            ValueError: If the process takes something else, or another diffusion.
        """

    def layer_inputs(
        self, t: Scalar | Float[Array, " samples"], x: State
    ) -> tuple[Inputs, ...]:
        """The input of each layer in one evaluation."""
        seen = Seen(ExactArithmetic())
        self.evaluate(t, x, seen)
        return tuple(seen.inputs)

    def shapes(self, samples: int = 1) -> tuple[tuple[int, ...], ...]:
        """The shapes of the inputs of each layer."""
        x = jax.ShapeDtypeStruct((self.dim, samples), self.layers[0].weights.dtype)
        t = jax.ShapeDtypeStruct((), x.dtype)
        found = eqx.filter_eval_shape(lambda t, x: self.layer_inputs(t, x), t, x)
        return tuple(each.shape for each in found)

    def sizes(self) -> tuple[LayerSize, ...]:
        """Numbers of each layer (not under `jit`)."""
        return tuple(
            LayerSize(
                math.prod(shape),
                layer.places(shape) * layer.weights.shape[1],
                layer.products(shape),
                layer.weights.size,
            )
            for layer, shape in zip(self.layers, self.shapes(), strict=True)
        )


class Seen(AbstractArithmetic):
    """Another arithmetic, and the inputs of the layers that it is given."""

    def __init__(self, own: AbstractArithmetic):
        self._own = own
        self.inputs: list[Inputs] = []

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        """The sums of the other arithmetic."""
        self.inputs.append(x)
        return self._own.product(number, layer, x)

    def softmax(
        self, number: int, scores: Float[Array, "... keys"]
    ) -> Float[Array, "... keys"]:
        """The weights of the other arithmetic."""
        return self._own.softmax(number, scores)
