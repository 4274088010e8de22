"""Which forward process a network is trained on."""

from ..config import NetworkConfig, SDEConfig
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
