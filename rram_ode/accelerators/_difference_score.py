r"""Differences between adjacent denoising steps: small ones dense, large ones sparse.

The technique of Guo et al., ISSCC 2024, 20.2. Its abstract names the two tensors, dense
integers and sparse floating point; the thresholds between them are ours. The inputs of
a layer change little from step to step, so each layer keeps its reference $r$ and its
sums $y$, and step t computes with $D = a_t - r$ alone:

$$y \leftarrow y + W^T \Delta, \qquad \Delta_i = \begin{cases}
  D_i & |D_i| > \theta, \text{ in floating point} \\
  Q_B(D_i) & \text{otherwise, an integer of B bits with the range } \theta
\end{cases}$$

In the closed loop $r \leftarrow r + \Delta$: what rounding leaves over is part of the
next difference. In the open loop $r \leftarrow a_t$, and errors add up. Bias, time
embedding and rectifier act on the whole of $y$. The first step, and each one that
refreshes, is the difference from zero with all of it in floating point.
"""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Bool, Float, Int32

from .._core._arrays import as_float, as_integer
from .._core._checks import is_concrete
from .._core._types import Scalar
from ..formats import AbstractFormat, FixedClip, UniformFormat
from ..scores import (
    AbstractLayer,
    AbstractLayeredScore,
    AbstractProductArithmetic,
)
from ._references import (
    AbstractReference,
    ClosedReference,
    Inputs,
    LayerMemory,
    Sums,
)


KINDS = ("zero", "integer", "floating point")  # of a difference, as they are counted


class Evaluation(NamedTuple):
    """One evaluation of all layers.

    Args:
        score: The score.
        memory: The memory of each layer after it.
        counts: Number of inputs of each of the `KINDS`, for each layer and sample.
        similarity: Standard deviation of the differences over that of the inputs, for
            each layer.
        thresholds: The threshold of each layer.
    """

    score: Float[Array, "dim samples"]
    memory: tuple[LayerMemory, ...]
    counts: Int32[Array, "layers kinds samples"]
    similarity: Float[Array, " layers"]
    thresholds: Float[Array, " layers"]


