"""The steps of a loop whose array takes turns: state, holds, and what closes when."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer

from .._core._types import Scalar, State
from ..chip import SwitchedNetwork
from ._signals import Signals
from ._term import LoopTerm


class TurnSteps(eqx.Module):
    """Heun's steps of a loop around an array that is switched between labels.

    Args:
        term: The differential equation, with all its noise.
        normals: Of the noise of each half's hold; `None` for no noise.
    """

    term: LoopTerm
    normals: Float[Array, "halves dim samples"] | None

    @property
    def network(self) -> SwitchedNetwork:
        """The array, its holds, and the stage that guides."""
        network = self.term.waveforms.chip.score
        assert isinstance(network, SwitchedNetwork)  # by `require_structure`
        return network

    def filled(self, v: State, start: Scalar, end: Scalar, half: Scalar) -> State:
        """The holds as a solve begins, `(2, dim, samples)`, in volts.

        The class's opened half a period ago, and the null label's just now.
        """
        control = self.term.contr(start, end)
        outputs = [self.array(label, start, v, control) for label in (0, 1)]
        holds = self.network.holds
        own, null = (
            holds.opened(out, label, self._normal(label))
            for label, out in enumerate(outputs)
        )
        return jnp.stack([holds.drooped(own, half), null])

    def step(
        self,
        v: State,
        held: Float[Array, "2 dim samples"],
        start: Scalar,
        end: Scalar,
        half: Integer[Array, ""],
        closed: Bool[Array, ""],
        opens: Bool[Array, ""],
    ) -> tuple[State, Float[Array, "2 dim samples"]]:
        """State and holds after a step of half number `half`.

        Args:
            v: The state as the step begins, in volts.
            held: Both holds as it begins, in volts.
            start: When it begins, in seconds.
            end: When it ends, in seconds.
            half: Number of its half.
            closed: Whether the hold of the half's label is closed.
            opens: Whether that hold opens as the step ends.
        """
        holds, dt, label = self.network.holds, end - start, half % 2
        control = self.term.contr(start, end)
        own, kept = held[label], held[1 - label]
        fallen = holds.drooped(kept, dt)
        is_own = label == 0
        by_label = lambda own, other: (
            jnp.where(is_own, own, other),
            jnp.where(is_own, other, own),
        )

        def rate(tau: Scalar, v: State, follows: State, keeps: State) -> State:
            guided, _ = self.network.join(by_label(follows, keeps))
            return self.term.change(tau, v, control, guided)

        def follow(before: State, after: State) -> tuple[State, tuple[State, State]]:
            last, line = holds.follow(own, before, after, dt)
            alone = holds.drooped(own, dt)
            pick = lambda a, b: jnp.where(closed, a, b)
            return pick(last, alone), (pick(line[0], own), pick(line[1], alone))

        def array(tau: Scalar, v: State) -> State:
            """Its output, where a hold takes it."""
            see = lambda: self.array(label, tau, v, control)
            return jax.lax.cond(closed, see, lambda: own)

        before = array(start, v)
        _, (first, _) = follow(before, before)
        ahead = v + rate(start, v, first, kept)
        after = array(end, ahead)
        last, line = follow(before, after)
        change = rate(start, v, line[0], kept) + rate(end, ahead, line[1], fallen)
        stored = holds.opened(last, label, self._normal(2 + half))
        last = jnp.where(opens, stored, last)
        return v + change / 2, jnp.stack(by_label(last, fallen))

    def array(
        self, label: Integer[Array, ""] | int, tau: Scalar, v: State, control: Signals
    ) -> State:
        """The array's output in the turn of a label, in volts."""
        played = self.term.waveforms.play(tau, control)
        out = v if control.ground is None else v + control.ground
        return self.network.turn(label, out, played.embedding, played.noise)

    def _normal(self, number: Integer[Array, ""] | int) -> State | None:
        return None if self.normals is None else self.normals[number]
