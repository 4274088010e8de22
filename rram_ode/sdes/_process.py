"""The processes that generate: from noise at `t1` down to data at `t0`."""

import abc
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jax.core import Tracer

from .._core._arrays import scalar
from .._core._types import Scalar, State
from ._base import AbstractSDE


class AbstractProcess(eqx.Module):
    r"""$dx = (a(t)\,x + b(t)\,\mathrm{score}(t, x))\,dt + c(t)\,d\bar W$, `t` falling.

    $a$, $b$, $c$ are `linear`, `gain`, `diffusion`: on the analog machine the two
    multiplier waveforms and the amplitude of the injected noise. $\bar W$ runs
    backwards in `t`.
    """

    @abc.abstractmethod
    def linear(self, t: Scalar) -> Scalar:
        """The factor of `x`."""

    @abc.abstractmethod
    def gain(self, t: Scalar) -> Scalar:
        """The factor of the score."""

    @abc.abstractmethod
    def diffusion(self, t: Scalar) -> Scalar:
        """The coefficient of the noise injected while generating."""

    def velocity(
        self, score: Callable[[Scalar, State], State], t: Scalar, x: State
    ) -> State:
        """`linear(t) x + gain(t) score(t, x)`, shape `(dim, *samples)` as `x`."""
        return self.linear(t) * x + self.gain(t) * score(t, x)


class AbstractScoreProcess(AbstractProcess):
    r"""A process that generates from a diffusion by its score.

    `beta_factor` $k$ multiplies $\beta(t)$ (in general $f$ and $g^2$) at sampling
    alone. The paper's authors use 2: their `beta_max` of 0.5 leaves the marginal at
    t = 1 with mean factor 0.882 and std 0.471, and the factor compensates for starting
    at N(0, I) nevertheless. A factor other than 1 is no probability flow of any
    process, and the reverse of none: only a stated drift. Samplers that use the
    marginals refuse it.
    """

    sde: eqx.AbstractVar[AbstractSDE]
    beta_factor: eqx.AbstractVar[Scalar]

    def __check_init__(self):
        if isinstance(self.beta_factor, Tracer):
            return
        if not 0 < float(self.beta_factor) < float("inf"):
            raise ValueError(
                "`beta_factor` must be positive and finite; got "
                f"{float(self.beta_factor):g}. Use 1.0 for the true process."
            )

    def linear(self, t: Scalar) -> Scalar:
        """The factor of `x`, $k f(t)$, the same for both processes."""
        return self.beta_factor * self.sde.drift_factor(t)

    @property
    def is_true_schedule(self) -> bool:
        """Whether `beta_factor` is 1. For concrete values: not inside `jax.jit`."""
        return float(self.beta_factor) == 1.0


class ProbabilityFlow(AbstractScoreProcess):
    r"""The probability-flow ODE, $dx/dt = k(f x - \tfrac12 g^2\,\mathrm{score})$.

    Source: Song et al. 2021, arXiv 2011.13456, eq. 13.

    Args:
        sde: the forward diffusion.
        beta_factor: $k$, dimensionless; see `AbstractScoreProcess` first.

    Raises:
        ValueError: if `beta_factor` is not positive and finite.
    """

    sde: AbstractSDE
    beta_factor: Scalar = eqx.field(default=1.0, converter=scalar)

    def gain(self, t: Scalar) -> Scalar:
        r"""$-\tfrac12 k g(t)^2$."""
        return -self.beta_factor * self.sde.diffusion(t) ** 2 / 2

    def diffusion(self, t: Scalar) -> Scalar:
        """0: the flow is deterministic."""
        return jnp.zeros_like(t)


class ReverseSDE(AbstractScoreProcess):
    r"""The reverse-time SDE, $dx = k(fx - g^2\mathrm{score})dt + \sqrt k\,g\,d\bar W$.

    Source: Anderson 1982; Song et al. 2021, arXiv 2011.13456, eq. 6.

    Args:
        sde: the forward diffusion.
        beta_factor: $k$, dimensionless; see `AbstractScoreProcess` first.

    Raises:
        ValueError: if `beta_factor` is not positive and finite.
    """

    sde: AbstractSDE
    beta_factor: Scalar = eqx.field(default=1.0, converter=scalar)

    def gain(self, t: Scalar) -> Scalar:
        """$-k g(t)^2$, twice that of the probability flow."""
        return -self.beta_factor * self.sde.diffusion(t) ** 2

    def diffusion(self, t: Scalar) -> Scalar:
        r"""$\sqrt k\,g(t)$."""
        return jnp.sqrt(self.beta_factor) * self.sde.diffusion(t)
