"""The variance-preserving diffusion with a linear noise rate."""

import equinox as eqx
import jax.numpy as jnp
from jax.core import Tracer

from .._core._arrays import scalar
from .._core._types import Scalar
from ._base import AbstractSDE


class VPSDE(AbstractSDE):
    r"""$dx = -\tfrac12\beta(t)\,x\,dt + \sqrt{\beta(t)}\,dW$, $\beta$ linear on [0, 1].

    $\beta(t) = \beta_{min} + (\beta_{max} - \beta_{min})\,t$, and with
    $B(t) = \int_0^t \beta$ the marginal is $m = e^{-B/2}$ and
    $\mathrm{std}^2 = 1 - e^{-B}$.

    Source: Song et al. 2021, arXiv 2011.13456, eqs. 11 and 29 to 33.

    Args:
        beta_min: noise rate at t = 0, per unit of diffusion time.
        beta_max: noise rate at t = 1, per unit of diffusion time.

    Raises:
        ValueError: unless `0 <= beta_min <= beta_max`, `beta_max > 0` and finite.
    """

    beta_min: Scalar = eqx.field(converter=scalar)
    beta_max: Scalar = eqx.field(converter=scalar)

    def __check_init__(self):
        if any(isinstance(b, Tracer) for b in (self.beta_min, self.beta_max)):
            return
        low, high = float(self.beta_min), float(self.beta_max)
        if not (0 <= low <= high < float("inf") and high > 0):
            raise ValueError(
                "`beta_min` and `beta_max` must satisfy 0 <= beta_min <= beta_max, "
                f"0 < beta_max < inf; got {low:g} and {high:g}. Try VPSDE(0.1, 8.0)."
            )

    def beta(self, t: Scalar) -> Scalar:
        r"""$\beta(t)$, per unit of diffusion time."""
        return self.beta_min + (self.beta_max - self.beta_min) * t

    def integral(self, t: Scalar) -> Scalar:
        r"""$B(t) = \beta_{min} t + \tfrac12(\beta_{max} - \beta_{min})\,t^2$."""
        return self.beta_min * t + (self.beta_max - self.beta_min) * t**2 / 2

    def drift_factor(self, t: Scalar) -> Scalar:
        r"""$-\beta(t) / 2$."""
        return -self.beta(t) / 2

    def diffusion(self, t: Scalar) -> Scalar:
        r"""$\sqrt{\beta(t)}$."""
        return jnp.sqrt(self.beta(t))

    def marginal(self, t: Scalar) -> tuple[Scalar, Scalar]:
        """`(mean_factor, std)`; `expm1` keeps `std` accurate to rounding near t = 0."""
        integral = self.integral(t)
        return jnp.exp(-integral / 2), jnp.sqrt(-jnp.expm1(-integral))

    def prior_std(self) -> Scalar:
        """1, which the marginal at t = 1 reaches only if `integral(1)` is large."""
        return scalar(1.0)
