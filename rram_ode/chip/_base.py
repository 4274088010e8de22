"""The interface of a score in hardware, and a block with an exact one for tests."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .._core._arrays import scalar
from .._core._types import Scalar, State, Voltages
from ..blocks import Limited, unlimited
from ..crossbar import CellNoise
from ..scores import AbstractScore


class Node(eqx.Module):
    """Voltages of one class of nodes before its limit, and the limit, in volts.

    The limit is one for all nodes, or broadcasts along their axes. `source` is `v`
    where that stands behind limits already; `None` where it does not.
    `at_rail` says where what drives them stops at a rail of its own; `None` if nothing
    does.
    """

    name: str = eqx.field(static=True)
    v: Float[Array, "..."]
    limit: Float[Array, "..."]
    at_rail: Bool[Array, "..."] | None = None
    source: Limited | None = None

    @property
    def is_clipped(self) -> Array:
        """Whether a voltage passes the limit, or cannot reach it for a rail."""
        passes = jnp.abs(self.v) > self.limit
        return passes if self.at_rail is None else passes | self.at_rail

    @property
    def clipped(self) -> Voltages:
        """The voltages behind the limit."""
        source = unlimited(self.v) if self.source is None else self.source
        return source.within(-self.limit, self.limit).value


class AbstractAnalogScore(eqx.Module):
    """A score as a circuit: voltages in, voltages out, waveforms from a DAC.

    `volts` are volts per unit of the state, of each stage and of the output.
    """

    @property
    @abc.abstractmethod
    def dim(self) -> int:
        """Number of coordinates of the state."""

    @property
    @abc.abstractmethod
    def volts(self) -> tuple[Float[Array, "..."], ...]:
        """Volts per unit: of the state first, of the output last."""

    @property
    def volts_in(self) -> Scalar:
        """Volts per unit of the state."""
        return self.volts[0]

    @property
    def volts_out(self) -> Scalar:
        """Volts per unit of the output."""
        return self.volts[-1]

    @abc.abstractmethod
    def embedding(self, t: Scalar) -> Float[Array, "embedding ..."]:
        """Waveforms to be played at diffusion time `t`, between -1 and 1."""

    @abc.abstractmethod
    def nodes(
        self,
        v: Voltages,
        embedding: Float[Array, "embedding ..."],
        noise: tuple[CellNoise, ...] = (),
    ) -> tuple[State, tuple[Node, ...]]:
        """The output in volts, `(dim, *samples)`, and every node that has a limit."""


class ScoreBlock(AbstractAnalogScore):
    """A score without circuit errors, as ground truth for the loop around it.

    Args:
        score: A score in closed form, or a digital network's.
        num_coordinates: Number of coordinates of the state.
        volts_per_unit: Volts per unit of the state and of the score.
    """

    score: AbstractScore
    num_coordinates: int = eqx.field(static=True)
    volts_per_unit: Float[Array, ""] = eqx.field(converter=scalar, default=0.05)

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.num_coordinates

    @property
    def volts(self) -> tuple[Scalar, ...]:
        """The same for the state and the score."""
        return self.volts_per_unit, self.volts_per_unit

    def embedding(self, t: Scalar) -> Float[Array, " embedding"]:
        """The diffusion time itself."""
        return t[None]

    def nodes(
        self,
        v: Voltages,
        embedding: Float[Array, " embedding"],
        noise: tuple[CellNoise, ...] = (),
    ) -> tuple[State, tuple[Node, ...]]:
        """The score in volts; no node has a limit."""
        del noise
        return self.volts_out * self.score(embedding[0], v / self.volts_in), ()
