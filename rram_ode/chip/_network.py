"""The score network on crossbars, in volts, siemens and amperes."""

import abc
import dataclasses

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns, scalar
from .._core._types import Scalar, State, SupplyCurrents, Voltages
from ..blocks import AbstractRectifier, IdealRectifier
from ..crossbar import CellNoise
from ..scores import AbstractReadout, embedding_of, for_width
from ._base import AbstractAnalogScore, Node
from ._layer import AnalogLayer


class AbstractCrossbarNetwork(AbstractAnalogScore):
    """A network on crossbars: what its arrays take, and what they are made of.

    Implementations say what the trims of the amplifiers made of the network, and which
    waveforms reach which columns.
    """

    @property
    @abc.abstractmethod
    def realised(self) -> "AnalogNetwork":
        """The network with all its trims applied to its amplifiers."""

    @abc.abstractmethod
    def waves(
        self, embedding: Float[Array, "embedding ..."]
    ) -> tuple[Float[Array, "_ ..."] | None, ...]:
        """The voltages that are added to each layer's columns.

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
            noise: Noise of the reads of each layer.
        """
        network, waves = self.realised, self.waves(embedding)
        layers = network.layers
        noise = noise or (CellNoise(),) * len(layers)
        nodes = [Node("input", v, network.v_clamp)]
        v = nodes[0].clipped
        for number, (layer, wave, fluctuation) in enumerate(
            zip(layers, waves, noise, strict=True), start=1
        ):
            v = layer(v, fluctuation, wave)
            if number < len(layers):
                nodes.append(self.hidden_node(number, v))
                v = nodes[-1].clipped
        amplifier = layers[-1].amplifier
        nodes.append(Node("output", v, amplifier.rails(v)))
        return amplifier.clip(v), tuple(nodes)

    def hidden_node(self, number: int, v: Voltages) -> Node:
        """What rectifiers make of `v`, of the amplifiers of hidden layer `number`."""
        layer = self.realised.layers[number - 1]
        amplifier, errors = layer.amplifier, layer.rectifiers
        # At the rail an output stops, it does not pass it. Downwards nothing is lost.
        at_rail = v > amplifier.rails(v) * (1 - 1e-6)
        v = amplifier.clip(v)
        if errors is not None:
            v = v + broadcast_columns(errors.offset, v)
        v = self.realised.rectifier(v)
        if errors is not None:
            v = broadcast_columns(1 + errors.gain, v) * v
        return Node(f"hidden {number}", v, self.realised.v_clamp, at_rail)

    def power(self, v: Voltages, nodes: tuple[Node, ...]) -> Float[Array, "*samples"]:
        """Dissipated in the cells of all layers, in watts."""
        rows = self.rows(v, nodes)
        parts = [
            layer.power(row)
            for layer, row in zip(self.realised.layers, rows, strict=True)
        ]
        return sum(parts[1:], parts[0])

    def supplied(self, v: Voltages, nodes: tuple[Node, ...]) -> SupplyCurrents:
        """Currents of all row drivers, and of all amplifiers, in amperes."""
        rows = self.rows(v, nodes)
        parts = [
            layer.supplied(row)
            for layer, row in zip(self.realised.layers, rows, strict=True)
        ]
        return sum(parts[1:], parts[0])

    def stressed(
        self, v: Voltages, nodes: tuple[Node, ...]
    ) -> Float[Array, "*samples"]:
        """Fraction of cells whose row is above `v_disturb`, the constant row included.

        A row's voltage bounds that of its cells: wires and virtual grounds take some.
        """
        total, found, v_disturb = 0, jnp.zeros_like(v[0]), self.realised.v_disturb
        for layer, row in zip(self.realised.layers, self.rows(v, nodes), strict=True):
            row = layer.driven(row)
            rows, cols = layer.crossbar.g_pos.shape
            constant = jnp.abs(layer.crossbar.v_bias) > v_disturb
            high = jnp.sum(jnp.abs(row) > v_disturb, axis=0) + constant.astype(int)
            found = found + high.astype(found.dtype) * cols
            total = total + rows * cols
        return found / total

    def rows(self, v: Voltages, nodes: tuple[Node, ...]) -> list[Array]:
        """Voltages at the row drivers of each layer, in volts."""
        first = Node("input", v, self.realised.v_clamp)
        return [node.clipped for node in (first, *nodes[1:-1])]

    @property
    def noise_gains(self) -> tuple[Float[Array, " _"], ...]:
        """Of each layer's amplifiers; the embedding's resistor, $R_f$, adds 1."""
        last = len(self.realised.layers) - 1
        return tuple(
            layer.noise_gains(0.0 if number == last else 1.0)
            for number, layer in enumerate(self.realised.layers)
        )

    @property
    def num_rows(self) -> int:
        """Driven rows of all layers."""
        return sum(layer.num_rows for layer in self.realised.layers)

    @property
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """`(rows, cols)` of each layer, the constant row included."""
        shapes = (layer.crossbar.g_pos.shape for layer in self.realised.layers)
        return tuple((rows, cols) for rows, cols in shapes)


