"""Guidance by one array, which is switched between a class and the null label."""

import dataclasses

import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int, Integer

from .._core._arrays import broadcast_columns
from .._core._streams import ChipStream, CircuitStream
from .._core._types import Key, Scalar, State, Voltages
from ..blocks import GuidanceSpread, GuidanceStage, SampleHold
from ..crossbar import CellNoise
from ._base import Node
from ._chip import Chip
from ._crossbar_network import AbstractChain, AbstractCrossbarNetwork
from ._guided import put_out
from ._network import AnalogNetwork
from ._pair import fabricate_stage


class SwitchedNetwork(AbstractCrossbarNetwork):
    r"""$(1 + w)\, h(t, x, k) - w\, h(t, x, \varnothing)$ by one array in two turns.

    A multiplexer plays the embedding of time and class to the array, and that of time
    alone, in turn. The hold of each label follows the array's output in the label's
    turn, and keeps it in the other's. The stage guides with what both holds have. All
    errors of the array and of its amplifiers are common to both labels: in the output
    they are as large as those of one array, where two err by
    $\sqrt{(1 + w)^2 + w^2}$ of them.

    `nodes` are those of infinitely fast turns; `turn` is one turn alone.

    Args:
        network: The array.
        stage: What guides with the difference of both holds.
        holds: The holds of each label and coordinate.
    """

    network: AnalogNetwork
    stage: GuidanceStage
    holds: SampleHold

    @property
    def chains(self) -> tuple[AbstractChain, ...]:
        """The one array."""
        return (self.network,)

    @property
    def turns(self) -> int:
        """That of the class, and that of the null label."""
        return 2

    def join(self, ends: tuple[State, ...]) -> tuple[State, tuple[Node, ...]]:
        """The guided output for the outputs in both turns, and its node."""
        return self.joined(ends, self.product(ends))

    def product(self, ends: tuple[State, ...]) -> State:
        """What the multipliers of the stage put out for the outputs in both turns."""
        own, null = ends
        return self.stage.product(own - null, self.network.reference)

    def joined(
        self, ends: tuple[State, ...], product: State
    ) -> tuple[State, tuple[Node, ...]]:
        """The guided output, and its node, where multipliers put out `product`."""
        return put_out(self.stage, ends[0] + product)

    def turn(
        self,
        label: Integer[Array, ""] | int,
        v: Voltages,
        embedding: Float[Array, "embedding ..."],
        noise: tuple[CellNoise, ...],
    ) -> State:
        """The array's output in the turn of one label, in volts.

        Args:
            label: 0 for the class, 1 for the null label.
            v: Voltages of the rows of the first layer, in volts.
            embedding: What is played for both labels.
            noise: Noise of each layer in both turns.
        """
        return self.network.nodes(v, *self.played_to(label, embedding, noise))[0]

    def played_to(
        self,
        label: Integer[Array, ""] | int,
        embedding: Float[Array, "embedding ..."],
        noise: tuple[CellNoise, ...],
    ) -> tuple[Float[Array, "own ..."], tuple[CellNoise, ...]]:
        """What the array gets of embeddings and noise in the turn of one label.

        The arguments are those of `turn`.
        """
        own, null = jnp.split(embedding, 2)
        half = len(noise) // 2
        pick = lambda a, b: a if a is b else jnp.where(label == 0, a, b)
        noise = jax.tree_util.tree_map(pick, noise[:half], noise[half:])
        return jnp.where(label == 0, own, null), noise

    @property
    def volts(self) -> tuple[Float[Array, "..."], ...]:
        """Volts per unit of state, each hidden layer and output."""
        return self.network.volts

    def embedding(self, t: Scalar) -> Float[Array, "embedding ..."]:
        """What is played in the turn of the class, then what in the other's."""
        own = self.network.embedding(t)
        null = dataclasses.replace(self.network, shift=None).embedding(t)
        wide = jnp.broadcast_to(broadcast_columns(null, own), own.shape)
        return jnp.concatenate([own, wide])

    def waves(
        self, embedding: Float[Array, "embedding ..."]
    ) -> tuple[Float[Array, "_ ..."] | None, ...]:
        """The waves of the layers in the turn of the class, then in the other's."""
        own, null = jnp.split(embedding, 2)
        return (*self.network.waves(own), *self.network.waves(null))

    def of_class(self, label: Int[Array, "*samples"]) -> "SwitchedNetwork":
        """The network that is guided to the class `label`."""
        return dataclasses.replace(self, network=self.network.of_class(label))

    @property
    def num_classes(self) -> int:
        """That of the network."""
        return self.network.num_classes

    @property
    def num_channels(self) -> int:
        """Those of both embeddings, between which multiplexers switch."""
        return 2 * self.network.num_channels


def with_switch(chip: Chip, guidance: GuidanceSpread, *, key: Key) -> Chip:
    """`chip` with holds behind its array, and a stage that guides.

    Args:
        chip: The chip of one array.
        guidance: The spread of the stage, with its holds.
        key: The chip's identity.
    """
    network = chip.score
    assert isinstance(network, AnalogNetwork)  # as it was programmed
    assert guidance.holds is not None  # by the caller
    circuit = jr.fold_in(key, ChipStream.CIRCUIT)
    own = jr.fold_in(circuit, CircuitStream.GUIDANCE_HOLDS)
    holds = guidance.holds.fabricate(network.dim, key=own)
    if chip.die is not None:
        farads = chip.die.capacitor * holds.capacitance
        holds = dataclasses.replace(holds, capacitance=farads)
    stage = fabricate_stage(chip, network, guidance, key=key)
    return dataclasses.replace(chip, score=SwitchedNetwork(network, stage, holds))


def array_of(chip: Chip) -> Chip:
    """The chip of the switched array alone, without holds and a stage."""
    score = chip.score
    assert isinstance(score, SwitchedNetwork)  # by the caller
    return dataclasses.replace(chip, score=score.network)


def with_switched_cells(chip: Chip, aged: Chip) -> Chip:
    """`chip`, whose array is switched, with the array of `aged`."""
    score, network = chip.score, aged.score
    assert isinstance(score, SwitchedNetwork)  # by the caller
    assert isinstance(network, AnalogNetwork)
    score = SwitchedNetwork(network, score.stage, score.holds)
    return dataclasses.replace(aged, score=score)
