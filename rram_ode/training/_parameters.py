"""What is trained of a network."""

import equinox as eqx
from jaxtyping import Array

from ..scores import FourierMLP


Params = tuple[tuple[Array, ...], tuple[Array, ...]]


def parameters(network: FourierMLP) -> Params:
    """Weights and biases; the embedding's frequencies and the output factor stay."""
    return network.weights, network.biases


def with_parameters(network: FourierMLP, params: Params) -> FourierMLP:
    """`network` with other weights and biases."""
    return eqx.tree_at(lambda n: (n.weights, n.biases), network, params)
