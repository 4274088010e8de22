"""The interface of a score by a network that makes pictures by class."""

import abc
import dataclasses
from typing import TypeVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .._core._types import Scalar, State
from ..sdes import AbstractProcess
from ._arithmetic import AbstractLayeredScore, ExactArithmetic
from ._noise_embedding import NoiseEmbedding
from ._preconditioning import AbstractPreconditioning
from ._readout import NoiseReadout


AnyPictureScore = TypeVar("AnyPictureScore", bound="AbstractPictureScore")


class AbstractPictureScore(AbstractLayeredScore):
    """A score of square pictures, which is told the class that it makes.

    Args:
        preconditioning: Between state and network.
        embedding: The embedding of noise, and of the class.
        side: Pixels a side.
        label: Class to make, of all samples or of each, -1 for any; `None` for any.
    """

    preconditioning: eqx.AbstractVar[AbstractPreconditioning]
    embedding: eqx.AbstractVar[NoiseEmbedding]
    side: eqx.AbstractVar[int]
    label: eqx.AbstractVar[Int[Array, "..."] | None]

    @property
    def dim(self) -> int:
        """Number of pixels."""
        return self.side**2

    @property
    @abc.abstractmethod
    def num_classes(self) -> int:
        """Number of classes, that of any class aside."""

    @property
    @abc.abstractmethod
    def attention_products(self) -> int:
        """Products of one evaluation for one sample that take no weight."""

    def require(self, process: AbstractProcess) -> None:
        """Takes a process of its own diffusion that is driven by a score."""
        NoiseReadout(self.preconditioning.sde).require(process)

    def of_class(
        self: AnyPictureScore, label: int | Int[Array, "..."]
    ) -> AnyPictureScore:
        """The score of a class, of all samples or of each; -1 is any."""
        return dataclasses.replace(self, label=jnp.asarray(label))

    def __call__(
        self,
        t: Scalar | Float[Array, " samples"],
        x: State,
        *,
        label: Int[Array, "..."] | None = None,
    ) -> State:
        """The score at `t`, one for all samples or one for each, and `x`."""
        score = self if label is None else self.of_class(label)
        columns = x[:, None] if x.ndim == 1 else x
        return score.evaluate(t, columns, ExactArithmetic()).reshape(x.shape)
