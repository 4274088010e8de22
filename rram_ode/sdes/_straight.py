"""The straight path between data and noise, of flow matching."""

import jax.numpy as jnp

from .._core._arrays import scalar
from .._core._types import Scalar
from ._base import AbstractSDE


class StraightPath(AbstractSDE):
    r"""$x_t = (1 - t)\,x_0 + t z$: from data at t = 0 to a unit normal at t = 1.

    The marginals are those of a diffusion whose drift and noise diverge at t = 1, so a
    network for this path predicts the velocity of its probability flow instead of the
    score: `VelocityFlow`, which is finite at both ends.

    Source: Lipman et al. 2023, arXiv 2210.02747, section 4.1 with sigma_min = 0, and
    Liu et al. 2023, arXiv 2209.03003; both count time the other way.
    """

    def drift_factor(self, t: Scalar) -> Scalar:
        r"""$-1 / (1 - t)$."""
        return -1 / (1 - t)

    def diffusion(self, t: Scalar) -> Scalar:
        r"""$\sqrt{2 t / (1 - t)}$."""
        return jnp.sqrt(2 * t / (1 - t))

    def marginal(self, t: Scalar) -> tuple[Scalar, Scalar]:
        """`(mean_factor, std)`, which are `1 - t` and `t`."""
        return 1 - t, t

    def prior_std(self) -> Scalar:
        """1, exactly the marginal's at t = 1."""
        return scalar(1.0)
