"""The protocol of a published technique: prepare a score and sampler, run, count, cost.

Beside it stands a machine that runs the same network without the technique. Its number
format is the one that the paper starts from where that is public, else an assumption:
no ratio here is the one that a paper reports.
"""

import abc
import dataclasses
from collections.abc import Mapping

import numpy as np
from jaxtyping import Array, Float, Int

from .._core._types import Times
from ..scores import AbstractLayeredScore
from ..sdes import AbstractProcess
from ._base import AbstractMachine


@dataclasses.dataclass(frozen=True)
class Starts:
    """Starts of samples, and the classes that are asked for.

    Args:
        x1: Starts.
        labels: The class of each, -1 for any; `None` for a network without classes.
    """

    x1: Float[Array, "dim samples"]
    labels: Int[Array, " samples"] | None = None

    def asked(self, score: AbstractLayeredScore) -> AbstractLayeredScore:
        """The score of these classes."""
        return score if self.labels is None else score.of_class(self.labels)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Samples of a technique, and the machines that would make them.

    Args:
        x: The samples.
        machines: Machines with the counts of this run, by the name of their row.
        baseline: A machine that runs the same network without the technique; `None`
            where what the technique changes has no joules here.
        warnings: What makes these samples doubtful, each a sentence.
    """

    x: Float[np.ndarray, "samples dim"]
    machines: Mapping[str, AbstractMachine]
    baseline: AbstractMachine | None
    warnings: tuple[str, ...] = ()


class AbstractTechnique(abc.ABC):
    """A technique of a published accelerator on a digital score and sampler.

    Args:
        names: Names of its rows in tables, one for each machine.
    """

    names: tuple[str, ...]

    @abc.abstractmethod
    def refusal(self, score: AbstractLayeredScore) -> str | None:
        """Why it does not apply to a network, as a clause; `None` if it applies."""

    @abc.abstractmethod
    def run(
        self,
        score: AbstractLayeredScore,
        process: AbstractProcess,
        ts: Times,
        calibration: Starts,
        judged: Starts,
    ) -> Outcome:
        """Samples by Euler's method, with what is chosen chosen by the calibration.

        Args:
            score: The network as it was trained.
            process: What is integrated.
            ts: Diffusion times, falling.
            calibration: Starts that ranges and thresholds come from.
            judged: Starts of the samples, other ones.
        """

    def require(self, score: AbstractLayeredScore) -> None:
        """Refuse a network that the technique does not apply to.

        Raises:
            ValueError: If it does not.
        """
        if (reason := self.refusal(score)) is not None:
            raise ValueError(f"{self.names[0]} does not apply: {reason}.")
