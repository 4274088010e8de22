"""One arm of a spiral."""

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


class Spiral(AbstractDataset):
    r"""$x = R\sqrt u\,(\cos\theta, \sin\theta) + s\epsilon$, $\theta = 2\pi n\sqrt u$.

    With $u \sim U[0, 1)$ and $\epsilon \sim N(0, I)$ this is Archimedes' spiral,
    $r = R\theta/(2\pi n)$; the square root makes the points nearly even along the arm.

    Args:
        turns: $n$, the number of turns.
        radius: $R$, at which the arm ends.
        std: $s$, the spread of each coordinate around the arm.

    Raises:
        ValueError: If an argument is negative or not finite.
    """

    turns: Scalar = eqx.field(default=1.5, converter=scalar)
    radius: Scalar = eqx.field(default=1.0, converter=scalar)
    std: Scalar = eqx.field(default=0.03, converter=scalar)

    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "arm 20 % wider"

    def __check_init__(self):
        non_negative("turns", self.turns, "turns")
        non_negative("radius", self.radius, "units of the data")
        non_negative("std", self.std, "units of the data")

    @eqx.filter_jit
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, 2)`."""
        place_key, noise_key = jr.split(key)
        root = jnp.sqrt(jr.uniform(place_key, (num_samples,)))
        angle = 2 * jnp.pi * self.turns * root
        arm = jnp.stack([root * jnp.cos(angle), root * jnp.sin(angle)], axis=1)
        return self.radius * arm + self.std * jr.normal(noise_key, (num_samples, 2))

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points whose `std` is 20 % larger, shape `(num_samples, 2)`."""
        wider = dataclasses.replace(self, std=WIDER * self.std)
        return wider.sample(num_samples, key=key)
