"""The interfaces of a noise process and of read noise."""

import abc

import equinox as eqx
from jaxtyping import Array, Float, Integer

from .._core._types import Key, ProcessValues, Scalar, Seconds
from ._lab_time import LabClock
from ._path import HeldPath


class AbstractNoise(eqx.Module):
    """A stationary process of unit variance in lab time.

    `plan` gives the sizes of a path, which are static; `sample_path` makes a path for
    consecutive samples of one chip, as a function of (key, lab time) alone. `path`
    follows the same law at times that the caller chooses.
    """

    @abc.abstractmethod
    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq"]:
        """One-sided density at `f` hertz, in 1/Hz."""

    @abc.abstractmethod
    def averaged(self, time: Scalar) -> Scalar:
        r"""Variance of the unit process's mean over `time` seconds.

        $\int_0^\infty S(f)\,\mathrm{sinc}^2(f\,t)\,df$ for a time t.
        """

    @abc.abstractmethod
    def plan(self, clock: LabClock) -> tuple:
        """The sizes of a path. It needs concrete numbers: call it outside `jit`."""

    @abc.abstractmethod
    def interval(self, clock: LabClock, plan: tuple) -> Scalar:
        """Time for which a value is held during a solve, in seconds."""

    @abc.abstractmethod
    def sample_path(
        self,
        clock: LabClock,
        plan: tuple,
        shape: tuple[int, ...],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Unit-variance paths over the solves of `num_samples` samples from `first` on.

        Returns:
            Values `(holds, *shape, num_samples)`, each held for `interval` seconds.
        """

    @abc.abstractmethod
    def path(
        self, key: Key, taus: Seconds, shape: tuple[int, ...] = ()
    ) -> ProcessValues:
        """Unit-variance values at `taus`, in seconds, which must not fall.

        The law is exact at any spacing of times. The values are not those that
        `sample_path` makes from the same key. `shape` is that of independent copies,
        such as cells.
        """


class AbstractReadNoise(AbstractNoise):
    """A fluctuation of conductance: a spread that depends on `g`, times a process."""

    @abc.abstractmethod
    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation of the fluctuation at conductance `g`, in siemens."""
