"""What every conductance error and every read noise offers."""

import abc

import equinox as eqx
from jaxtyping import Array, Float, Integer

from .._types import Conductances, Key, Scalar
from ._clock import LabClock
from ._path import HeldPath


class AbstractConductanceError(eqx.Module):
    """An error made once, when an array is programmed."""

    @abc.abstractmethod
    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The conductances that result from the targets `g`, in siemens."""


class AbstractReadNoise(eqx.Module):
    r"""A stationary Gaussian fluctuation of conductance in lab time.

    One law is a spread that depends on the cell's conductance, times a process of unit
    variance that does not. `plan` fixes the sizes of a path (static); `path` makes one
    for consecutive samples of one chip, as a function of (key, lab time) alone.
    """

    @abc.abstractmethod
    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation of the fluctuation at conductance `g`, in siemens."""

    @abc.abstractmethod
    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq"]:
        """One-sided density of the unit-variance process at `f` hertz, in 1/Hz."""

    @abc.abstractmethod
    def plan(self, clock: LabClock) -> tuple:
        """The sizes of a path; needs concrete numbers, so call it outside `jit`."""

    @abc.abstractmethod
    def interval(self, clock: LabClock, plan: tuple) -> Scalar:
        """Time for which a value is held during a solve, in seconds."""

    @abc.abstractmethod
    def path(
        self,
        clock: LabClock,
        plan: tuple,
        shape: tuple[int, ...],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Unit-variance paths over the solves of samples `first` and following.

        Returns:
            Values `(holds, *shape, num_samples)`, held `interval` seconds each.
        """
