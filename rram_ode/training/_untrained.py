"""A network before training, and the forward process it is to be trained on."""

import equinox as eqx
import jax.random as jr

from .._core._types import Key
from ..config import NetworkConfig, SDEConfig
from ..scores import (
    AbstractReadout,
    fourier_mlp,
    FourierMLP,
    NetworkScore,
    NoiseReadout,
    ScoreReadout,
    VelocityReadout,
)
from ..sdes import AbstractSDE, StraightPath, VPSDE


def forward_process(network: NetworkConfig, config: SDEConfig) -> AbstractSDE:
    """The straight path for a velocity; the diffusion of `config` for all else.

    Args:
        network: Says what is predicted.
        config: Of the diffusion.

    Raises:
        ValueError: If a beta is out of range, or set where there is none.
    """
    if network.prediction != "velocity":
        return VPSDE(config.beta_min, config.beta_max)
    require_no_beta(config)
    return StraightPath()


def require_no_beta(config: SDEConfig) -> None:
    """Refuse settings that would act on nothing.

    Raises:
        ValueError: If a knob of `config` is not at its default.
    """
    for name, default in vars(SDEConfig()).items():
        value = getattr(config, name)
        if value != default:
            raise ValueError(
                f"`sde.{name}` is {value:g}, but a network that predicts a velocity "
                f"has a straight path and no beta: leave it at {default:g}."
            )


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
