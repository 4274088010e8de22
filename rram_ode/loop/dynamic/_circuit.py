"""A chip whose op-amps take time: its nodes and how they drive each other."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..._core._arrays import broadcast_columns
from ..._core._types import ColumnValues, ColumnVoltages, Currents, State, Voltages
from ...blocks import (
    AbstractStage,
    LinePoles,
    MultiplierPole,
    OpAmpNoise,
    Stage,
    StageNoise,
    StageState,
)
from ...chip import (
    AbstractCrossbarNetwork,
    Chip,
    GuidedNetwork,
    Node,
    Place,
    SwitchedNetwork,
)
from ...crossbar import CellNoise
from ._ground import grounded, ROUNDS, with_noise
from ._state import CircuitState, Holds


class Circuit(eqx.Module):
    r"""The nodes of a programmed chip and how they drive each other.

    Positive cells hang on inverted rows, so that inverting amplifiers give the
    network's sign; the embedding enters a summing node through a resistor equal to
    $R_f$, which adds 1 to the noise gain. With wires, the array is its port matrix:
    effective conductances from the rows, and a summing node that moves sends currents
    to others. The multipliers put out
    $-(k_x v_x + k_s v_s)$, through a `pole` or at once. Rectifiers, inverters, row
    drivers and the DAC have no memory; their errors are those of the chip's layers. A
    chip with two arrays has the layers of both, and the multiplier of its guidance
    stage has the pole of the others. An array that is `switched` between two labels is
    all of the circuit's chip; the stage that guides has what its holds have.

    Args:
        chip: Conductances, feedback resistors, integrators.
        layers: The transimpedance amplifiers of each layer of each array.
        integrator: The integrators.
        pole: Pole of the multipliers; `None` where they are infinitely fast.
        lines: Poles of the word lines of each layer; `None` where they are fast.
        switched: Holds of an array that is switched, and the stage that guides with
            them; `None` where no array is.
    """

    chip: Chip
    layers: tuple[AbstractStage, ...]
    integrator: Stage
    pole: MultiplierPole | None = None
    lines: tuple[LinePoles, ...] | None = None
    switched: SwitchedNetwork | None = None

    @property
    def network(self) -> AbstractCrossbarNetwork:
        """The network on crossbars."""
        network = self.chip.crossbars
        assert network is not None  # by `wire_up`
        return network

    @property
    def places(self) -> tuple[Place, ...]:
        """Where each layer stands."""
        return self.network.places

    def rows(self, number: int, v: Voltages) -> Voltages:
        """Voltages at the row drivers of layer `number`, for `v` one stage before."""
        place = self.places[number]
        chain = self.network.chains[place.chain]
        if place.is_first:
            return Node("input", v, chain.v_clamp).clipped
        return chain.hidden_node(place.number, v).clipped

    @property
    def guiding(self) -> GuidedNetwork | SwitchedNetwork | None:
        """The network whose stage guides; `None` for an array alone."""
        network = self.network
        return network if isinstance(network, GuidedNetwork) else self.switched

    def guide(self, ends: Sequence[State]) -> State | None:
        """What the multipliers that guide get to put out, where they take time."""
        network = self.guiding
        if self.pole is None or network is None:
            return None
        return network.product(tuple(ends))

    def join(
        self, ends: Sequence[State], guided: State | None
    ) -> tuple[State, tuple[Node, ...]]:
        """The score in volts, and its node if a stage guides.

        Args:
            ends: Outputs of all arrays, or what the holds of a switched one have.
            guided: What the multipliers that guide put out; `None` where there are
                none, or none that take time.
        """
        network = self.guiding
        if network is None or guided is None:
            return (network or self.network).join(tuple(ends))
        return network.joined(tuple(ends), guided)

    def ends(self, layers: tuple[StageState, ...]) -> list[State]:
        """Outputs of all arrays, in volts."""
        pairs = zip(self.places, self.layers, layers, strict=True)
        return [stage.output(u) for place, stage, u in pairs if place.is_last]

    def scores(self, u: CircuitState) -> list[State]:
        """What `join` takes of a state: outputs of all arrays, or holds, in volts."""
        return self.ends(u.layers) if u.held is None else [u.held[0], u.held[1]]

    def currents(
        self,
        number: int,
        rows: Voltages,
        embedding: Float[Array, "embedding ..."],
        noise: CellNoise = CellNoise(),
        v_m: ColumnVoltages | None = None,
    ) -> Currents:
        """Into the summing nodes of layer `number`, for `rows` volts on its lines.

        Summing nodes are at 0 V, where linear cells do not notice, or at `v_m`, of
        which the stage knows what linear ones would draw.
        """
        i = -self.network.all_layers[number].currents(rows, noise, v_m)
        wave = self.network.waves(embedding)[number]
        if wave is not None:
            driven = broadcast_columns(self.layers[number].g_f, wave) * wave
            i = i - broadcast_columns(driven, i, driven.ndim)
        if noise.wave is not None:
            i = i - broadcast_columns(self.layers[number].g_f, i) * noise.wave
        return i

    def integrator_currents(
        self, v_in: State, injected: State | None = None
    ) -> Currents:
        """Into the integrators' summing nodes, for what multipliers put out, in volts.

        `injected` is in volts, past the multipliers' pole.
        """
        if injected is not None:
            v_in = v_in + injected
        return -v_in / self.chip.integrator.resistance

    def at_rest(
        self,
        v: State,
        waves: Float[Array, "waves ..."],
        noise: tuple[CellNoise, ...] = (),
        stages: tuple[StageNoise, ...] | None = None,
        held: Holds | None = None,
    ) -> CircuitState:
        """All settled while the integrators are held at `v` volts and the DAC still.

        `stages` are what `hold` gives; `held` is what the holds of a switched array
        have, in volts, which `waves` reach in the turn of one label.
        """
        noise = noise or (CellNoise(),) * len(self.layers)
        layers: list[StageState] = []
        lines: list[Voltages] = []
        last = v
        for number, stage in enumerate(self.layers):
            rows = self.rows(number, v if self.places[number].is_first else last)
            into = lambda v_m=None, number=number, rows=rows: self.currents(
                number, rows, waves[:-2], noise[number], v_m
            )
            own = None if stages is None else stages[number]
            i = into()
            layers.append(stage.settled(i, own))
            for _ in range(self.rounds(number)):
                i = into(stage.ground(layers[-1], with_noise(i, own)))
                layers[-1] = stage.settled(i, own)
            lines.append(rows)
            last = stage.output(layers[-1])
        products, guided = None, None
        if self.pole is not None:
            ends = self.ends(tuple(layers)) if held is None else [held[0], held[1]]
            guided = self.guide(ends)
            score, _ = self.join(ends, guided)
            products = self.chip.multiply(waves[-2:], v, score)
        own = None if stages is None else stages[-1]
        charged = self.integrator.charged(v, own)
        rows = None if self.lines is None else tuple(lines)
        return CircuitState(tuple(layers), charged, products, rows, guided, held)

    def rate(
        self,
        u: CircuitState,
        waves: Float[Array, "waves ..."],
        noise: tuple[CellNoise, ...] = (),
        injected: State | None = None,
        stages: tuple[StageNoise, ...] | None = None,
        factors: Float[Array, "2 ..."] | None = None,
        guidance: State | None = None,
    ) -> CircuitState:
        """Slopes of all states, in volts a second; `stages` as `fluctuate` has it.

        `factors` are those of the multipliers, where they are not the waves' own;
        `guidance` is noise of the stage that guides, in volts.
        """
        noise = noise or (CellNoise(),) * len(self.layers)
        factors = waves[-2:] if factors is None else factors
        v = last = self.integrator.output(u.integrator)
        rates: list[StageState] = []
        slopes: list[Voltages] = []
        for number, (stage, state) in enumerate(
            zip(self.layers, u.layers, strict=True)
        ):
            rows = self.rows(number, v if self.places[number].is_first else last)
            if self.lines is not None:
                assert u.lines is not None  # by `at_rest`
                slopes.append(self.lines[number].rate(rows, u.lines[number]))
                rows = u.lines[number]
            own = None if stages is None else stages[number]
            into = lambda v_m=None, number=number, rows=rows: self.currents(
                number, rows, waves[:-2], noise[number], v_m
            )
            i = into()
            if self.rounds(number):
                i = into(grounded(stage, state, into, own))
            rates.append(stage.rate(i, state, own))
            last = stage.output(state)
        own = None if stages is None else stages[-1]
        ends, guided = self.ends(u.layers), None
        score, _ = self.join(ends, u.guidance)
        if u.guidance is not None:
            assert self.pole is not None  # of the multipliers that guide, too
            guide = self.guide(ends)
            assert guide is not None
            guided = self.pole.rate(guide, u.guidance)
        score = score if guidance is None else score + guidance
        v_in, multipliers = self.chip.multiply(factors, v, score), None
        if self.pole is not None:
            assert u.multipliers is not None  # by `at_rest`
            multipliers = self.pole.rate(v_in, u.multipliers)
            v_in = u.multipliers
        i = self.integrator_currents(v_in, injected)
        integrator = self.integrator.rate(i, u.integrator, own)
        held = None if self.lines is None else tuple(slopes)
        return CircuitState(tuple(rates), integrator, multipliers, held, guided)

    def rounds(self, number: int) -> int:
        """How often the currents of layer `number` are taken again.

        Each time the summing nodes are where the last currents put them. What is left
        falls each time by the change of a column's conductance over its whole.
        """
        return 0 if self.network.all_layers[number].crossbar.is_linear else ROUNDS

    @property
    def resistors(self) -> tuple[Float[Array, " cols"], ...]:
        """At each stage's summing nodes, cells aside, in siemens; integrators last."""
        layers = (
            stage.g_f if place.is_last else 2 * stage.g_f  # and the embedding's
            for place, stage in zip(self.places, self.layers, strict=True)
        )
        return (*layers, self.integrator.g_in + self.integrator.g_f)

    @property
    def channels(self) -> int:
        """Of noise: a voltage and a current for each op-amp."""
        return 2 * sum(g.shape[0] for g in self.resistors)

    def fluctuate(
        self, law: OpAmpNoise, unit: ColumnValues, held: Voltages | None = None
    ) -> tuple[StageNoise, ...]:
        """Noise of each layer and of the integrators for standard normals `unit`.

        `held` are volts at the + inputs of all op-amps that last for a solve.
        """
        found, begin = [], 0
        for g in self.resistors:
            middle, end = begin + g.shape[0], begin + 2 * g.shape[0]
            volts, amperes = law.volts() * unit[begin:middle], unit[middle:end]
            if held is not None:
                volts = volts + held[begin // 2 : end // 2]
            found.append(
                StageNoise(volts, broadcast_columns(law.amperes(g), amperes) * amperes)
            )
            begin = end
        return tuple(found)

    def hold(self, held: Voltages) -> tuple[StageNoise, ...]:
        """Noise of each stage that lasts: volts at + inputs, `(op-amps, *samples)`."""
        ends = np.cumsum([g.shape[0] for g in self.resistors])[:-1]
        return tuple(
            StageNoise(volts, jnp.zeros_like(volts)) for volts in jnp.split(held, ends)
        )
