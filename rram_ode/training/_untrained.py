"""A network score before training."""

import equinox as eqx
import jax.random as jr

from .._types import Key
from ..config import NetworkConfig
from ..scores import (
    AbstractReadout,
    fourier_mlp,
    FourierMLP,
    NetworkScore,
    NoiseReadout,
    ScoreReadout,
    VelocityReadout,
)
from ..sdes import AbstractSDE


def untrained(
    dim: int, config: NetworkConfig, sde: AbstractSDE, *, key: Key, frequency_key: Key
) -> NetworkScore:
    """A score with random weights, and random frequencies that stay.

    Args:
        dim: Coordinates of the data.
        config: Widths, what is predicted, factor on the output.
        sde: Turns a noise prediction into a score.
        key: Of weights and biases.
        frequency_key: Of the embedding's frequencies, N(0, 1). A small network's
            quality depends on this draw more than on that of its weights.

    Raises:
        ValueError: If a hidden width is odd or not positive, or there is none.
    """
    network = untrained_network(dim, config, key=key)
    shape, dtype = network.frequencies.shape, network.frequencies.dtype
    frequencies = jr.normal(frequency_key, shape, dtype)
    network = eqx.tree_at(lambda n: n.frequencies, network, frequencies)
    return NetworkScore(network, readout(config, sde))


def untrained_network(dim: int, config: NetworkConfig, *, key: Key) -> FourierMLP:
    """A random network of this configuration."""
    factor = config.output_factor
    return fourier_mlp(dim, config.widths, output_factor=factor, key=key)


def readout(config: NetworkConfig, sde: AbstractSDE) -> AbstractReadout:
    """What the output of a network of this configuration stands for."""
    readouts = {"noise": NoiseReadout(sde), "velocity": VelocityReadout()}
    return readouts.get(config.prediction, ScoreReadout())
