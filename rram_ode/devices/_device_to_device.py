"""Differences between cells that programming them again repeats."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._draws import normal
from .._misc import non_negative, scalar
from .._types import Conductances, Key
from ._base import AbstractConductanceError


class DeviceToDevice(AbstractConductanceError):
    r"""A gain and an offset, $g (1 + \sigma_r\epsilon_1) + \sigma\epsilon_2$, a cell.

    Both belong to the chip: every programming of the same chip misses in the same way,
    which calibration can learn. Not below 0. What write-verify would have corrected is
    not in here: these are the errors that remain.

    Args:
        std: $\sigma$, spread of the offset, in siemens.
        std_rel: $\sigma_r$, spread of the gain.
    """

    is_redrawn: ClassVar[bool] = False

    std: Float[Array, ""] = eqx.field(converter=scalar)
    std_rel: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("write.device_std", self.std, "S")
        non_negative("write.device_std_rel", self.std_rel, "of g")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        gain, offset = normal(key, (2, *g.shape))
        return jnp.maximum(g + (self.std_rel * g * gain + self.std * offset), 0.0)
