"""Two interleaved half circles."""

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


class Moons(AbstractDataset):
    r"""$x = \tfrac23 s (\cos\theta - \tfrac12, \sin\theta - \tfrac14) + b\epsilon$.

    Here $\theta \sim U[0, \pi]$, $s = \pm 1$ with equal odds, $\epsilon \sim N(0, I)$:
    the usual two moons, centred at the origin and scaled to $|x_1| \le 1$; one is the
    other turned by half a circle.

    Args:
        std: $b$, the spread of each coordinate around the half circles.

    Raises:
        ValueError: If `std` is negative or not finite.
    """

    std: Scalar = eqx.field(default=0.04, converter=scalar)

    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "each moon 20 % wider"

    def __check_init__(self):
        non_negative("std", self.std, "units of the data")

    @eqx.filter_jit
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, 2)`."""
        angle_key, sign_key, noise_key = jr.split(key, 3)
        angle = jr.uniform(angle_key, (num_samples,), maxval=jnp.pi)
        sign = jr.rademacher(sign_key, (num_samples,), angle.dtype)
        moon = jnp.stack([jnp.cos(angle) - 0.5, jnp.sin(angle) - 0.25], axis=1)
        noise = jr.normal(noise_key, (num_samples, 2))
        return sign[:, None] * moon * 2 / 3 + self.std * noise

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points whose `std` is 20 % larger, shape `(num_samples, 2)`."""
        wider = dataclasses.replace(self, std=WIDER * self.std)
        return wider.sample(num_samples, key=key)
