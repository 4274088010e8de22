"""What a network's output stands for."""

import abc

import equinox as eqx
import jax.numpy as jnp

from .._types import Scalar
from ..sdes import AbstractSDE


class AbstractReadout(eqx.Module):
    """score = `factor(t)` times the network's output."""

    @abc.abstractmethod
    def factor(self, t: Scalar) -> Scalar:
        """The factor at diffusion time `t`. On a chip the multipliers apply it."""


class ScoreReadout(AbstractReadout):
    """The network predicts the score itself."""

    def factor(self, t: Scalar) -> Scalar:
        """1."""
        return jnp.ones_like(t)


class NoiseReadout(AbstractReadout):
    r"""The network predicts the noise: score $= -\epsilon / \mathrm{std}(t)$.

    Args:
        sde: Gives std(t).
    """

    sde: AbstractSDE

    def factor(self, t: Scalar) -> Scalar:
        """`-1 / std(t)`."""
        return -1 / self.sde.marginal(t)[1]


class VelocityReadout(AbstractReadout):
    """The network predicts the velocity of a flow, which then stands for the score.

    `VelocityFlow` is the process that takes it.
    """

    def factor(self, t: Scalar) -> Scalar:
        """1."""
        return jnp.ones_like(t)
