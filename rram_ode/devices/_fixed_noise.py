"""Read error slower than the whole run: it looks like one more programming error."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._draws import normal
from .._misc import non_negative, root, scalar
from .._types import Conductances, Key
from ._base import AbstractConductanceError


class FixedReadNoise(AbstractConductanceError):
    r"""One draw a chip, $g + \sqrt{\sigma^2 + (\sigma_r g)^2}\,\epsilon$, not below 0.

    The limit of a read noise whose upper corner frequency is far below one over the
    length of the run.

    Args:
        std: $\sigma$, in siemens.
        std_rel: $\sigma_r$, relative to the conductance.
    """

    is_redrawn: ClassVar[bool] = False

    std: Float[Array, ""] = eqx.field(converter=scalar)
    std_rel: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("read.fixed.std", self.std, "S")
        non_negative("read.fixed.std_rel", self.std_rel, "of g")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        std = root(self.std**2 + (self.std_rel * g) ** 2)
        return jnp.maximum(g + std * normal(key, g.shape), 0.0)
