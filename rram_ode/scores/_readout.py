"""What a network's output stands for."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp

from .._types import Scalar, State
from ..sdes import AbstractSDE


class AbstractReadout(eqx.Module):
    """score = `factor(t)` times the network's output, and what training regresses on.

    Training lowers the mean square of `scale` times the score less `target`.
    """

    @abc.abstractmethod
    def factor(self, t: Scalar) -> Scalar:
        """The factor at diffusion time `t`. On a chip the multipliers apply it."""

    @abc.abstractmethod
    def scale(self, sde: AbstractSDE, t: Scalar) -> Scalar:
        """Of the score at `t`."""

    @abc.abstractmethod
    def target(self, sde: AbstractSDE, t: Scalar, data: State, noise: State) -> State:
        """Of the score, scaled, at `t` for one data point and its unit noise."""


class AbstractScoreReadout(AbstractReadout):
    """A score, scaled by std(t): its target is the noise, turned over."""

    def scale(self, sde: AbstractSDE, t: Scalar) -> Scalar:
        """std(t)."""
        return sde.marginal(t)[1]

    def target(self, sde: AbstractSDE, t: Scalar, data: State, noise: State) -> State:
        """$-z$."""
        del sde, t, data
        return -noise


class ScoreReadout(AbstractScoreReadout):
    """The network predicts the score itself."""

    def factor(self, t: Scalar) -> Scalar:
        """1."""
        return jnp.ones_like(t)


class NoiseReadout(AbstractScoreReadout):
    r"""The network predicts the noise: score $= -\epsilon / \mathrm{std}(t)$.

    Args:
        sde: Gives std(t).
    """

    sde: AbstractSDE

    def factor(self, t: Scalar) -> Scalar:
        """`-1 / std(t)`."""
        return -1 / self.sde.marginal(t)[1]


class VelocityReadout(AbstractReadout):
    r"""The network predicts the velocity of a flow, which then stands for the score.

    `VelocityFlow` is the process that takes it. The target is $dx_t / dt$ at fixed
    $x_0$ and $z$; its mean given $x_t$ is the velocity of the flow of the marginals.

    Source: Lipman et al. 2023, arXiv 2210.02747, theorem 2.
    """

    def factor(self, t: Scalar) -> Scalar:
        """1."""
        return jnp.ones_like(t)

    def scale(self, sde: AbstractSDE, t: Scalar) -> Scalar:
        """1."""
        del sde
        return jnp.ones_like(t)

    def target(self, sde: AbstractSDE, t: Scalar, data: State, noise: State) -> State:
        r"""$m'(t) x_0 + \mathrm{std}'(t) z$: $z - x_0$ along a `StraightPath`."""
        slope, slope_of_std = jax.jacfwd(sde.marginal)(t)
        return slope * data + slope_of_std * noise
