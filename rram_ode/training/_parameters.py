"""What is trained of a network."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from ..scores import FourierMLP


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
