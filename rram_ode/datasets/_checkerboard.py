"""The checkerboard: the dark squares of a board."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._types import Key, Points, Scalar
from ._base import AbstractDataset


_BLUR = 0.1  # of a square's side (assumed)


class Checkerboard(AbstractDataset):
    r"""Uniform on the squares $(i, j)$, $i + j$ even, of a 4 x 4 board on $[-h, h]^2$.

    $x = \tfrac h2(i + u_1 - 2,\ j + u_2 - 2)$ with $i \sim U\{0..3\}$,
    $j = 2b + (i \bmod 2)$, $b \sim U\{0, 1\}$ and $u \sim U[0, 1)^2$. A smooth
    score or a slow amplifier blurs the sharp edges first.

    Args:
        half_width: $h$, half the side of the board.

    Raises:
        ValueError: If `half_width` is negative or not finite.
    """

    half_width: Scalar = eqx.field(default=1.0, converter=scalar)

    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "edges blurred by 10 % of a square's side"

    def __check_init__(self):
        non_negative("half_width", self.half_width, "units of the data")

    @eqx.filter_jit
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, 2)`."""
        column_key, row_key, place_key = jr.split(key, 3)
        column = jr.randint(column_key, (num_samples,), 0, 4)
        row = 2 * jr.randint(row_key, (num_samples,), 0, 2) + column % 2
        place = jr.uniform(place_key, (num_samples, 2))
        square = jnp.stack([column, row], axis=1).astype(place.dtype)
        return self.half_width / 2 * (square + place - 2)

    @eqx.filter_jit
    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points with normal noise of 0.05 h, shape `(num_samples, 2)`."""
        noise = jr.normal(jr.split(key, 4)[3], (num_samples, 2))
        return self.sample(num_samples, key=key) + _BLUR * self.half_width / 2 * noise
