"""A score network whose layers compute in number formats, with gradients."""

import dataclasses
import math
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, Float, Int

from .._core._arrays import straight_through
from .._core._types import State
from ..formats import AbstractFormat, Operation, round_gradient
from ._arithmetic import (
    AbstractLayer,
    AbstractLayeredScore,
    AbstractProductArithmetic,
    Inputs,
    Seen,
    Sums,
)
from ._base import AbstractScore


def _one_a_layer(formats: Any) -> tuple[AbstractFormat, ...]:
    """A tuple of formats; one format alone is refused, as layers need not share it."""
    if isinstance(formats, AbstractFormat):
        raise ValueError(
            "`weights` and `inputs` must each be a tuple with one format for each "
            f"layer; got one {type(formats).__name__}: write `(form,) * "
            "len(score.layers)`."
        )
    return tuple(formats)


class QuantisedScore(AbstractScore):
    r"""A layered score whose weights and layer inputs are rounded to number formats.

    Layer l computes $Q^w_l(W_l)^T Q^h_l(h_l)$, with the inputs of each dot product of a
    convolution rounded together, as its codes are; biases, the embedding and the
    rectifier are in floating point. The gradient is the one that each format gives, so
    that the network can be trained in its formats. `IntegerScore` is the model of one
    integer engine, with its accumulators and its requantiser.

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

    score: AbstractLayeredScore
    weights: tuple[AbstractFormat, ...] = eqx.field(converter=_one_a_layer)
    inputs: tuple[AbstractFormat, ...] = eqx.field(converter=_one_a_layer)
    gradients: AbstractFormat | None = None
    is_exact: bool = eqx.field(default=False, static=True)

    def __check_init__(self):
        layers = len(self.score.layers)
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
        score = self.score if label is None else self.score.of_class(label)
        return score.evaluate(t, x, _Rounded(self))

    def operations(self) -> tuple[Operation, ...]:
        """Operations of one evaluation for one sample (not under `jit`)."""
        found = []
        for layer, shape, own, other in zip(
            self.score.layers,
            self.score.shapes(),
            self.weights,
            self.inputs,
            strict=True,
        ):
            rows, cols = layer.weights.shape
            dots = layer.places(shape) * cols
            each = own.counts(rows, other)
            found += [one._replace(number=dots * one.number) for one in each]
        return tuple(found)

    @property
    def stored_bits(self) -> int:
        """Bits of the weights in memory (not under `jit`)."""
        pairs = zip(self.score.layers, self.weights, strict=True)
        return sum(form.stored_bits(*own.weights.shape) for own, form in pairs)

    def layer_inputs(self, t: Float[Array, "..."], x: State) -> tuple[Inputs, ...]:
        """The input of each layer before it is rounded."""
        seen = Seen(_Rounded(self))
        self.score.evaluate(t, x, seen)
        return tuple(seen.inputs)

    def calibrated(self, t: Float[Array, "..."], x: State) -> "QuantisedScore":
        """This score with the ranges of its inputs fixed by a calibration set.

        Args:
            t: Diffusion times, one for all samples or one for each.
            x: States that the network generates from, not those that judge it.

        Raises:
            ValueError: If the set is empty.
        """
        fixed = [
            form.calibrated(_columns(h))
            for form, h in zip(self.inputs, self.layer_inputs(t, x), strict=True)
        ]
        return dataclasses.replace(self, inputs=tuple(fixed))


class _Rounded(AbstractProductArithmetic):
    """Products of rounded weights and inputs."""

    def __init__(self, score: QuantisedScore):
        self._score = score

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        """Sums of a layer for its input."""
        own, other = self._score.weights[number], self._score.inputs[number]
        rows = layer.unfolded(x)
        sums = layer.dot(own.quantise(layer.weights), other.quantise(rows))
        if self._score.is_exact:
            w, rows = jax.lax.stop_gradient((layer.weights, rows))
            found = own.encode(w).dot(other.encode(_columns(rows)))
            sums = straight_through(found.reshape(sums.shape), sums)
        if self._score.gradients is None:
            return sums
        return round_gradient(sums, self._score.gradients)


def _columns(h: Float[Array, "..."]) -> Float[Array, "rows cols"]:
    """`h` with one axis of columns, also where there are none."""
    return h.reshape(h.shape[0], math.prod(h.shape[1:]))
