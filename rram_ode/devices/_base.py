"""The interfaces of an error of programming and of write noise."""

import abc

import equinox as eqx
from jaxtyping import Array, Float

from .._core._types import Conductances, Key, Scalar


class AbstractConductanceError(eqx.Module):
    """An error made once, when an array is programmed.

    `is_redrawn` tells cycle-to-cycle from device-to-device errors: whether programming
    the same chip once more draws the error afresh or repeats it.
    """

    is_redrawn: eqx.AbstractClassVar[bool]

    @abc.abstractmethod
    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The conductances that result from the targets `g`, in siemens."""


class AbstractWriteNoise(AbstractConductanceError):
    """Write noise: a Gaussian error whose spread depends on the target conductance."""

    @abc.abstractmethod
    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation at the target `g`, both in siemens."""

    @abc.abstractmethod
    def scaled(self, factor: Scalar | float) -> "AbstractWriteNoise":
        """The same law with `factor` times the spread."""
