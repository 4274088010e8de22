"""What a network of pictures is given, and how its output becomes a score."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._types import State
from ..sdes import AbstractSDE


Levels = Float[Array, "#samples"]


class AbstractPreconditioning(eqx.Module):
    r"""Between the state $x = m(t) x_0 + s(t) z$ and a network F.

    Args:
        sde: The forward process, which gives m and s.
    """

    sde: eqx.AbstractVar[AbstractSDE]

    def marginal(self, t: Float[Array, "..."]) -> tuple[Levels, Levels]:
        """Factor m and spread s at `t`, one for all samples or one for each."""
        return jax.vmap(self.sde.marginal)(jnp.atleast_1d(t))

    def level(self, t: Float[Array, "..."]) -> Levels:
        r"""$\tfrac14 \ln(s / m)$, which the network is told in place of the time."""
        mean, std = self.marginal(t)
        return jnp.log(std / mean) / 4

    @abc.abstractmethod
    def inputs(self, t: Float[Array, "..."], x: State) -> State:
        """What the network is given."""

    @abc.abstractmethod
    def score(self, t: Float[Array, "..."], x: State, out: State) -> State:
        """The score of x, from the network's output."""


class NoisePreconditioning(AbstractPreconditioning):
    r"""$F(x)$ estimates z: the score is $-F / s$."""

    sde: AbstractSDE

    def inputs(self, t: Float[Array, "..."], x: State) -> State:
        """`x`, which has unit variance where the data have."""
        del t
        return x

    def score(self, t: Float[Array, "..."], x: State, out: State) -> State:
        """`-out / s`."""
        del x
        return -out / self.marginal(t)[1][None]


class DenoisingPreconditioning(AbstractPreconditioning):
    r"""$D = c_\text{skip} y + c_\text{out} F(c_\text{in} y)$ estimates $x_0$, y = x/m.

    $$c_\text{skip} = \frac{\sigma_d^2}{\sigma^2 + \sigma_d^2}, \quad
      c_\text{out} = \frac{\sigma \sigma_d}{\sqrt{\sigma^2 + \sigma_d^2}}, \quad
      c_\text{in} = \frac{1}{\sqrt{\sigma^2 + \sigma_d^2}}, \quad \sigma = s / m$$

    and the score is $(m D - x) / s^2$.

    Source: Karras et al. 2022, arXiv 2206.00364, table 1.

    Args:
        sde: The forward process.
        data: $\sigma_d$, the root mean square of the data.
    """

    sde: AbstractSDE
    data: Float[Array, ""] = eqx.field(default=0.5, converter=scalar)

    def inputs(self, t: Float[Array, "..."], x: State) -> State:
        r"""$c_\text{in} x / m$."""
        mean, std = self.marginal(t)
        return x / jnp.sqrt(std**2 + (self.data * mean) ** 2)[None]

    def score(self, t: Float[Array, "..."], x: State, out: State) -> State:
        """$(m D - x) / s^2$, without the cancellation at small s."""
        mean, std = (each[None] for each in self.marginal(t))
        total = std**2 + (self.data * mean) ** 2
        # m D - x = m (c_skip - 1) y + m c_out F, and c_skip - 1 = -s^2 / total.
        return -x / total + self.data * mean * out / (std * jnp.sqrt(total))
