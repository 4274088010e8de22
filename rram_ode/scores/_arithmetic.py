"""How the products and the softmaxes of a score are computed."""

import abc
import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import product
from .._core._types import Scalar, State
from ._base import AbstractScore


Inputs = Float[Array, "rows ..."]  # features first, then places, samples last


Sums = Float[Array, "cols ..."]


class AbstractLayer(eqx.Module):
    """Weights, and the linear map that they make; a bias is added behind it.

    Args:
        weights: `(rows, cols)`; rows are inputs, those of one place together.
        bias: `(cols,)`.
    """

    weights: eqx.AbstractVar[Float[Array, "rows cols"]]
    bias: eqx.AbstractVar[Float[Array, " cols"]]

    @abc.abstractmethod
    def sums(self, weights: Float[Array, "rows cols"], x: Inputs) -> Sums:
        """The linear map of `x` by `weights`, which may be rounded ones."""

    @abc.abstractmethod
    def unfolded(self, x: Inputs) -> Float[Array, "rows ..."]:
        """The inputs of each dot product, so that `sums` is one matrix product."""

    @abc.abstractmethod
    def products(self, shape: tuple[int, ...]) -> int:
        """Number of products of one evaluation for an input of `shape`."""


class DenseLayer(AbstractLayer):
    """$W^T x$, the same at every place."""

    weights: Float[Array, "rows cols"]
    bias: Float[Array, " cols"]

    def sums(self, weights: Float[Array, "rows cols"], x: Inputs) -> Sums:
        """A matrix product."""
        return product(weights, x.reshape(x.shape[0], -1)).reshape(-1, *x.shape[1:])

    def unfolded(self, x: Inputs) -> Float[Array, "rows ..."]:
        """`x`."""
        return x

    def products(self, shape: tuple[int, ...]) -> int:
        """Weights times places."""
        return self.weights.size * math.prod(shape[1:])


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

    def sums(self, weights: Float[Array, "rows cols"], x: Inputs) -> Sums:
        """The convolution of `x`, `(channels, height, width, samples)`."""
        # Apart from the product, as gradients of a convolution are slow in a loop.
        rows = jax.lax.optimization_barrier(self.unfolded(x))
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

    def products(self, shape: tuple[int, ...]) -> int:
        """Products of all windows, those with zeros around the picture aside."""
        ones = jnp.ones((1, *shape[1:3], 1))
        inside = float(jnp.sum(self.unfolded(ones)))
        return round(inside) * self.weights.size // self.window**2


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


class ExactArithmetic(AbstractArithmetic):
    """Floating point, as the network was trained."""

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        """The layer's own sums."""
        del number
        return layer.sums(layer.weights, x)

    def softmax(
        self, number: int, scores: Float[Array, "... keys"]
    ) -> Float[Array, "... keys"]:
        """The softmax of base e."""
        del number
        return jax.nn.softmax(scores, axis=-1)


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
