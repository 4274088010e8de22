"""The drift that a loop integrates, and the one of a process and its network."""

import abc

import equinox as eqx

from .._core._arrays import scalar
from .._core._checks import positive
from .._core._types import Scalar
from ..scores import AbstractReadout, ScoreReadout
from ..sdes import AbstractProcess, ReverseSDE


class AbstractDrift(eqx.Module):
    r"""$dx = (a(t)\,x + b(t)\,h(t, x))\,dt + c(t)\,d\bar W$ with h the chip's network.

    $a$, $b$, $c$ are `linear`, `gain`, `diffusion` in diffusion time: the multiplier
    waveforms and the amplitude of the injected noise follow from them. The loop knows
    no more of what the network stands for.
    """

    @abc.abstractmethod
    def linear(self, t: Scalar, scale: Scalar | float = 1.0) -> Scalar:
        """`scale` times $a(t)$, the factor of the state."""

    @abc.abstractmethod
    def gain(self, t: Scalar, scale: Scalar | float = 1.0) -> Scalar:
        """`scale` times $b(t)$, the factor of the network's output."""

    @abc.abstractmethod
    def diffusion(self, t: Scalar) -> Scalar:
        """$c(t)$, the coefficient of the injected noise."""

    @property
    @abc.abstractmethod
    def has_diffusion(self) -> bool:
        """Whether noise is injected while solving."""

    @abc.abstractmethod
    def require(self, readout: AbstractReadout) -> None:
        """Refuse a network whose output is not the $h$ of this drift.

        Args:
            readout: What the output of the chip's network stands for.

        Raises:
            ValueError: If the output stands for something else.
        """


class NetworkDrift(AbstractDrift):
    r"""The drift of `process` with a network for its score: $b(t)$ times a factor.

    A process $a x + b\,s$ takes $s = f(t)\,h$ of the network's output h. Along a
    `VelocityFlow` a is 0, and b and f are 1.

    A circuit adds noise to the flow, and errors that differ from place to place. White
    noise of $\lambda g(t)$ leaves the densities as they are if the score's factor is
    $1 + \lambda^2$ times that of the flow: 1 is the flow without noise, 2 the reverse
    SDE. With less, samples are too wide.

    Args:
        process: Gives a, b, c for the score, or for the velocity.
        readout: Gives f: what the network's output stands for.
        factor: How much larger b is, dimensionless: $1 + \lambda^2$ for the flow, and
            $1 + \lambda^2 / 2$ for the reverse SDE.

    Raises:
        ValueError: If the process does not take such an output, or `factor` is not
            positive.

    Source: Karras et al. 2022, arXiv 2206.00364, eq. 6 (the family of such SDEs).
    """

    process: AbstractProcess
    readout: AbstractReadout = ScoreReadout()
    factor: Scalar = eqx.field(default=1.0, converter=scalar)

    def __check_init__(self):
        self.readout.require(self.process)
        positive("factor", self.factor, "V/V")

    def linear(self, t: Scalar, scale: Scalar | float = 1.0) -> Scalar:
        """`scale` times the process's factor of the state."""
        return scale * self.process.linear(t)

    def gain(self, t: Scalar, scale: Scalar | float = 1.0) -> Scalar:
        """`scale` and `factor` times the factors of the process and of the readout."""
        scale = scale * self.factor
        return scale * self.process.gain(t) * self.readout.factor(t)

    def diffusion(self, t: Scalar) -> Scalar:
        """The process's coefficient of the injected noise."""
        return self.process.diffusion(t)

    @property
    def has_diffusion(self) -> bool:
        """True for the reverse SDE."""
        return isinstance(self.process, ReverseSDE)

    def require(self, readout: AbstractReadout) -> None:
        """Refuse a network with another readout, or of another diffusion."""
        readout.require(self.process)
        if type(readout) is not type(self.readout):
            raise ValueError(
                "a loop must be closed for the output of its chips; this chip's is a "
                f"{type(readout).__name__}, and the loop's a "
                f"{type(self.readout).__name__}: close the loop with "
                "`NetworkDrift(process, score.readout)`."
            )
