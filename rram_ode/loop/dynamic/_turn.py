"""The holds of a switched array over a step of op-amps that take time."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer

from ..._core._types import Scalar, State
from ...blocks import StageNoise
from ...chip import SwitchedNetwork
from ...crossbar import CellNoise
from .._turn_times import Turns
from .._waveforms import Played
from ._circuit import Circuit
from ._state import CircuitState, Holds


class Turn(eqx.Module):
    """One step of an array in the turn of one label, with the holds of both.

    The array gets the label's embedding, and moves from where the other label left it,
    as fast as its op-amps are. A hold opens as the other label's half begins, just
    before the array is switched, and its switch leaves its charge and its noise then: a
    state at an edge is that before the edge.

    Args:
        network: The array, its holds, and the stage that guides.
        half: Number of the step's half.
        closed: Whether the hold of the half's label is closed.
        begins: Whether the half begins with the step.
        normal: Of the noise of the hold that opens then; `None` for no noise.
    """

    network: SwitchedNetwork
    half: Integer[Array, ""]
    closed: Bool[Array, ""]
    begins: Bool[Array, ""]
    normal: State | None

    def to_array(self, played: Played) -> Played:
        """What the array gets of `played`."""
        label, noise = self.half % 2, played.noise
        embedding, noise = self.network.played_to(label, played.embedding, noise)
        waves = jnp.concatenate([embedding, played.waves[-2:]])
        return dataclasses.replace(played, waves=waves, noise=noise)

    def begun(self, held: Holds) -> Holds:
        """The holds after the edge with which the step may begin, in volts."""
        label = (self.half + 1) % 2
        opened = self.network.holds.opened(held[label], label, self.normal)
        return held.at[label].set(jnp.where(self.begins, opened, held[label]))

    def over(
        self, held: Holds, mean: State, end: State, dt: Scalar
    ) -> tuple[list[State], list[State]]:
        """Mean and end of the holds of both labels over the step, in volts.

        Args:
            held: As it begins, behind its edge, in volts.
            mean: Mean of the array's output, a straight line, in volts.
            end: The array's output as the step ends, in volts.
            dt: The step, in seconds.
        """
        holds, label = self.network.holds, self.half % 2
        middles, ends = holds.drooped(held, dt / 2), holds.drooped(held, dt)
        after, line = holds.follow(held[label], 2 * mean - end, end, dt)
        pick = lambda a, b: b.at[label].set(jnp.where(self.closed, a, b[label]))
        middles, ends = pick((line[0] + line[1]) / 2, middles), pick(after, ends)
        return [middles[0], middles[1]], [ends[0], ends[1]]


class HoldPaths(eqx.Module):
    """The turns of a solve, with the noise that the holds sample.

    Args:
        network: The array, its holds, and the stage that guides.
        turns: When the array is switched.
        normals: Of the noise of each half's hold; `None` for no noise.
    """

    network: SwitchedNetwork
    turns: Turns
    normals: Float[Array, "halves dim samples"] | None

    def at_rest(
        self,
        circuit: Circuit,
        v: State,
        waves: Float[Array, "waves ..."],
        noise: tuple[CellNoise, ...],
        stages: tuple[StageNoise, ...] | None,
        half: Scalar,
    ) -> CircuitState:
        """The circuit as a solve begins, settled in the turn of the null label.

        The class's hold opened half a period ago; the other one is about to.

        Args:
            circuit: The circuit of the array.
            v: Volts at which the integrators are held.
            waves: What is played for both labels.
            noise: Noise of each layer.
            stages: As `Circuit.at_rest` has them.
            half: Half a period, in seconds.
        """
        normal = None if self.normals is None else self.normals[0]
        held, holds = jnp.zeros((2, *v.shape), v.dtype), self.network.holds
        embeddings = jnp.split(waves[:-2], 2)

        def turn(label: int, held: Holds) -> CircuitState:
            own = jnp.concatenate([embeddings[label], waves[-2:]])
            return circuit.at_rest(v, own, noise, stages, held)

        own, null = (circuit.ends(turn(n, held).layers)[0] for n in (0, 1))
        own = holds.drooped(holds.opened(own, 0, normal), half)
        return turn(1, jnp.stack([own, null]))

    def turn(self, number: Integer[Array, ""]) -> Turn:
        """That of step `number`."""
        turns = self.turns
        half = turns.halves[number]
        normal = None if self.normals is None else self.normals[half + 1]
        return Turn(
            self.network, half, turns.closed[number], turns.begins[number], normal
        )
