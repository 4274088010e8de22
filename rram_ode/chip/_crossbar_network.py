"""What networks on crossbars have in common: arrays, chains of layers, and nodes."""

import abc
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns
from .._core._types import Scalar, State, SupplyCurrents, Voltages
from ..blocks import AbstractRectifier, unlimited
from ..crossbar import CellNoise
from ..scores import AbstractReadout
from ._base import AbstractAnalogScore, Node
from ._layer import AnalogLayer


CHAINS = ("", "null ")  # what the names of the nodes of each chain begin with


class Place(NamedTuple):
    """Where a layer stands among the arrays of a network.

    Args:
        chain: Number of its chain.
        number: Its number in the chain, from 0.
        depth: Number of layers of the chain.
    """

    chain: int
    number: int
    depth: int

    @property
    def is_first(self) -> bool:
        """Whether the state drives its rows."""
        return self.number == 0

    @property
    def is_last(self) -> bool:
        """Whether it puts out the output of its chain; no wave reaches it."""
        return self.number + 1 == self.depth

    @property
    def name(self) -> str:
        """Name of the nodes behind its amplifiers."""
        kind = "output" if self.is_last else f"hidden {self.number + 1}"
        return CHAINS[self.chain] + kind


class AbstractCrossbarNetwork(AbstractAnalogScore):
    """A network on crossbars: what its arrays take, and what they are made of.

    Implementations say what the trims of the amplifiers made of the network, and which
    waveforms reach which columns.
    """

    @property
    @abc.abstractmethod
    def chains(self) -> tuple["AbstractChain", ...]:
        """The network on each array, with all its trims applied to its amplifiers.

        The layers of each follow one another; all begin at the state.
        """

    @property
    @abc.abstractmethod
    def turns(self) -> int:
        """How often each array is used in turn, for one label after the other."""

    @abc.abstractmethod
    def join(self, ends: tuple[State, ...]) -> tuple[State, tuple[Node, ...]]:
        """The output that the outputs of all chains make, in volts, and its nodes.

        With turns, `ends` are those of the first turn first.
        """

    @abc.abstractmethod
    def waves(
        self, embedding: Float[Array, "embedding ..."]
    ) -> tuple[Float[Array, "_ ..."] | None, ...]:
        """The voltages that are added to each layer's columns, turn after turn.

        Each is `None`, `(cols,)`, or `(cols, samples)` where samples have classes of
        their own.
        """

    @abc.abstractmethod
    def of_class(self, label: Int[Array, "*samples"]) -> "AbstractCrossbarNetwork":
        """The network that generates the class `label`; -1 is the null label.

        Args:
            label: Class of all samples, or of each.

        Raises:
            ValueError: If the network is unconditional.
        """

    @property
    @abc.abstractmethod
    def num_classes(self) -> int:
        """Number of classes that it knows; 0 for an unconditional network."""

    @property
    @abc.abstractmethod
    def num_channels(self) -> int:
        """Channels of the DAC that play the embedding."""

    @property
    def all_layers(self) -> tuple[AnalogLayer, ...]:
        """The layers of all chains, those of the first chain first."""
        return tuple(layer for chain in self.chains for layer in chain.layers)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where each of `all_layers` stands."""
        return tuple(
            Place(chain, number, len(network.layers))
            for chain, network in enumerate(self.chains)
            for number in range(len(network.layers))
        )

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.arrays[0][0] - 1

    def nodes(
        self,
        v: Voltages,
        embedding: Float[Array, "embedding ..."],
        noise: tuple[CellNoise, ...] = (),
    ) -> tuple[State, tuple[Node, ...]]:
        """The output in volts, and the nodes that a clamp or a rail limits.

        Args:
            v: Voltages of the rows of the first layer, in volts.
            embedding: The waveforms that the DAC plays.
            noise: Noise of the reads of each layer, turn after turn.
        """
        chains, waves = self.chains * self.turns, self.waves(embedding)
        noise = noise or (CellNoise(),) * len(waves)
        first = Node("input", v, chains[0].v_clamp)
        nodes, ends = [first], []
        steps = zip(waves, noise, strict=True)
        for chain, name in zip(chains, CHAINS, strict=False):
            v, layers = first.clipped, enumerate(chain.layers, start=1)
            for (number, layer), step in zip(layers, steps, strict=False):
                wave, fluctuation = step
                v = layer(v, fluctuation, wave)
                if number < len(chain.layers):
                    nodes.append(chain.hidden_node(number, v, name))
                    v = nodes[-1].clipped
            amplifier = chain.layers[-1].amplifier
            low, high = amplifier.rails(v)
            at_low = None if amplifier.v_low is None else v < low
            nodes.append(Node(f"{name}output", v, high, at_low))
            ends.append(amplifier.clip(v))
        out, found = self.join(tuple(ends))
        return out, (*nodes, *found)

    def power(self, v: Voltages, nodes: tuple[Node, ...]) -> Float[Array, "*samples"]:
        """Dissipated in the cells of all layers, in watts, in the mean over turns."""
        rows = self.rows(v, nodes)
        layers = self.all_layers * self.turns
        parts = [layer.power(row) for layer, row in zip(layers, rows, strict=True)]
        return sum(parts[1:], parts[0]) / self.turns

    def supplied(self, v: Voltages, nodes: tuple[Node, ...]) -> SupplyCurrents:
        """Currents of all row drivers, and of all amplifiers, in amperes.

        Means over turns.
        """
        rows = self.rows(v, nodes)
        layers = self.all_layers * self.turns
        parts = [layer.supplied(row) for layer, row in zip(layers, rows, strict=True)]
        return sum(parts[1:], parts[0]) / self.turns

    def stressed(
        self, v: Voltages, nodes: tuple[Node, ...]
    ) -> Float[Array, "*samples"]:
        """Fraction of cells whose row is above `v_disturb`, the constant row included.

        A row's voltage bounds that of its cells: wires and virtual grounds take some.
        """
        total, found, v_disturb = 0, jnp.zeros_like(v[0]), self.chains[0].v_disturb
        layers = self.all_layers * self.turns
        for layer, row in zip(layers, self.rows(v, nodes), strict=True):
            row = layer.driven(row)
            rows, cols = layer.crossbar.g_pos.shape
            constant = jnp.abs(layer.crossbar.v_bias) > v_disturb
            high = jnp.sum(jnp.abs(row) > v_disturb, axis=0) + constant.astype(int)
            found = found + high.astype(found.dtype) * cols
            total = total + rows * cols
        return found / total

    def rows(self, v: Voltages, nodes: tuple[Node, ...]) -> list[Array]:
        """Voltages at the row drivers of each layer, turn after turn, in volts."""
        first = Node("input", v, self.chains[0].v_clamp)
        # Each layer has a node, behind that of the input.
        return [
            (first if place.is_first else nodes[number]).clipped
            for number, place in enumerate(self.places * self.turns)
        ]

    @property
    def noise_gains(self) -> tuple[Float[Array, " _"], ...]:
        """Of each layer's amplifiers; the embedding's resistor, $R_f$, adds 1."""
        wave = 1.0 if self.num_channels else 0.0
        return tuple(
            layer.noise_gains(0.0 if place.is_last else wave)
            for place, layer in zip(self.places, self.all_layers, strict=True)
        )

    @property
    def num_rows(self) -> int:
        """Driven rows of all layers."""
        return sum(layer.num_rows for layer in self.all_layers)

    @property
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """`(rows, cols)` of each layer, the constant row included."""
        shapes = (layer.crossbar.g_pos.shape for layer in self.all_layers)
        return tuple((rows, cols) for rows, cols in shapes)


class AbstractChain(AbstractCrossbarNetwork):
    """A network on one array, whose layers follow one another.

    Implementations have its layers, what limits its rows, its rectifiers, what its
    output stands for, and the factor of the chip's reference (`None` for 1).
    """

    layers: eqx.AbstractVar[tuple[AnalogLayer, ...]]
    readout: eqx.AbstractVar[AbstractReadout]
    v_clamp: eqx.AbstractVar[Scalar]
    v_disturb: eqx.AbstractVar[Float[Array, ""]]
    rectifier: eqx.AbstractVar[AbstractRectifier]
    reference: eqx.AbstractVar[Scalar | None]

    @property
    def chains(self) -> tuple["AbstractChain", ...]:
        """Itself: it has one array, and no trims."""
        return (self,)

    @property
    def turns(self) -> int:
        """One label has the array."""
        return 1

    def join(self, ends: tuple[State, ...]) -> tuple[State, tuple[Node, ...]]:
        """The output of the one chain."""
        (out,) = ends
        return out, ()

    def hidden_node(self, number: int, v: Voltages, name: str = "") -> Node:
        """What rectifiers make of `v`, of the amplifiers of hidden layer `number`."""
        layer = self.layers[number - 1]
        amplifier, errors = layer.amplifier, layer.rectifiers
        # At the rail an output stops, it does not pass it. Downwards nothing is lost.
        at_rail = v > amplifier.rails(v)[1] * (1 - 1e-6)
        if errors is None:
            out = self.rectifier.behind(amplifier.limited(v))
        else:
            v = amplifier.clip(v) + broadcast_columns(errors.offset, v)
            out = self.rectifier.behind(unlimited(v))
            out = unlimited(broadcast_columns(1 + errors.gain, v) * out.value)
        return Node(f"{name}hidden {number}", out.value, self.v_clamp, at_rail, out)
