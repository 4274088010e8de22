"""Tuning of a chip and its loop by gradients through the solve."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, PyTree

from .._core._arrays import root
from .._core._types import Key, Scalar, State
from ..chip import Chip
from ..datasets import AbstractDataset
from ..loop import ClosedLoop, with_labels
from ..scores import ClassEmbedding, FourierMLP
from ..sdes import Prior
from ._descend import descend
from ._sample_loss import sliced_wasserstein_loss


Arrays = tuple[Array, ...]


Params = tuple[Arrays, Arrays, Arrays]


def parameters(network: FourierMLP) -> Params:
    """Weights, biases, and arrays of the embedding of classes; all else stays."""
    own = network.classes
    classes = () if own is None else (own.rows, own.weights, own.biases)
    return network.weights, network.biases, classes


def with_parameters(network: FourierMLP, params: Params) -> FourierMLP:
    """`network` with other weights, biases and embedding of classes."""
    weights, biases, own = params
    classes = ClassEmbedding(*own) if own else None
    return dataclasses.replace(network, weights=weights, biases=biases, classes=classes)


def bounded(params: Params, w_max: float | None, b_max: float | None) -> Params:
    r"""Bounded weights $w_\text{max} \tanh(w / w_\text{max})$, and biases by `b_max`.

    The optimiser moves free numbers, while the network's weights are bounded: weights
    of similar size use the conductance range better. `None` is no bound. The embedding
    of classes is computed digitally, and has none.
    """
    weights, biases, classes = params
    return _bounded(weights, w_max), _bounded(biases, b_max), classes


def _bounded(arrays: tuple[Array, ...], most: float | None) -> tuple[Array, ...]:
    if most is None:
        return arrays
    return tuple(most * jnp.tanh(x / most) for x in arrays)


LoopAndChip = tuple[ClosedLoop, Chip]


class Tuned(NamedTuple):
    """A loop and a chip with tuned numbers, and the loss of each step."""

    loop: ClosedLoop
    chip: Chip
    losses: Float[Array, " steps"]


@eqx.filter_jit
def tune(
    loop: ClosedLoop,
    chip: Chip,
    where: Callable[[LoopAndChip], PyTree[Array]],
    dataset: AbstractDataset,
    *,
    loss: Callable[[State, State], Scalar] = sliced_wasserstein_loss,
    num_samples: int = 512,
    steps: int = 100,
    learning_rate: float | Scalar = 0.01,
    prior: Prior = Prior(),
    key: Key,
) -> Tuned:
    r"""Lower a loss of the samples, through the solve, by Adam.

    What `where` picks moves as $p + r \delta$, r its root mean square (1 for zeros), so
    that seconds, ohms and volts take one learning rate: conductances, gains,
    `loop.drift.process.sde`, `chip.score.trims`, ... Each step draws fresh starts and
    fresh data. What memory a step takes is up to `loop.adjoint`.

    `loop.clock.duration` can be tuned only where no signal keeps edges of its own while
    the steps stretch: without updates of the DAC, without white, thermal or telegraph
    noise, and without a reverse SDE. With one of these it has no gradient.

    Args:
        loop: The loop around the chip, whose steps move with the duration.
        chip: The chip.
        where: Picks the arrays to tune from `(loop, chip)`.
        dataset: The data that the samples should follow.
        loss: Maps samples and data, both `(dim, num_samples)`, to the loss.
        num_samples: Number of samples in each step.
        steps: Number of steps of Adam.
        learning_rate: Learning rate of relative changes.
        prior: The law of the starts, and the classes that are asked for.
        key: Key of starts, data and injected noise.

    Raises:
        ValueError: If `where` picks the duration of a loop that has such a signal.

    Example:
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-ideal", {"solve.num_steps": 20})
        >>> tuned = rr.tune(
        ...     system.chip_loop,
        ...     system.program(),
        ...     lambda pair: pair[1].score.layers[0].amplifier.feedback_resistance,
        ...     system.dataset,
        ...     num_samples=32,
        ...     steps=2,
        ...     key=jr.key(0),
        ... )
        >>> tuned.losses.shape
        (2,)
    """
    picked = where((loop, chip))
    scale = jax.tree.map(_size, picked)

    def at(shift: PyTree[Array]) -> LoopAndChip:
        moved = jax.tree.map(lambda p, r, d: p + r * d, picked, scale, shift)
        return eqx.tree_at(where, (loop, chip), moved)

    def value(shift: PyTree[Array], key: Key) -> Scalar:
        start_key, data_key, noise_key = jr.split(key, 3)
        tuned_loop, tuned_chip = at(shift)
        x1 = prior.std * jr.normal(start_key, (chip.score.dim, num_samples))
        labels = prior.labels(start_key, jnp.zeros((), jnp.uint32), num_samples)
        asked = with_labels(tuned_chip, labels)
        x0 = tuned_loop.solve(asked, x1, key=noise_key).x0
        return loss(x0, dataset.sample(num_samples, key=data_key).T)

    zeros = jax.tree.map(jnp.zeros_like, picked)
    shift, losses = descend(value, zeros, jr.split(key, steps), learning_rate)
    return Tuned(*at(shift), losses)


def _size(p: Array) -> Scalar:
    size = root(jnp.mean(p**2))
    return jnp.where(size > 0, size, 1.0)
