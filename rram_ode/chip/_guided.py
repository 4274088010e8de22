"""Guidance in hardware: two arrays, of a class and of the null label."""

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .._core._types import Scalar, State
from ..blocks import GuidanceStage
from ._base import Node
from ._crossbar_network import AbstractChain, AbstractCrossbarNetwork
from ._network import AnalogNetwork


class GuidedNetwork(AbstractCrossbarNetwork):
    r"""$(1 + w)\, h(t, x, k) - w\, h(t, x, \varnothing)$ by a network on two arrays.

    Both arrays hold the same weights and take the same state. The DAC plays the
    embedding of time and class to the first, and that of time alone to the second, on
    channels of its own. Errors of the arrays are independent: in the output they are
    $\sqrt{(1 + w)^2 + w^2}$ times as large as those of one.

    Args:
        network: The array of the class.
        null: The array of the null label.
        stage: What guides with the difference of both.
    """

    network: AnalogNetwork
    null: AnalogNetwork
    stage: GuidanceStage

    @property
    def chains(self) -> tuple[AbstractChain, ...]:
        """The array of the class, and that of the null label."""
        return self.network, self.null

    @property
    def turns(self) -> int:
        """Each label has an array of its own."""
        return 1

    def difference(self, v_class: State, v_null: State) -> State:
        """What guides, in volts.

        Where trims gave the arrays scales of their own, the resistor of the null
        array's output has their ratio.
        """
        return v_class - self.ratio * v_null

    @property
    def ratio(self) -> Scalar:
        """Volts per unit of the class array's output over those of the null array."""
        return self.network.volts_out / self.null.volts_out

    def product(self, ends: tuple[State, ...]) -> State:
        """What the multipliers of the stage put out for the chains' outputs."""
        return self.stage.product(self.difference(*ends), self.network.reference)

    def join(self, ends: tuple[State, ...]) -> tuple[State, tuple[Node, ...]]:
        """The guided output, by multipliers without a pole."""
        return self.joined(ends, self.product(ends))

    def joined(
        self, ends: tuple[State, ...], product: State
    ) -> tuple[State, tuple[Node, ...]]:
        """The guided output, and its node, where multipliers put out `product`."""
        return put_out(self.stage, ends[0] + product)

    @property
    def volts(self) -> tuple[Float[Array, "..."], ...]:
        """Volts per unit of state, each hidden layer and output, of the class array."""
        return self.network.volts

    def embedding(self, t: Scalar) -> Float[Array, "embedding ..."]:
        """What is played to the class array, then what is played to the other."""
        own, null = self.network.embedding(t), self.null.embedding(t)
        samples = jnp.broadcast_shapes(own.shape[1:], null.shape[1:])
        wide = lambda x: jnp.broadcast_to(
            x.reshape(x.shape + (1,) * (1 + len(samples) - x.ndim)),
            (x.shape[0], *samples),
        )
        return jnp.concatenate([wide(own), wide(null)])

    def waves(
        self, embedding: Float[Array, "embedding ..."]
    ) -> tuple[Float[Array, "_ ..."] | None, ...]:
        """The waves of the layers of the class array, then of the other."""
        own, null = jnp.split(embedding, [2 * self.network.frequencies.shape[0]])
        return (*self.network.waves(own), *self.null.waves(null))

    def of_class(self, label: Int[Array, "*samples"]) -> "GuidedNetwork":
        """The network that is guided to the class `label`; the other array stays."""
        return dataclasses.replace(self, network=self.network.of_class(label))

    @property
    def num_classes(self) -> int:
        """That of the network, which both arrays hold."""
        return self.network.num_classes

    @property
    def num_channels(self) -> int:
        """Those of both arrays, each with the channels of an embedding of its own."""
        return self.network.num_channels + self.null.num_channels


def put_out(stage: GuidanceStage, v: State) -> tuple[State, tuple[Node, ...]]:
    """What the amplifier of `stage` makes of `v` between its rails, and its node."""
    return stage.clip(v), (Node("guided", v, stage.rails(v)),)
