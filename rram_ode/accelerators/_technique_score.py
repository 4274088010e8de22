"""What a technique of an attention accelerator is, and a score that computes by some.

A technique wraps an arithmetic, so that several work together; the softmax that they
act on may itself be another than the exact one.
"""

import abc
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int, Int32

from .._core._checks import is_concrete
from .._core._types import Scalar, State, Times
from ..formats import Softermax
from ..samplers import Euler
from ..scores import (
    AbstractArithmetic,
    AbstractLayer,
    AbstractScore,
    AttentionScore,
    ExactArithmetic,
)
from ..sdes import AbstractProcess


Weights = Float[Array, "... keys"]


Softmax = Callable[[Weights], Weights]


Counts = dict[str, Int32[Array, "*steps blocks samples"]]


LOG2_E = math.log2(math.e)


class AbstractCounter(AbstractArithmetic):
    """An arithmetic that counts what it did in its one evaluation."""

    @abc.abstractmethod
    def counts(self) -> Counts:
        """Numbers by name, of each block and sample."""


class AbstractAttentionTechnique(eqx.Module):
    """Something that an accelerator does to the attention of a network."""

    @abc.abstractmethod
    def around(
        self,
        score: AttentionScore,
        t: Scalar | Float[Array, " samples"],
        own: AbstractArithmetic,
    ) -> AbstractCounter:
        """An arithmetic for one evaluation of `score` at `t` that hands on to `own`."""

    @abc.abstractmethod
    def check(self, score: AttentionScore) -> None:
        """Refuse a network that the technique does not fit.

        Raises:
            ValueError: If it does not.
        """


class RescaledSoftermax(eqx.Module):
    r"""`Softermax` for a network that was trained with base e.

    Scores are multiplied by $\log_2 e$, in the unit that makes them: folded into the
    query's weights it costs nothing.

    Args:
        softermax: What computes the weights of the scaled scores.
    """

    softermax: Softermax = Softermax()

    def __call__(self, scores: Weights) -> Weights:
        """Weights that add up to 1, nearly."""
        return self.softermax(LOG2_E * scores)


class TechniqueScore(AbstractScore):
    """An attention network that computes as an accelerator does.

    It is a score for any digital sampler. `evaluate` counts one evaluation,
    `generate_counted` those of a whole run.

    Args:
        score: The network.
        techniques: What is done to its attention and by it, the first one first.
        softmax: The weights of scores, over the last axis; `None` is that of base e.

    Raises:
        ValueError: If the network has no attention, or does not fit a technique.

    Example:
        >>> import jax.numpy as jnp
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> from rram_ode.accelerators import PSSA, TechniqueScore, TIPS
        >>> score = rr.training.PICTURE_NETWORKS["attention"].untrained(jr.key(0))
        >>> made = TechniqueScore(score, (PSSA(1 / 256), TIPS()))
        >>> x, counts = made.evaluate(jnp.asarray(0.5), jr.normal(jr.key(1), (256, 3)))
        >>> sorted(counts), counts["low"].tolist()
        (['changed', 'kept', 'low'], [[29, 29, 29], [29, 29, 29]])
    """

    score: AttentionScore
    techniques: tuple[AbstractAttentionTechnique, ...] = ()
    softmax: Softmax | None = None

    # Not annotated with the class that is needed: the refusal is a sentence.
    def __init__(
        self,
        score: Any,
        techniques: tuple[AbstractAttentionTechnique, ...] = (),
        softmax: Softmax | None = None,
    ):
        if not isinstance(score, AttentionScore):
            raise ValueError(
                "`score` must be a network with attention, which PSSA, TIPS and "
                f"Softermax act on; a {type(score).__name__} has none: take the "
                "network `attention`."
            )
        for technique in techniques:
            technique.check(score)
        self.score, self.techniques, self.softmax = score, techniques, softmax

    @property
    def dim(self) -> int:
        """Number of pixels."""
        return self.score.dim

    def __call__(
        self,
        t: Scalar | Float[Array, " samples"],
        x: State,
        *,
        label: Int[Array, "..."] | None = None,
    ) -> State:
        """The score at `t`, one for all samples or one for each, and `x`."""
        columns = x[:, None] if x.ndim == 1 else x
        return self.evaluate(t, columns, label=label)[0].reshape(x.shape)

    def evaluate(
        self,
        t: Scalar | Float[Array, " samples"],
        x: Float[Array, "dim samples"],
        *,
        label: Int[Array, "..."] | None = None,
    ) -> tuple[Float[Array, "dim samples"], Counts]:
        """The score and what its techniques count, by block and sample."""
        score = self.score if label is None else self.score.of_class(label)
        arithmetic: AbstractArithmetic = (
            ExactArithmetic() if self.softmax is None else _WithSoftmax(self.softmax)
        )
        counters = []
        for technique in self.techniques:
            arithmetic = technique.around(score, t, arithmetic)
            counters.append(arithmetic)
        found = score.evaluate(t, x, arithmetic)
        counts: Counts = {}
        for counter in counters:
            counts |= counter.counts()
        return found, counts


class _WithSoftmax(AbstractArithmetic):
    """Exact products, and another softmax."""

    def __init__(self, softmax: Softmax):
        self._softmax = softmax

    def product(self, number: int, layer: AbstractLayer, x: Array) -> Array:
        """The layer's own sums."""
        return ExactArithmetic().product(number, layer, x)

    def softmax(self, number: int, scores: Weights) -> Weights:
        """The weights of the other softmax."""
        del number
        return self._softmax(scores)


class CountedRun(NamedTuple):
    """Samples, and what each step's evaluation counted.

    Args:
        x: The samples.
        counts: Numbers by name, of each step, block and sample.
    """

    x: Float[Array, "dim samples"]
    counts: Counts


@eqx.filter_jit
def generate_counted(
    score: TechniqueScore,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
) -> CountedRun:
    """Samples from the starts `x1` by Euler's method, with counts of every step.

    Args:
        score: The score.
        process: What is integrated.
        x1: Starts.
        ts: Diffusion times, falling.
    """
    score.score.require(process)

    def step(x, pair):
        found, counts = score.evaluate(pair[0], x)
        held = lambda t, x: found
        return Euler()(process, held, x, pair), counts

    x, counts = lax.scan(step, x1, jnp.stack([ts[:-1], ts[1:]], axis=1))
    return CountedRun(x, counts)


@eqx.filter_jit
def noise_error(
    score: TechniqueScore, t: Float[Array, " samples"], x: Float[Array, "dim samples"]
) -> Scalar:
    r"""$\sum (\epsilon - \epsilon_0)^2 / \sum \epsilon_0^2$ of the noise predictions.

    $\epsilon = -s(t)\,\mathrm{score}$, and $\epsilon_0$ is that of the plain network.
    """
    std = score.score.preconditioning.marginal(t)[1][None]
    plain = std * score.score(t, x)
    return jnp.sum((std * score(t, x) - plain) ** 2) / jnp.sum(plain**2)


def require_fraction(name: str, value: float | Scalar, what: str) -> None:
    """Refuse what is concrete and no fraction from 0 to 1."""
    if is_concrete(jnp.asarray(value)) and not 0 <= float(value) <= 1:
        raise ValueError(f"`{name}` must be {what}, 0 to 1; got {float(value):g}.")
