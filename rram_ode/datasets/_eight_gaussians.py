"""Eight round Gaussians on a circle."""

import dataclasses
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._types import Key, Points, Scalar
from ._base import AbstractDataset
from ._noticeable import WIDER


class EightGaussians(AbstractDataset):
    r"""$x = R(\cos\theta, \sin\theta) + s\epsilon$, $\theta = \pi k / 4$.

    Here $k \sim U\{0..7\}$ and $\epsilon \sim N(0, I)$. The data set shows lost modes,
    as the flow has to split its noise into eight.

    Args:
        radius: $R$, the distance of the centres from the origin.
        std: $s$, the spread of each Gaussian in each coordinate.

    Raises:
        ValueError: If `radius` or `std` is negative or not finite.
    """

    radius: Scalar = eqx.field(default=0.8, converter=scalar)
    std: Scalar = eqx.field(default=0.06, converter=scalar)

    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "each mode 20 % wider"

    def __check_init__(self):
        non_negative("radius", self.radius, "units of the data")
        non_negative("std", self.std, "units of the data")

    @eqx.filter_jit
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, 2)`."""
        centre_key, noise_key = jr.split(key)
        noise = jr.normal(noise_key, (num_samples, 2))
        eighth = jr.randint(centre_key, (num_samples,), 0, 8).astype(noise.dtype)
        angle = eighth * (jnp.pi / 4)
        centre = self.radius * jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1)
        return centre + self.std * noise

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points whose `std` is 20 % larger, shape `(num_samples, 2)`."""
        wider = dataclasses.replace(self, std=WIDER * self.std)
        return wider.sample(num_samples, key=key)
