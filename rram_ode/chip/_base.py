"""What the closed loop needs of a score in hardware, and an exact one for tests."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .._core._arrays import scalar
from .._core._types import Scalar, State, SupplyCurrents, Voltages
from ..crossbar import CellNoise
from ..scores import AbstractScore
from ..sdes import AbstractProcess


class Node(eqx.Module):
    """Voltages of one class of nodes before its limit, and the limit, in volts.

    `at_rail` says where what drives them stops at a rail of its own; `None` if nothing
    does.
    """

    name: str = eqx.field(static=True)
    v: Float[Array, "..."]
    limit: Scalar
    at_rail: Bool[Array, "..."] | None = None

    @property
    def is_clipped(self) -> Array:
        """Whether a voltage passes the limit, or cannot reach it for a rail."""
        passes = jnp.abs(self.v) > self.limit
        return passes if self.at_rail is None else passes | self.at_rail

    @property
    def clipped(self) -> Voltages:
        """The voltages behind the limit."""
        return jnp.clip(self.v, -self.limit, self.limit)


class AbstractAnalogScore(eqx.Module):
    """A score as a circuit: voltages in, voltages out, waveforms from a DAC.

    `volts` are volts per unit of the state, of each stage and of the output. The score
    is `factor(t)` times the output; the multipliers apply this factor.
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
    def embedding(self, t: Scalar) -> Float[Array, " embedding"]:
        """Waveforms to be played at diffusion time `t`, between -1 and 1."""

    @abc.abstractmethod
    def factor(self, t: Scalar) -> Scalar:
        """The score over the output."""

    @abc.abstractmethod
    def require(self, process: AbstractProcess) -> None:
        """Raise a `ValueError` if `process` takes something else than this output."""

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

    @abc.abstractmethod
    def supplied(self, v: Voltages, nodes: tuple[Node, ...]) -> SupplyCurrents:
        """Currents of all row drivers, and of all amplifiers, in amperes."""

    @property
    @abc.abstractmethod
    def noise_gains(self) -> tuple[Float[Array, " _"], ...]:
        r"""$1 + R_f \sum_i (g^+_{ij} + g^-_{ij})$ of each layer's amplifiers."""

    @abc.abstractmethod
    def stressed(
        self, v: Voltages, nodes: tuple[Node, ...]
    ) -> Float[Array, "*samples"]:
        """Share of the cells whose row is above the voltage that disturbs a read."""

    @property
    @abc.abstractmethod
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """`(rows, cols)` of each crossbar, the constant row included."""

    @property
    @abc.abstractmethod
    def num_rows(self) -> int:
        """Rows that are driven, in all arrays."""

    @property
    @abc.abstractmethod
    def num_channels(self) -> int:
        """Channels of the DAC that play the embedding."""


class ScoreBlock(AbstractAnalogScore):
    """A score without circuit errors, as ground truth for the loop around it.

    Args:
        score: In closed form or digital.
        num_coordinates: Of the state.
        volts_per_unit: Of the state and of the score, in volts.
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

    def factor(self, t: Scalar) -> Scalar:
        """1."""
        return jnp.ones_like(t)

    def require(self, process: AbstractProcess) -> None:
        """Fits every process."""
        del process

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

    def supplied(self, v: Voltages, nodes: tuple[Node, ...]) -> SupplyCurrents:
        """None."""
        del nodes
        return jnp.zeros((2, *v.shape[1:]), v.dtype)

    @property
    def noise_gains(self) -> tuple[Float[Array, " _"], ...]:
        """No amplifier."""
        return ()

    def stressed(
        self, v: Voltages, nodes: tuple[Node, ...]
    ) -> Float[Array, "*samples"]:
        """None."""
        del nodes
        return jnp.zeros_like(v[0])

    @property
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """No crossbar."""
        return ()

    @property
    def num_rows(self) -> int:
        """No row."""
        return 0

    @property
    def num_channels(self) -> int:
        """None."""
        return 0
