"""A score network whose layers compute in number formats, with gradients."""

import dataclasses
import math

import equinox as eqx
import jax
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns, product, straight_through
from .._core._types import State
from ..formats import AbstractFormat, Operation, round_gradient
from ._base import AbstractScore
from ._network import for_width, FourierMLP, NetworkScore


class QuantisedScore(AbstractScore):
    r"""A `NetworkScore` whose weights and layer inputs are rounded to number formats.

    Layer l computes $Q^w_l(W_l)^T Q^h_l(h_l)$; biases, the embedding and the rectifier
    are in floating point. The gradient is the one that each format gives, so that the
    network can be trained in its formats. `IntegerScore` is the model of one integer
    engine, with its accumulators and its requantiser.

    Args:
        score: The network.
        weights: The format of each layer's weights.
        inputs: The format of each layer's input.
        gradients: The format of the gradient of each layer's sums, on its way back;
            `None` leaves it as it is.
        is_exact: Whether products are those of the codes, as hardware adds them, in
            place of products of the decoded numbers, which are faster.

    Raises:
        ValueError: If there is not one format of weights and of inputs for each layer.

    Example:
        >>> import jax.numpy as jnp
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> from rram_ode.formats import OptimalClip, UniformFormat
        >>> from rram_ode.scores import QuantisedScore
        >>> score = rr.System.from_preset("ring-64-fresh").checkpoint.score
        >>> weights = UniformFormat(4, OptimalClip(per_column=True))
        >>> quantised = QuantisedScore(score, (weights,) * 3, (UniformFormat(8),) * 3)
        >>> t, x = jnp.asarray(0.5), jr.normal(jr.key(0), (2, 1000))
        >>> quantised.calibrated(t, x)(t, x).shape
        (2, 1000)
        >>> quantised.stored_bits / 4
        4352.0
    """

    score: NetworkScore
    weights: tuple[AbstractFormat, ...]
    inputs: tuple[AbstractFormat, ...]
    gradients: AbstractFormat | None = None
    is_exact: bool = eqx.field(default=False, static=True)

    def __check_init__(self):
        layers = len(self.score.network.weights)
        if not len(self.weights) == len(self.inputs) == layers:
            raise ValueError(
                f"`weights` and `inputs` must have one format for each of {layers} "
                f"layers; got {len(self.weights)} and {len(self.inputs)}."
            )

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.score.dim

    def __call__(
        self,
        t: Float[Array, "..."],
        x: State,
        *,
        label: Int[Array, "..."] | None = None,
    ) -> State:
        """The score at `t`, one for all samples or one for each, and `x`."""
        factor = self.score.readout.factor
        network = self._network(label)
        out = network.output_factor * self.activations(t, x, label=label)[-1]
        return (jax.vmap(factor)(t)[None] if t.ndim else factor(t)) * out

    def activations(
        self,
        t: Float[Array, "..."],
        x: State,
        *,
        label: Int[Array, "..."] | None = None,
    ) -> tuple[Array, ...]:
        """The input of each layer before it is rounded, and the output of the last."""
        network = self._network(label)
        embed = network.embedding
        embedding = jax.vmap(embed, out_axes=1)(t) if t.ndim else embed(t)
        nodes, last = [x], len(network.weights) - 1
        for number, bias in enumerate(network.biases):
            sums = self._product(number, nodes[-1])
            if number == last:
                return (*nodes, sums + broadcast_columns(bias, sums))
            wave = for_width(embedding, bias.shape[0])
            drive = broadcast_columns(bias, wave) + wave
            nodes.append(jax.nn.relu(sums + broadcast_columns(drive, sums, drive.ndim)))
        raise AssertionError("a network has a last layer")

    def operations(self) -> tuple[Operation, ...]:
        """Operations of one evaluation for one sample (not under `jit`)."""
        found = []
        for w, own, other in zip(
            self.score.network.weights, self.weights, self.inputs, strict=True
        ):
            rows, cols = w.shape
            each = own.counts(rows, other)
            found += [one._replace(number=cols * one.number) for one in each]
        return tuple(found)

    @property
    def stored_bits(self) -> int:
        """Bits of the weights in memory (not under `jit`)."""
        pairs = zip(self.score.network.weights, self.weights, strict=True)
        return sum(form.stored_bits(*w.shape) for w, form in pairs)

    def calibrated(self, t: Float[Array, "..."], x: State) -> "QuantisedScore":
        """This score with the ranges of its inputs fixed by a calibration set.

        Args:
            t: Diffusion times, one for all samples or one for each.
            x: States that the network generates from, not those that judge it.

        Raises:
            ValueError: If the set is empty.
        """
        *nodes, _ = self.activations(t, x)
        fixed = [
            form.calibrated(_columns(h))
            for form, h in zip(self.inputs, nodes, strict=True)
        ]
        return dataclasses.replace(self, inputs=tuple(fixed))

    def _network(self, label: Int[Array, "..."] | None) -> FourierMLP:
        network = self.score.network
        return network if label is None else network.of_class(label)

    def _product(self, number: int, h: Float[Array, "..."]) -> Float[Array, "..."]:
        """Sums of layer `number` for its input."""
        w, own = self.score.network.weights[number], self.weights[number]
        other = self.inputs[number]
        sums = product(own.quantise(w), other.quantise(h))
        if self.is_exact:
            fixed, flat = jax.lax.stop_gradient((w, _columns(h)))
            found = own.encode(fixed).dot(other.encode(flat)).reshape(sums.shape)
            sums = straight_through(found, sums)
        if self.gradients is None:
            return sums
        return round_gradient(sums, self.gradients)


def _columns(h: Float[Array, "..."]) -> Float[Array, "rows cols"]:
    """`h` with one axis of columns, also where there are none."""
    return h.reshape(h.shape[0], math.prod(h.shape[1:]))
