"""The decoder of an autoencoder as a chain of perceptrons, digital, to be written.

Each stage is a network without an embedding on arrays of its own; the first takes
states, a later one the windows of the map that the stage before it held.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._types import State
from ..latents import Autoencoder, SCALE
from ..scores import FourierMLP, NetworkScore
from ._kernels import kernel_of, Windows


class Stage(eqx.Module):
    """A network that is read once, or once for each window of the map before it.

    Args:
        score: The network; nothing is read out of it but its output.
        windows: What its rows see; `None` for a stage that is read once.
    """

    score: NetworkScore
    windows: Windows | None = None

    @property
    def depth(self) -> int:
        """Number of layers, which settle one after the other."""
        return len(self.score.network.weights)

    @property
    def num_reads(self) -> int:
        """How often the last layer is read."""
        return 1 if self.windows is None else self.windows.num_reads

    def rows(
        self, units: Float[Array, "units ..."]
    ) -> Float[Array, "rows reads *samples"]:
        """What the rows of the first layer see in each read."""
        return units[:, None] if self.windows is None else self.windows.rows(units)

    def activations(
        self, rows: Float[Array, "rows reads ..."]
    ) -> tuple[Float[Array, "_ inputs"], ...]:
        """Those of each hidden layer and of the output, all reads and samples a row."""
        flat = rows.reshape(rows.shape[0], -1)
        return self.score.network.activations(jnp.zeros(()), flat)

    def join(
        self, columns: Float[Array, "cols reads *samples"]
    ) -> Float[Array, "units ..."]:
        """The outputs of all reads, as the next stage takes them."""
        return columns[:, 0] if self.windows is None else self.windows.join(columns)

    def __call__(self, units: Float[Array, "units ..."]) -> Float[Array, "outputs ..."]:
        """The outputs of the stage, before a rectifier."""
        rows = self.rows(units)
        *_, flat = self.activations(rows)
        return self.join(flat.reshape(-1, *rows.shape[1:]))


class Stages(eqx.Module):
    """All stages of a decoder, with rectifiers between them.

    Args:
        parts: The stages.
        shape: Height and width of a picture, in pixels.
    """

    parts: tuple[Stage, ...]
    shape: tuple[int, int] = eqx.field(static=True)

    def __call__(self, x: State) -> Float[Array, "pixels ..."]:
        """The logit of each pixel of the pictures of states `x`, `(dim, *samples)`."""
        return self.outputs(x)[-1]

    def outputs(self, x: State) -> tuple[Float[Array, "_ ..."], ...]:
        """The outputs of each stage, before its rectifiers."""
        found, units = [], x
        for stage in self.parts:
            found.append(stage(units))
            units = jax.nn.relu(found[-1])
        return tuple(found)

    def inputs(self, x: State) -> tuple[Float[Array, "_ reads *samples"], ...]:
        """What the rows of each stage see."""
        before = (x, *map(jax.nn.relu, self.outputs(x)[:-1]))
        return tuple(
            stage.rows(units) for stage, units in zip(self.parts, before, strict=True)
        )

    @property
    def num_reads(self) -> int:
        """Reads of a picture, one after the other: a layer within a stage takes one."""
        return sum(stage.depth - 1 + stage.num_reads for stage in self.parts)


def stages_of(model: Autoencoder) -> Stages:
    """The decoder of `model` for states, which are its latents over 8.

    Raises:
        ValueError: If a convolution does not double the pixels.
    """
    decoder, (height, width) = model.decoder, model.decoder.quarter
    units, spread = decoder.units, decoder.spread
    first = kernel_of(decoder.first, (height, width))
    second = kernel_of(decoder.second, (2 * height, 2 * width))
    dense = _network(
        (SCALE * units.weight.T, spread.weight.T),
        (_bias(units), _bias(spread)),
    )
    parts = (
        Stage(dense),
        *(
            Stage(_network((k.weights,), (k.biases,)), k.windows)
            for k in (first, second)
        ),
    )
    return Stages(parts, model.shape)


def _network(weights: tuple[Array, ...], biases: tuple[Array, ...]) -> NetworkScore:
    return NetworkScore(FourierMLP(weights, biases, jnp.zeros(0), 1.0))


def _bias(linear: eqx.nn.Linear) -> Float[Array, " cols"]:
    assert linear.bias is not None  # of an autoencoder
    return linear.bias
