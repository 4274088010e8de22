"""The interface of a forward diffusion with Gaussian marginals."""

import abc

import equinox as eqx

from .._core._types import Scalar, State


class AbstractSDE(eqx.Module):
    r"""A linear diffusion, $dx = f(t)\,x\,dt + g(t)\,dW$, that turns data into noise.

    All coefficients depend on time alone, so that
    $p(x_t | x_0) = N(m(t)\,x_0,\ \mathrm{std}(t)^2 I)$ in closed form.
    """

    @abc.abstractmethod
    def drift_factor(self, t: Scalar) -> Scalar:
        """$f(t)$: the drift is this number times `x`."""

    @abc.abstractmethod
    def diffusion(self, t: Scalar) -> Scalar:
        """$g(t)$, the coefficient of the noise."""

    @abc.abstractmethod
    def marginal(self, t: Scalar) -> tuple[Scalar, Scalar]:
        """`(mean_factor, std)` of `x` at time `t`, given the data point."""

    @abc.abstractmethod
    def prior_std(self) -> Scalar:
        """Standard deviation of the Gaussian that generation starts from, at `t1`."""

    def drift(self, t: Scalar, x: State) -> State:
        r"""$f(t)\,x$, of the shape of `x`, `(dim, *samples)`."""
        return self.drift_factor(t) * x
