"""The ring of the paper."""

import dataclasses
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._types import Key, Points, Scalar
from ._base import AbstractDataset
from ._noticeable import WIDER


class Ring(AbstractDataset):
    r"""$x = r(\cos\theta, \sin\theta)$, $r \sim N(R, s^2)$, $\theta \sim U[0, 2\pi)$.

    Source: the released code of the paper's authors, where R = 0.7 and s = 0.04.

    Args:
        radius: $R$, the mean radius.
        std: $s$, the spread of the radius.

    Raises:
        ValueError: If `radius` or `std` is negative or not finite.
    """

    radius: Scalar = eqx.field(default=0.7, converter=scalar)
    std: Scalar = eqx.field(default=0.04, converter=scalar)

    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "ring 20 % wider"

    def __check_init__(self):
        non_negative("radius", self.radius, "units of the data")
        non_negative("std", self.std, "units of the data")

    @eqx.filter_jit
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, 2)`."""
        radius_key, angle_key = jr.split(key)
        radius = self.radius + self.std * jr.normal(radius_key, (num_samples,))
        angle = jr.uniform(angle_key, (num_samples,), maxval=2 * jnp.pi)
        return jnp.stack([radius * jnp.cos(angle), radius * jnp.sin(angle)], axis=1)

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points whose `std` is 20 % larger, shape `(num_samples, 2)`."""
        wider = dataclasses.replace(self, std=WIDER * np.asarray(self.std))
        return wider.sample(num_samples, key=key)
