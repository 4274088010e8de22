"""The score network on crossbars, in volts, siemens and amperes."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar
from .._core._types import ColumnVoltages, Scalar, State, SupplyCurrents, Voltages
from ..blocks import AbstractRectifier, IdealRectifier, TransimpedanceAmplifier
from ..crossbar import CellNoise, Crossbar, LowRank
from ..scores import AbstractReadout, for_width
from ..sdes import AbstractProcess
from ._base import AbstractAnalogScore, Node


class AnalogLayer(eqx.Module):
    """Crossbar and transimpedance amplifiers: row voltages in, column voltages out.

    Args:
        crossbar: The layer's cells.
        amplifier: Of its columns.
        correction: Cells that join their currents to the columns'; `None` for none.
    """

    crossbar: Crossbar
    amplifier: TransimpedanceAmplifier
    correction: LowRank | None = None

    def __call__(self, v: Voltages, noise: CellNoise = CellNoise()) -> ColumnVoltages:
        """Outputs before the rails, in volts."""
        i = self.crossbar(v, noise)
        return self.amplifier(i if self.correction is None else i + self.correction(v))

    def power(self, v: Voltages) -> Float[Array, "*samples"]:
        """Dissipated in the cells, in watts."""
        own = self.crossbar.power(v)
        return own if self.correction is None else own + self.correction.power(v)

    def supplied(self, v: Voltages) -> SupplyCurrents:
        """Currents of the row drivers, and of the amplifiers, in amperes."""
        own = self.crossbar.supplied(v)
        return own if self.correction is None else own + self.correction.supplied(v)

    @property
    def noise_gains(self) -> Float[Array, " _"]:
        """Of the amplifiers of the columns, then of those of the correction."""
        g = jnp.sum(self.crossbar.g_pos + self.crossbar.g_neg, axis=0)
        if self.correction is None:
            return 1 + self.amplifier.feedback_resistance * g
        own = 1 + self.amplifier.feedback_resistance * (g + self.correction.load)
        return jnp.concatenate([own, self.correction.noise_gains])

    @property
    def num_rows(self) -> int:
        """Driven rows, the constant one and those of the correction included."""
        own = self.crossbar.g_pos.shape[0]
        return own if self.correction is None else own + self.correction.rank


class AnalogNetwork(AbstractAnalogScore):
    r"""Layers of crossbar, amplifier and clamped ReLU.

    With $u_l$ volts per unit of activation at layer l, row voltages $u_l h_l$ give
    $u_{l+1} (W^T h_l + b)$ at the amplifiers, to which the DAC's $u_{l+1} e(t)$ is
    added; the ReLU clips at `v_clamp`, the largest voltage that is safe on a row. So
    does the driver of the first layer's rows. The last amplifiers clip at their rails.
    A `rectifier` of diodes may put out negative voltages: it is clipped on both sides.

    Args:
        layers: Crossbars with their amplifiers.
        frequencies: Of the time embedding.
        readout: What the output stands for.
        volts_per_unit: $u_l$ of the state, each hidden layer and the output, in volts;
            of a hidden layer one for all neurons, or each its own.
        v_clamp: In volts; infinite for no clamp.
        v_disturb: Above it a read disturbs a cell, in volts; only counted.
        rectifier: Of each hidden column.
    """

    layers: tuple[AnalogLayer, ...]
    frequencies: Float[Array, " freq"]
    readout: AbstractReadout
    volts_per_unit: tuple[Float[Array, "..."], ...]
    v_clamp: Scalar
    v_disturb: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    rectifier: AbstractRectifier = IdealRectifier()

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.layers[0].crossbar.g_pos.shape[0] - 1

    @property
    def volts(self) -> tuple[Float[Array, "..."], ...]:
        """Volts per unit of state, each hidden layer and output."""
        return self.volts_per_unit

    def embedding(self, t: Scalar) -> Float[Array, " embedding"]:
        """Sines and cosines, as the digital network's."""
        phase = 2 * jnp.pi * self.frequencies * t
        return jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])

    def factor(self, t: Scalar) -> Scalar:
        """That of the readout."""
        return self.readout.factor(t)

    def require(self, process: AbstractProcess) -> None:
        """Raise a `ValueError` if the readout is for another kind of process."""
        self.readout.require(process)

    def nodes(
        self,
        v: Voltages,
        embedding: Float[Array, " embedding"],
        noise: tuple[CellNoise, ...] = (),
    ) -> tuple[State, tuple[Node, ...]]:
        """The output in volts, and the nodes that a clamp or a rail limits."""
        hidden = zip(self.arrays[:-1], self.volts[1:-1], strict=True)
        waves = [for_width(embedding, cols) * volts for (_, cols), volts in hidden]
        return self.forward(v, (*waves, None), noise)

    def forward(
        self,
        v: Voltages,
        waves: tuple[Float[Array, " _"] | None, ...],
        noise: tuple[CellNoise, ...] = (),
    ) -> tuple[State, tuple[Node, ...]]:
        """`nodes`, with the voltages that are added to each layer's columns.

        Args:
            v: Of the rows of the first layer, in volts.
            waves: For each layer `(cols,)` in volts; `None` adds none.
            noise: Of the reads of each layer.
        """
        noise = noise or (CellNoise(),) * len(self.layers)
        nodes = [Node("input", v, self.v_clamp)]
        v = nodes[0].clipped
        last = len(self.layers) - 1
        for number, (layer, wave, fluctuation) in enumerate(
            zip(self.layers, waves, noise, strict=True)
        ):
            v = layer(v, fluctuation)
            v = v if wave is None else v + broadcast_columns(wave, v)
            if number < last:
                nodes.append(self.hidden_node(number + 1, v))
                v = nodes[-1].clipped
        rail = self.layers[-1].amplifier
        nodes.append(Node("output", v, rail.v_rail))
        return rail.clip(v), tuple(nodes)

    def hidden_node(self, number: int, v: Voltages) -> Node:
        """What rectifiers make of `v`, of the amplifiers of hidden layer `number`."""
        amplifier = self.layers[number - 1].amplifier
        # At the rail an output stops, it does not pass it. Downwards nothing is lost.
        at_rail = v > amplifier.v_rail * (1 - 1e-6)
        v = self.rectifier(amplifier.clip(v))
        return Node(f"hidden {number}", v, self.v_clamp, at_rail)

    def power(self, v: Voltages, nodes: tuple[Node, ...]) -> Float[Array, "*samples"]:
        """Dissipated in the cells of all layers, in watts."""
        rows = self._rows(v, nodes)
        parts = [layer.power(row) for layer, row in zip(self.layers, rows, strict=True)]
        return sum(parts[1:], parts[0])

    def supplied(self, v: Voltages, nodes: tuple[Node, ...]) -> SupplyCurrents:
        """Currents of all row drivers, and of all amplifiers, in amperes."""
        rows = self._rows(v, nodes)
        parts = [
            layer.supplied(row) for layer, row in zip(self.layers, rows, strict=True)
        ]
        return sum(parts[1:], parts[0])

    def stressed(
        self, v: Voltages, nodes: tuple[Node, ...]
    ) -> Float[Array, "*samples"]:
        """Share of cells whose row is above `v_disturb`, the constant row included.

        A row's voltage bounds that of its cells: wires and virtual grounds take some.
        """
        total, found = 0, jnp.zeros_like(v[0])
        for layer, row in zip(self.layers, self._rows(v, nodes), strict=True):
            rows, cols = layer.crossbar.g_pos.shape
            constant = jnp.abs(layer.crossbar.v_bias) > self.v_disturb
            high = jnp.sum(jnp.abs(row) > self.v_disturb, axis=0) + constant.astype(int)
            found = found + high.astype(found.dtype) * cols
            total = total + rows * cols
        return found / total

    def _rows(self, v: Voltages, nodes: tuple[Node, ...]) -> list[Array]:
        """Row voltages of each layer, in volts."""
        first = Node("input", v, self.v_clamp)
        return [node.clipped for node in (first, *nodes[1:-1])]

    @property
    def noise_gains(self) -> tuple[Float[Array, " _"], ...]:
        """Of each layer's amplifiers."""
        return tuple(layer.noise_gains for layer in self.layers)

    @property
    def num_rows(self) -> int:
        """Driven rows of all layers."""
        return sum(layer.num_rows for layer in self.layers)

    @property
    def num_channels(self) -> int:
        """One for each unit of the widest hidden layer."""
        return max((cols for _, cols in self.arrays[:-1]), default=0)

    @property
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """`(rows, cols)` of each layer, the constant row included."""
        shapes = (layer.crossbar.g_pos.shape for layer in self.layers)
        return tuple((rows, cols) for rows, cols in shapes)
