"""What the closed loop needs of a score in hardware, and an exact one for tests."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import scalar
from .._types import Scalar, State, Voltages
from ..crossbar import CellNoise
from ._base import AbstractScore


class Node(eqx.Module):
    """Voltages of one class of nodes before its limit, and the limit, in volts."""

    name: str = eqx.field(static=True)
    v: Float[Array, "..."]
    limit: Scalar
    one_sided: bool = eqx.field(static=True, default=False)

    @property
    def is_clipped(self) -> Array:
        """Whether a voltage passes the limit; a rectifier's only upwards."""
        return (self.v if self.one_sided else jnp.abs(self.v)) > self.limit


class AbstractAnalogScore(eqx.Module):
    """A score as a circuit: voltages in, voltages out, waveforms from a DAC.

    `volts_in` and `volts_out` are volts per unit of the state and of the output, the
    first and the last of `volts`, which has one for each stage between them too. The
    score is `factor(t)` times the output; the multipliers apply this factor.
    """

    dim: eqx.AbstractVar[int]
    volts: eqx.AbstractVar[tuple[Scalar, ...]]
    volts_in: eqx.AbstractVar[Scalar]
    volts_out: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def embedding(self, t: Scalar) -> Float[Array, " embedding"]:
        """Waveforms to be played at diffusion time `t`, between -1 and 1."""

    @abc.abstractmethod
    def factor(self, t: Scalar) -> Scalar:
        """The score over the output."""

    @abc.abstractmethod
    def nodes(
        self,
        v: Voltages,
        embedding: Float[Array, " embedding"],
        noise: tuple[CellNoise, ...] = (),
    ) -> tuple[State, tuple[Node, ...]]:
        """The output in volts, `(dim, *samples)`, and every node that has a limit."""

    @abc.abstractmethod
    def power(self, v: Voltages, nodes: tuple[Node, ...]) -> Float[Array, "*samples"]:
        """Dissipated in the cells, in watts, at the voltages that `nodes` gave."""

    @property
    @abc.abstractmethod
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """`(rows, cols)` of each crossbar, the constant row included."""


class ScoreBlock(AbstractAnalogScore):
    """A score without circuit errors, as ground truth for the loop around it.

    Args:
        score: In closed form or digital.
        dim: Number of coordinates of the state.
        volts_in: Volts per unit of the state.
        volts_out: Volts per unit of the score.
    """

    score: AbstractScore
    dim: int = eqx.field(static=True)
    volts_in: Float[Array, ""] = eqx.field(converter=scalar, default=0.05)
    volts_out: Float[Array, ""] = eqx.field(converter=scalar, default=0.05)

    @property
    def volts(self) -> tuple[Scalar, ...]:
        """Volts per unit of the state and of the score."""
        return self.volts_in, self.volts_out

    def embedding(self, t: Scalar) -> Float[Array, " embedding"]:
        """The diffusion time itself."""
        return t[None]

    def factor(self, t: Scalar) -> Scalar:
        """1."""
        return jnp.ones_like(t)

    def nodes(
        self,
        v: Voltages,
        embedding: Float[Array, " embedding"],
        noise: tuple[CellNoise, ...] = (),
    ) -> tuple[State, tuple[Node, ...]]:
        """The score in volts; no node has a limit."""
        del noise
        return self.volts_out * self.score(embedding[0], v / self.volts_in), ()

    def power(self, v: Voltages, nodes: tuple[Node, ...]) -> Float[Array, "*samples"]:
        """None."""
        del nodes
        return jnp.zeros_like(v[0])

    @property
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """No crossbar."""
        return ()
