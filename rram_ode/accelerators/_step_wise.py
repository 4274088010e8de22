r"""Step-wise quantisation after training: one range for each layer and step.

The technique that Diff-Acc (Tang et al.) names "step-wise quantisation". Only its
abstract is public; what follows is our reading of it. Activations change their range
along the flow, so the scale of layer l is a table over steps, made from trajectories
of a calibration set:

$$s_{l,n} = \mathrm{margin} \cdot \max_{m \in G(n)} \max |a_l(t_m)|,$$

with one row for each group G of consecutive steps: 1 step, several, or all of them
(static quantisation). A row holds half-precision numbers of 16 bits. Weights have a
scale per column and 8 bits. The state, which is the first layer's input, has a fixed
range and 12 bits: its law is known, and one clipped state diverges. A layer
whose input was negative in the calibration has codes with a sign, others have not.

Sums are integers, which leave in units of both scales. Bias, embedding, normalisation
and activation are in floating point; `IntegerScore` is the model of one engine with its
accumulators and its requantiser, bit for bit. The paper's group-wise parallelism and
its decoupled data dependencies are architecture, and are not modelled.
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Bool, Float, Int, Int32

from .._core._arrays import as_integer, broadcast_columns, scalar
from .._core._checks import is_concrete, positive
from .._core._types import Scalar, State, Times
from ..formats import exact_product, MaxClip, UniformFormat
from ..scores import (
    AbstractLayer,
    AbstractLayeredScore,
    AbstractProductArithmetic,
    AbstractScore,
    Inputs,
    Sums,
)


STATE_RANGE = 4.5  # of a state of unit variance


STATE_BITS, WEIGHT_BITS, TABLE_BITS = 12, 8, 16


class StepWiseScore(AbstractScore):
    """A layered score in integers whose scales follow the step.

    Make one by `calibrate_step_wise`. The row of the table is found by the time, so
    that every sampler takes this score: a row holds from half a step before the time of
    its first evaluation to half a step behind that of its last one. All numbers are
    arrays, and `dataclasses.replace` sweeps them in one compiled program.

    Args:
        score: The network. A label is chosen before, by `score.of_class`, or in a call.
        times: Times of the evaluations of the calibration, falling.
        largest: Largest magnitude of each layer's input there; the first column, that
            of the state, is not used.
        is_signed: Whether a layer's input was negative.
        bits: Bits of the other layers' inputs, 2 to 12, their sign included.
        group: Number of consecutive steps that share a row.
        margin: Factor on the largest magnitude.
        weight_bits: Bits of the weights, 2 to 8.
        state_bits: Bits of the state, 2 to 12.
        state_range: Largest magnitude of the state.
        starts: The starts of the calibration, which must not judge.
        is_exact: Whether sums are made of limbs in integers, as hardware makes them, in
            place of products of whole numbers in floating point. Those are faster, and
            equal to the bit while sums stay below 2^24 in single precision.

    Raises:
        ValueError: If bits, group, margin or range are out of range, or the table has
            another shape than the times and the layers.
    """

    score: AbstractLayeredScore
    times: Times
    largest: Float[Array, "steps layers"]
    is_signed: Bool[Array, " layers"]
    bits: Int32[Array, ""]
    group: Int32[Array, ""]
    margin: Scalar
    weight_bits: Int32[Array, ""]
    state_bits: Int32[Array, ""]
    state_range: Scalar
    starts: Float[Array, "dim calibration"] | None
    is_exact: bool = eqx.field(static=True)

    def __init__(
        self,
        score: AbstractLayeredScore,
        times: Times,
        largest: Float[Array, "steps layers"],
        is_signed: Bool[Array, " layers"],
        bits: Any = 8,
        group: int | Int[Array, ""] = 1,
        margin: Float[ArrayLike, ""] = 1.0,
        weight_bits: Any = WEIGHT_BITS,
        state_bits: Any = STATE_BITS,
        state_range: Float[ArrayLike, ""] = STATE_RANGE,
        starts: Float[Array, "dim calibration"] | None = None,
        is_exact: bool = False,
    ):
        self.score, self.times = score, jnp.asarray(times)
        self.largest, self.is_signed = jnp.asarray(largest), jnp.asarray(is_signed)
        self.bits, self.weight_bits = _bits(bits), _bits(weight_bits)
        self.state_bits, self.group = _bits(state_bits), as_integer(group)
        self.margin, self.state_range = scalar(margin), scalar(state_range)
        self.starts, self.is_exact = starts, is_exact

    def __check_init__(self):
        layers = len(self.score.layers)
        shape = self.times.size, layers
        if self.largest.shape != shape or self.is_signed.shape != (layers,):
            raise ValueError(
                f"`largest` must have a row for each of {shape[0]} times and a column "
                f"for each of {layers} layers; got shape {self.largest.shape}."
            )
        for name, most in (("bits", 12), ("state_bits", 12), ("weight_bits", 8)):
            own = getattr(self, name)
            if is_concrete(own) and own > most:
                raise ValueError(
                    f"`{name}` must be at most {most}, so that sums are exact; got "
                    f"{int(own)}."
                )
        if is_concrete(self.group) and self.group < 1:
            raise ValueError(
                f"`group` must be a number of steps, 1 or more; got {int(self.group)}."
            )
        positive("margin", self.margin, "the largest magnitudes")
        positive("state_range", self.state_range, "the unit of the state")

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.score.dim

    @property
    def table(self) -> Float[Array, "steps layers"]:
        """The range of each layer in each step, as half precision holds it."""
        steps = self.times.size
        row = as_integer(jnp.arange(steps)) // self.group
        shared = jax.ops.segment_max(self.largest, row, num_segments=steps)[row]
        stored = (self.margin.astype(shared.dtype) * shared).astype(jnp.float16)
        tiny = jnp.finfo(jnp.float16).tiny
        ranges = jnp.maximum(stored, tiny).astype(shared.dtype)
        return ranges.at[:, 0].set(self.state_range.astype(shared.dtype))

    @property
    def table_bits(self) -> int:
        """Bits of the table in memory, without the state's range (not under `jit`)."""
        rows = math.ceil(self.times.size / int(self.group))
        return TABLE_BITS * rows * (len(self.score.layers) - 1)

    def row(self, t: Scalar) -> Int32[Array, ""]:
        """Number of the step to which the time `t` belongs."""
        edges = (self.times[:-1] + self.times[1:]) / 2
        return jnp.sum(t < edges, dtype=jnp.int32)

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score at `t`, one time for all samples, and `x`."""
        return self.evaluate(t, x, label=label)[0]

    def evaluate(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> tuple[State, tuple[Bool[Array, "..."], ...]]:
        """The score, and where the input of each layer lay beyond its range."""
        score = self.score if label is None else self.score.of_class(label)
        columns = x[:, None] if x.ndim == 1 else x
        how = _StepWise(self, self.table[self.row(t)])
        found = score.evaluate(t, columns, how).reshape(x.shape)
        return found, tuple(how.clipped)

    def bits_of(self, number: int) -> Int32[Array, ""]:
        """Bits of the input of a layer."""
        return self.bits if number else self.state_bits


class _StepWise(AbstractProductArithmetic):
    """Products of integers, with the ranges of one step."""

    def __init__(self, own: StepWiseScore, ranges: Float[Array, " layers"]):
        self._own, self._ranges = own, ranges
        self.clipped: list[Array] = []

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        """Sums of codes, in units of both steps."""
        own, scale = self._own, self._ranges[number].astype(x.dtype)
        self.clipped.append(jnp.abs(x) > scale)
        codes, unit = activation_codes(
            x, scale, own.bits_of(number), own.is_signed[number]
        )
        weights = UniformFormat(own.weight_bits, MaxClip(per_column=True))
        w = weights.encode(layer.weights)
        if own.is_exact:
            rows = layer.unfolded(codes).astype(jnp.int32)
            flat = rows.reshape(rows.shape[0], -1)
            found = exact_product(w.codes, flat, (1, 2)).as_float(x.dtype)
            sums = found.reshape(-1, *rows.shape[1:])
        else:
            sums = layer.sums(w.codes.astype(x.dtype), codes)
        return sums * broadcast_columns(w.step * unit, sums)


def activation_codes(
    x: Inputs, scale: Scalar, bits: Int32[Array, ""], is_signed: Bool[Array, ""]
) -> tuple[Inputs, Scalar]:
    """Whole numbers nearest to `x` in units of a step, and the step.

    Args:
        x: Activations.
        scale: Largest magnitude that has a code.
        bits: Bits, the sign included.
        is_signed: Whether there is a sign.
    """
    sign = is_signed.astype(jnp.int32)
    top = ((as_integer(1) << (bits - sign)) - 1).astype(x.dtype)
    step = scale / top
    return jnp.clip(jnp.round(x / step), jnp.where(is_signed, -top, 0.0), top), step


def _bits(bits: Any) -> Int32[Array, ""]:
    """`bits` as an array, checked."""
    return UniformFormat(bits).bits
