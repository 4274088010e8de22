"""What a network's output stands for."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from .._core._checks import is_concrete
from .._core._types import Scalar, State
from ..sdes import AbstractProcess, AbstractScoreProcess, AbstractSDE, VelocityFlow


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

    @abc.abstractmethod
    def require(self, process: AbstractProcess) -> None:
        """Refuse a process that takes something else than this output.

        Raises:
            ValueError: If the process is of another kind or, where values are concrete,
                of another diffusion.
        """


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

    def require(self, process: AbstractProcess) -> None:
        """Takes every process that is driven by a score."""
        _sde_of(process)


class NoiseReadout(AbstractScoreReadout):
    r"""The network predicts the noise: score $= -\epsilon / \mathrm{std}(t)$.

    Args:
        sde: Gives std(t).
    """

    sde: AbstractSDE

    def factor(self, t: Scalar) -> Scalar:
        """`-1 / std(t)`."""
        return -1 / self.sde.marginal(t)[1]

    def require(self, process: AbstractProcess) -> None:
        """Takes a process of its own diffusion that is driven by a score."""
        sde = _sde_of(process)
        own, other = jax.tree.leaves(self.sde), jax.tree.leaves(sde)
        is_same = type(sde) is type(self.sde)
        if is_same and is_concrete(*own, *other):
            is_same = np.allclose(own, other, rtol=1e-5, atol=0.0)
        if not is_same:
            raise ValueError(
                "a network that predicts the noise must run in a process of the "
                f"diffusion that it was trained on, {_show(self.sde)}; got "
                f"{_show(sde)}: close the loop with `checkpoint.sde`."
            )


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

    def require(self, process: AbstractProcess) -> None:
        """Takes a `VelocityFlow`."""
        if not isinstance(process, VelocityFlow):
            raise ValueError(
                "a network that predicts a velocity drives a `VelocityFlow`; got "
                f"{type(process).__name__}: close the loop with "
                "`flow_along(checkpoint.sde)`."
            )


def _sde_of(process: AbstractProcess) -> AbstractSDE:
    """The diffusion of a process that is driven by a score; others are refused."""
    if not isinstance(process, AbstractScoreProcess):
        raise ValueError(
            "a network that predicts the score or the noise drives a `ProbabilityFlow` "
            f"or a `ReverseSDE`; got {type(process).__name__}: close the loop with "
            "`flow_along(checkpoint.sde)`."
        )
    return process.sde


def _show(sde: AbstractSDE) -> str:
    """The name and, where they are concrete, the numbers of `sde`."""
    leaves = jax.tree.leaves(sde)
    numbers = ", ".join(f"{float(x):g}" for x in leaves) if is_concrete(*leaves) else ""
    return f"{type(sde).__name__}({numbers})"
