"""A network before training, and its forward process and readout."""

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
    """The straight path for a velocity, else the diffusion of `config`.

    Args:
        network: Configuration of the network, which names its prediction.
        config: Configuration of the diffusion.

    Raises:
        ValueError: If a beta is out of range, or set where there is none.
    """
    if network.prediction != "velocity":
        return VPSDE(config.beta_min, config.beta_max)
    require_no_beta(config)
    return StraightPath()


def require_no_beta(config: SDEConfig) -> None:
    """Refuse settings of a diffusion that a straight path would ignore.

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
    """A score with random weights, and with random frequencies that training keeps.

    Args:
        dim: Number of coordinates of the data.
        config: Configuration of the network.
        sde: The forward process, which turns a noise prediction into a score.
        key: Key of weights and biases.
        frequency_key: Key of the embedding's frequencies, N(0, 1). The quality of a
            small network depends on this draw more than on that of its weights.

    Raises:
        ValueError: If a hidden width is odd or not positive, or there is no hidden
            layer.
    """
    network = untrained_network(dim, config, key=key)
    shape, dtype = network.frequencies.shape, network.frequencies.dtype
    frequencies = jr.normal(frequency_key, shape, dtype)
    network = eqx.tree_at(lambda n: n.frequencies, network, frequencies)
    return NetworkScore(network, readout(config, sde))


def untrained_network(dim: int, config: NetworkConfig, *, key: Key) -> FourierMLP:
    """A random network of this configuration."""
    return fourier_mlp(
        dim,
        config.widths,
        output_factor=config.output_factor,
        num_classes=config.classes,
        key=key,
    )


def readout(config: NetworkConfig, sde: AbstractSDE) -> AbstractReadout:
    """The meaning of the output of a network of this configuration."""
    readouts = {"noise": NoiseReadout(sde), "velocity": VelocityReadout()}
    return readouts.get(config.prediction, ScoreReadout())