class DifferenceScore(eqx.Module):
    """A layered score that computes with the differences between adjacent steps.

    It is no `AbstractScore`: an evaluation depends on the step before. It runs in
    `generate_differences`, and `calibrate_differences` chooses its thresholds; without
    them all differences are large, and it is the plain network.

    Args:
        score: The network. A label is chosen before, by `score.of_class`.
        bits: B, the bits of a small difference, 2 to 16, its sign included.
        thresholds: The largest small difference of each layer, one row for each step or
            one for all. Below 0 all differences are large.
        references: The rule of each layer's reference; `None` closes all loops.
        refresh: Number of steps from one in full precision to the next; 0 for none but
            the first.
        large: The format of large differences; `None` leaves their precision.
        stored_reference: The format in which references are kept; `None` leaves it.
        stored_sums: The format in which sums are kept; `None` leaves it.
        starts: The starts of the calibration, which must not judge.

    Raises:
        ValueError: If the bits are out of range, or `thresholds` or `references` have
            another number of layers than the network.

    Example:
        >>> import jax.numpy as jnp
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> from rram_ode import accelerators
        >>> from rram_ode.sdes import ProbabilityFlow
        >>> checkpoint = rr.System.from_preset("ring-64-fresh").checkpoint
        >>> flow, ts = ProbabilityFlow(checkpoint.sde), jnp.linspace(1.0, 1e-3, 51)
        >>> x1 = jr.normal(jr.key(0), (2, 256))
        >>> score = accelerators.DifferenceScore(checkpoint.score, bits=4)
        >>> calibrate = accelerators.calibrate_differences
        >>> score = calibrate(score, flow, x1, ts, fraction=0.05)
        >>> x1 = jr.normal(jr.key(1), (2, 256))
        >>> run = accelerators.generate_differences(score, flow, x1, ts)
        >>> run.x.shape, bool(abs(run.fraction[-1] - 0.05) < 0.005)
        ((2, 256), True)
    """

    score: AbstractLayeredScore
    bits: Int32[Array, ""]
    thresholds: Float[Array, "steps layers"]
    references: tuple[AbstractReference, ...]
    refresh: Int32[Array, ""]
    large: AbstractFormat | None
    stored_reference: AbstractFormat | None
    stored_sums: AbstractFormat | None
    starts: Float[Array, "dim calibration"] | None

    def __init__(
        self,
        score: AbstractLayeredScore,
        bits: int | Int32[Array, ""],
        thresholds: Float[ArrayLike, "steps layers"] | None = None,
        references: tuple[AbstractReference, ...] | None = None,
        *,
        refresh: int | Int32[Array, ""] = 0,
        large: AbstractFormat | None = None,
        stored_reference: AbstractFormat | None = None,
        stored_sums: AbstractFormat | None = None,
        starts: Float[Array, "dim calibration"] | None = None,
    ):
        layers = len(score.layers)
        all_large = jnp.full((1, layers), -1.0)
        self.score, self.bits = score, UniformFormat(bits).bits
        self.thresholds = all_large if thresholds is None else as_float(thresholds)
        closed = (ClosedReference(),) * layers
        self.references = closed if references is None else references
        self.refresh = as_integer(refresh)
        self.large, self.starts = large, starts
        self.stored_reference, self.stored_sums = stored_reference, stored_sums

    def __check_init__(self):
        layers = len(self.score.layers)
        if not self.thresholds.shape[1] == len(self.references) == layers:
            raise ValueError(
                f"`thresholds` and `references` must have one entry for each of "
                f"{layers} layers; got {self.thresholds.shape[1]} and "
                f"{len(self.references)}."
            )
        if is_concrete(self.refresh) and self.refresh < 0:
            raise ValueError(
                "`refresh` must be a number of steps, or 0 for none; got "
                f"{int(self.refresh)}."
            )

    def evaluate(
        self,
        t: Scalar,
        x: Float[Array, "dim samples"],
        memory: tuple[LayerMemory, ...],
        choose: Callable[[int, Inputs], Scalar],
        is_full: Bool[Array, ""],
    ) -> Evaluation:
        """The score at `t` and `x`, and the memory of the next step.

        Args:
            t: Diffusion time.
            x: States.
            memory: Memory of each layer.
            choose: The threshold of a layer by its number and its differences.
            is_full: Whether the memory is forgotten and all is in floating point.
        """
        how = _Differences(self, memory, choose, is_full)
        score = self.score.evaluate(t, x, how)
        memory, *others = zip(*how.found, strict=True)
        return Evaluation(score, memory, *map(jnp.stack, others))

    def no_memory(self, x: Float[Array, "dim samples"]) -> tuple[LayerMemory, ...]:
        """The memory before the first step."""
        found = []
        for layer, shape in zip(
            self.score.layers, self.score.shapes(x.shape[1]), strict=True
        ):
            inputs = jnp.zeros(shape, x.dtype)
            sums = jax.eval_shape(layer.sums, layer.weights, inputs)
            found.append(LayerMemory(inputs, jnp.zeros(sums.shape, x.dtype)))
        return tuple(found)


class _Differences(AbstractProductArithmetic):
    """One evaluation by differences from the memory of each layer."""

    def __init__(
        self,
        own: DifferenceScore,
        memory: tuple[LayerMemory, ...],
        choose: Callable[[int, Inputs], Scalar],
        is_full: Bool[Array, ""],
    ):
        self._own, self._memory = own, memory
        self._choose, self._is_full = choose, is_full
        self.found: list[tuple[LayerMemory, Array, Array, Array]] = []

    def product(self, number: int, layer: AbstractLayer, x: Inputs) -> Sums:
        """The sums that are kept, after the change of this step."""
        own, is_full = self._own, self._is_full
        kept = self._memory[number]
        reference, sums = (jnp.where(is_full, 0.0, each) for each in kept)
        difference = x - reference
        threshold = self._choose(number, difference)
        is_large = is_full | (jnp.abs(difference) > threshold)
        scale = jnp.where(threshold > 0, threshold, 1.0)
        small = UniformFormat(own.bits, FixedClip(scale)).quantise(
            jnp.where(is_large, 0.0, difference)
        )
        change = jnp.where(is_large, _stored(difference, own.large), small)
        sums = sums + layer.sums(layer.weights, change)
        reference = own.references[number](reference, x, change)
        is_zero = ~is_large & (small == 0)
        kinds = is_zero, ~(is_large | is_zero), is_large
        axes = tuple(range(x.ndim - 1))
        counts = jnp.stack([kind.sum(axis=axes, dtype=jnp.int32) for kind in kinds])
        similarity = jnp.std(difference) / jnp.std(x)
        memory = LayerMemory(
            _stored(reference, own.stored_reference), _stored(sums, own.stored_sums)
        )
        self.found.append((memory, counts, similarity, threshold))
        return sums


def _stored(x: Float[Array, "..."], form: AbstractFormat | None) -> Array:
    """`x` in a format, or as it is."""
    return x if form is None else form.quantise(x)
