"""The flow whose velocity a network predicts."""

import jax.numpy as jnp

from .._core._types import Scalar
from ._base import AbstractSDE
from ._process import AbstractProcess, ProbabilityFlow, ReverseSDE
from ._straight import StraightPath


class VelocityFlow(AbstractProcess):
    r"""$dx/dt = v(t, x)$ with the velocity itself in the score's place.

    On the analog machine the integrator adds nothing of its own state, and the
    network's multiplier has a constant factor. There is no noise schedule to stretch.

    Source: Lipman et al. 2023, arXiv 2210.02747, eq. 1.
    """

    def linear(self, t: Scalar) -> Scalar:
        """0."""
        return jnp.zeros_like(t)

    def gain(self, t: Scalar) -> Scalar:
        """1."""
        return jnp.ones_like(t)

    def diffusion(self, t: Scalar) -> Scalar:
        """0: the flow is deterministic."""
        return jnp.zeros_like(t)


Flow = ProbabilityFlow | VelocityFlow


def flow_along(sde: AbstractSDE, beta_factor: float | Scalar = 1.0) -> Flow:
    """The flow that a network trained on `sde` drives.

    Args:
        sde: What the network was trained on: along a `StraightPath` it predicts the
            velocity, else the score.
        beta_factor: Beta factor of the probability flow, see `AbstractScoreProcess`.

    Raises:
        ValueError: If `beta_factor` is not positive and finite, or not 1 on a
            `StraightPath`.
    """
    if not isinstance(sde, StraightPath):
        return ProbabilityFlow(sde, beta_factor)
    if float(beta_factor) != 1:
        raise ValueError(
            "`beta_factor` must be 1 for a network that predicts a velocity: there is "
            f"no beta; got {float(beta_factor):g}."
        )
    return VelocityFlow()


def reverse_along(sde: AbstractSDE, beta_factor: float | Scalar = 1.0) -> ReverseSDE:
    """The reverse SDE that a network trained on `sde` drives.

    Raises:
        ValueError: As `ReverseSDE`, or if the network predicts a velocity.
    """
    if isinstance(sde, StraightPath):
        raise ValueError(
            "the reverse SDE needs the score of a diffusion, and this network predicts "
            "a velocity: take its flow (`solve.process` probability-flow; Euler, Heun "
            "or Tsit5)."
        )
    return ReverseSDE(sde, beta_factor)