class AnalogNetwork(AbstractCrossbarNetwork):
    r"""Layers of crossbar, amplifier and clamped ReLU.

    With $u_l$ volts per unit of activation at layer l, row voltages $u_l h_l$ give
    $u_{l+1} (W^T h_l + b)$ at the amplifiers, to which the DAC's $u_{l+1} e(t)$ is
    added; the ReLU clips at `v_clamp`, the largest voltage that is safe on a row. So
    does the driver of the first layer's rows. The last amplifiers clip at their rails.
    A `rectifier` of diodes may put out negative voltages: it is clipped on both sides.
    The errors of rectifiers and row drivers are those of the layers.

    Args:
        layers: Crossbars with their amplifiers.
        frequencies: Frequencies of the time embedding.
        readout: What the output stands for.
        volts_per_unit: $u_l$ of the state, each hidden layer and the output, in volts;
            of a hidden layer one for all neurons, or each its own.
        v_clamp: Clamp of the rows, in volts; infinite for no clamp.
        v_disturb: Above it a read disturbs a cell, in volts; only counted.
        rectifier: The rectifier of each hidden column.
        reference: Factor of this chip's reference on all that its DACs play; `None` for
            an exact reference.
        classes: The embedding of each class; `None` for an unconditional network.
        shift: The embedding of the class that is generated, of all samples or of each;
            `None` for none.
    """

    layers: tuple[AnalogLayer, ...]
    frequencies: Float[Array, " freq"]
    readout: AbstractReadout
    volts_per_unit: tuple[Float[Array, "..."], ...]
    v_clamp: Scalar
    v_disturb: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    rectifier: AbstractRectifier = IdealRectifier()
    reference: Scalar | None = None
    classes: Float[Array, "classes embedding"] | None = None
    shift: Float[Array, "embedding ..."] | None = None

    def of_class(self, label: Int[Array, "*samples"]) -> "AnalogNetwork":
        """The network whose DAC plays the embedding of the class `label`, too."""
        if self.classes is None:
            raise ValueError(
                "this network is unconditional and knows no labels; leave `label` out."
            )
        return dataclasses.replace(self, shift=embedding_of(self.classes, label))

    def played(
        self, t: Scalar, label: Int[Array, ""] | None = None
    ) -> Float[Array, "embedding ..."]:
        """The embedding at `t` of a class; `None` takes the network's own."""
        return (self if label is None else self.of_class(label)).embedding(t)

    @property
    def peak(self) -> Scalar | None:
        """Full scale of the embedding, for all classes alike; `None` for 1."""
        if self.classes is None:
            return None
        return 1 + jnp.max(jnp.abs(self.classes))

    @property
    def realised(self) -> "AnalogNetwork":
        """Itself: it has no trims."""
        return self

    @property
    def volts(self) -> tuple[Float[Array, "..."], ...]:
        """Volts per unit of state, each hidden layer and output."""
        return self.volts_per_unit

    def embedding(self, t: Scalar) -> Float[Array, "embedding ..."]:
        """The digital network's embedding, with the class's part, over `peak`."""
        phase = 2 * jnp.pi * self.frequencies * t
        wave = jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])
        if self.shift is not None:
            wave = broadcast_columns(wave, self.shift) + self.shift
        return wave if self.peak is None else wave / self.peak

    def waves(
        self, embedding: Float[Array, "embedding ..."]
    ) -> tuple[Float[Array, "_ ..."] | None, ...]:
        """The embedding on the columns of each hidden layer; the output has none."""
        hidden = zip(self.arrays[:-1], self.volts[1:-1], strict=True)
        embedding = self.referred(embedding)
        embedding = embedding if self.peak is None else self.peak * embedding
        waves = [
            for_width(embedding, cols) * broadcast_columns(volts, embedding, volts.ndim)
            for (_, cols), volts in hidden
        ]
        return (*waves, None)

    def referred(self, wave: Float[Array, "..."]) -> Float[Array, "..."]:
        """What a DAC with the chip's reference puts out for the nominal `wave`."""
        return wave if self.reference is None else self.reference * wave

    @property
    def num_classes(self) -> int:
        """One for each row of `classes`."""
        return 0 if self.classes is None else self.classes.shape[0]

    @property
    def num_channels(self) -> int:
        """One for each unit of the widest hidden layer."""
        return max((cols for _, cols in self.arrays[:-1]), default=0)
