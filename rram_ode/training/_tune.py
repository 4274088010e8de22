"""Tune numbers of a chip and its loop through the solve."""

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
from ..loop import ClosedLoop
from ..scores import FourierMLP
from ._descend import descend
from ._sample_loss import sliced_wasserstein_loss


Params = tuple[tuple[Array, ...], tuple[Array, ...]]


def parameters(network: FourierMLP) -> Params:
    """Weights and biases; the embedding's frequencies and the output factor stay."""
    return network.weights, network.biases


def with_parameters(network: FourierMLP, params: Params) -> FourierMLP:
    """`network` with other weights and biases."""
    return eqx.tree_at(lambda n: (n.weights, n.biases), network, params)


def bounded(params: Params, w_max: float | None, b_max: float | None) -> Params:
    r"""$w_\text{max} \tanh(w / w_\text{max})$ of the weights; likewise the biases.

    What the optimiser moves is free, the network's weights are not: even weights use
    the conductance range better. `None` is no bound.
    """
    weights, biases = params
    return _bounded(weights, w_max), _bounded(biases, b_max)


def _bounded(arrays: tuple[Array, ...], most: float | None) -> tuple[Array, ...]:
    if most is None:
        return arrays
    return tuple(most * jnp.tanh(x / most) for x in arrays)


Machine = tuple[ClosedLoop, Chip]


class Tuned(NamedTuple):
    """A loop and a chip with other numbers, and the loss by step."""

    loop: ClosedLoop
    chip: Chip
    losses: Float[Array, " steps"]


@eqx.filter_jit
def tune(
    loop: ClosedLoop,
    chip: Chip,
    where: Callable[[Machine], PyTree[Array]],
    dataset: AbstractDataset,
    *,
    loss: Callable[[State, State], Scalar] = sliced_wasserstein_loss,
    num_samples: int = 512,
    steps: int = 100,
    learning_rate: float | Scalar = 0.01,
    start_std: float | Scalar = 1.0,
    key: Key,
) -> Tuned:
    r"""Lower a loss of the samples, through the solve, by Adam.

    What `where` picks moves as $p + r \delta$, r its root mean square (1 for zeros), so
    that seconds, ohms and volts take one learning rate: conductances, gains,
    `loop.process.sde`, `chip.score.trims`, ... Each step draws fresh starts and fresh
    data. What memory a step takes is up to `loop.adjoint`.

    `loop.clock.duration` can be tuned only where no signal keeps edges of its own while
    the steps stretch: without updates of the DAC, white, thermal or telegraph noise,
    and without a reverse SDE. With one of these it has no gradient.

    Args:
        loop: Around the chip. Its steps move with the duration.
        chip: The hardware.
        where: The arrays to tune, of `(loop, chip)`.
        dataset: What the samples should be.
        loss: Of samples and data, both `(dim, num_samples)`.
        num_samples: Of each step.
        steps: Of Adam.
        learning_rate: Of relative changes.
        start_std: Of the Gaussian starts.
        key: Of starts, data, and injected noise.

    Raises:
        ValueError: If `where` picks the duration of a loop that has such a signal.
    """
    picked = where((loop, chip))
    scale = jax.tree.map(_size, picked)

    def at(shift: PyTree[Array]) -> Machine:
        moved = jax.tree.map(lambda p, r, d: p + r * d, picked, scale, shift)
        return eqx.tree_at(where, (loop, chip), moved)

    def value(shift: PyTree[Array], key: Key) -> Scalar:
        start_key, data_key, noise_key = jr.split(key, 3)
        machine, hardware = at(shift)
        x1 = start_std * jr.normal(start_key, (chip.score.dim, num_samples))
        x0 = machine.solve(hardware, x1, key=noise_key).x0
        return loss(x0, dataset.sample(num_samples, key=data_key).T)

    zeros = jax.tree.map(jnp.zeros_like, picked)
    shift, losses = descend(value, zeros, jr.split(key, steps), learning_rate)
    return Tuned(*at(shift), losses)


def _size(p: Array) -> Scalar:
    size = root(jnp.mean(p**2))
    return jnp.where(size > 0, size, 1.0)
