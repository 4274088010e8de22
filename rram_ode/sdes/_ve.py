"""The variance-exploding diffusion with a geometric noise level."""

import equinox as eqx
import jax.numpy as jnp
from jax.core import Tracer

from .._core._arrays import scalar
from .._core._types import Scalar
from ._base import AbstractSDE


class VESDE(AbstractSDE):
    r"""$dx = \sqrt{d\sigma^2/dt}\,dW$, $\sigma$ geometric on [0, 1].

    $\sigma(t) = \sigma_{min}(\sigma_{max}/\sigma_{min})^t$. The marginal is $m = 1$,
    $\mathrm{std} = \sigma(t)$: Song et al.'s convention, in which "data" at t = 0
    already carries noise of $\sigma_{min}$. (Started from clean data, the variance
    would be $\sigma(t)^2 - \sigma_{min}^2$; with $\sigma_{min}$ far below the finest
    detail, the two agree.)

    Source: Song et al. 2021, arXiv 2011.13456, eqs. 9 and 30 to 31.

    Args:
        sigma_min: noise level at t = 0, in the units of the data.
        sigma_max: noise level at t = 1, in the units of the data; also the prior's std.

    Raises:
        ValueError: unless `0 < sigma_min < sigma_max` and finite.
    """

    sigma_min: Scalar = eqx.field(converter=scalar)
    sigma_max: Scalar = eqx.field(converter=scalar)

    def __check_init__(self):
        levels = (self.sigma_min, self.sigma_max)
        if any(isinstance(level, Tracer) for level in levels):
            return
        low, high = float(self.sigma_min), float(self.sigma_max)
        if not 0 < low < high < float("inf"):
            raise ValueError(
                "`sigma_min` and `sigma_max` must satisfy 0 < sigma_min < sigma_max < "
                f"inf; got {low:g} and {high:g}. Try VESDE(0.01, 10.0)."
            )

    def sigma(self, t: Scalar) -> Scalar:
        r"""$\sigma(t)$, in the units of the data."""
        return self.sigma_min * (self.sigma_max / self.sigma_min) ** t

    def drift_factor(self, t: Scalar) -> Scalar:
        """0: the mean stays where the data is."""
        return jnp.zeros_like(t)

    def diffusion(self, t: Scalar) -> Scalar:
        r"""$\sigma(t)\sqrt{2\ln(\sigma_{max}/\sigma_{min})}$."""
        return self.sigma(t) * jnp.sqrt(2 * jnp.log(self.sigma_max / self.sigma_min))

    def marginal(self, t: Scalar) -> tuple[Scalar, Scalar]:
        """`(mean_factor, std)`, which are 1 and `sigma(t)`."""
        return jnp.ones_like(t), self.sigma(t)

    def prior_std(self) -> Scalar:
        """`sigma_max`, large against the spread of the data."""
        return self.sigma_max
