"""The closed loop with op-amps that take time."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.tree_util as jtu
import numpy as np
from jaxtyping import Array, Float, Integer

from ..._core._arrays import as_float
from ..._core._types import Key, State
from ...blocks import (
    AutoZero,
    MultiplierPole,
    OpAmp,
    OpAmpDesign,
    OpAmpNoise,
)
from ...chip import Chip, SwitchedNetwork
from .._around import AbstractLoopAround
from .._base import Trajectory
from .._closed_loop import ClosedLoop
from .._fixed_duration import of_fixed_duration
from .._grid import refine_grid
from .._one_piece import require_one_class
from .._switched import SwitchedLoop
from .._turn_times import Turns, turns_on
from ._circuit import Circuit
from ._exact import CircuitTerm, solve_exactly
from ._ground import with_ground
from ._march import march
from ._op_amp_paths import op_amp_noise, op_amp_paths
from ._seen import observe_circuit
from ._state import CircuitState
from ._steps import require_noise_resolved, require_resolved
from ._turn import HoldPaths
from ._wire_up import Parasitics, require_drive, wire_up


class DynamicLoop(AbstractLoopAround):
    """A `ClosedLoop` in which every op-amp's output is a state.

    With the loop's `tolerance` unset, a batch marches on its grid; with one, each
    sample is solved by Kvaerno5. Make one by `make_dynamic`.

    Args:
        loop: Process, schedule, signals and grid.
        op_amp: The op-amp of transimpedance amplifiers and integrators.
        parasitics: Capacitors of the transimpedance amplifiers.
        lengths: Lengths of steps that occur, over the duration.
        which: The length of each step.
        noise: Noise of op-amps and resistors; `None` for none.
        auto_zero: Auto-zeroing of all op-amps; `None` for none.
        pole: Pole of the multipliers; `None` where they are infinitely fast.
        design: What loads take from the op-amps' gain; `None` for nothing.
        turns: When an array is switched between two labels; `None` where none is.
    """

    loop: ClosedLoop
    op_amp: OpAmp
    parasitics: Parasitics
    lengths: Float[Array, " lengths"]
    which: Integer[Array, " steps"]
    noise: OpAmpNoise | None = None
    auto_zero: AutoZero | None = None
    pole: MultiplierPole | None = None
    design: OpAmpDesign | None = None
    turns: Turns | None = None

    def check(self, chip: Chip) -> float:
        """As `AbstractLoop.check`; and steps too coarse for the op-amps are refused.

        So are rows that draw more than the op-amps' largest current.
        """
        peak = self.loop.check(chip)
        if self.turns is not None:
            self.turns.require_reset(self.clock)
        require_drive(chip, float(self.op_amp.i_out))
        circuit = _circuit_of(self, chip)
        if self.noise is not None:
            hold, setting = float(self.noise.interval), "`op_amp.noise_bandwidth`"
            require_noise_resolved(circuit, hold, self.clock, "op-amps", setting)
        if self.loop.amplifiers is not None:
            hold = float(self.loop.read_holds["white"] * self.clock.duration)
            require_noise_resolved(circuit, hold, self.clock, "cells")
        if self.tolerance is None:
            coarsest = float(jnp.max(self.lengths)) * float(self.clock.duration)
            require_resolved(circuit, coarsest, self.clock)
        return peak

    def silenced(self) -> "DynamicLoop":
        """As `AbstractLoop.silenced`; auto-zeroing samples no noise."""
        zero = self.auto_zero
        if zero is not None:
            zero = dataclasses.replace(zero, is_noisy=False)
        return dataclasses.replace(
            self, loop=self.loop.silenced(), noise=None, auto_zero=zero
        )

    def circuit(self, chip: Chip) -> Circuit:
        """The nodes of `chip`."""
        return wire_up(
            chip,
            self.op_amp,
            self.parasitics,
            self.auto_zero,
            self.pole,
            self.design,
        )

    def solve(
        self,
        chip: Chip,
        x1: State,
        *,
        key: Key | None = None,
        first: int | Integer[Array, ""] = 0,
        num_observed: int = 0,
    ) -> Trajectory:
        """As `AbstractLoop.solve`; layers start settled at the pre-charged states."""
        times = self.times
        at = np.linspace(0, times.size - 2, num_observed).round().astype(int)
        if self.turns is not None:
            at = self.turns.seen(num_observed)
        end, kept, num_steps, is_solved = self._run(chip, x1, at, key=key, first=first)
        circuit = self.circuit(chip)
        term = self.loop.term(chip, x1, key=key, first=first)
        v0 = circuit.integrator.output(end.integrator)
        v0 = self.loop.jittered(term, v0, first)
        seen = None
        if num_observed:
            seen = observe_circuit(circuit, times[at], kept)
            seen = self.loop.say_limited(term, seen)
        ends = v0, num_steps, is_solved, seen
        return self.loop.hand_over(chip, x1, *ends, first)

    def trace(
        self,
        chip: Chip,
        x1: State,
        *,
        key: Key | None = None,
        first: int | Integer[Array, ""] = 0,
    ) -> CircuitState:
        """Every op-amp at every step boundary: a leading axis over `times`."""
        at = np.arange(self.times.size)
        return self._run(chip, x1, at, key=key, first=first)[1]

    def start(
        self,
        chip: Chip,
        x1: State,
        *,
        key: Key | None = None,
        first: int | Integer[Array, ""] = 0,
    ) -> CircuitState:
        """All settled at the pre-charged states, with the holds of a switched array."""
        loop = self._of_fixed_duration()
        term, circuit = loop.term(chip, x1, key=key, first=first), self.circuit(chip)
        paths = op_amp_paths(self.noise, circuit, first, x1.shape[1], self.auto_zero)
        control = term.contr(self.times[0], self.times[1])
        waves = term.waveforms.at(self.times[0], control.waves)
        v1 = loop.start_volts(chip, x1)
        if paths is not None:
            v1 = v1 + paths.start(circuit)
        rest = None if paths is None else paths.at_rest(circuit)
        rest = with_ground(rest, control.noise, control.ground)
        at_rest = v1, waves, control.noise, rest
        holds = self.hold_paths(chip, first, x1.shape[1])
        if holds is None:
            return circuit.at_rest(*at_rest)
        return holds.at_rest(circuit, *at_rest, holds.turns.half(loop.clock))

    def hold_paths(
        self, chip: Chip, first: int | Integer[Array, ""], num_samples: int
    ) -> HoldPaths | None:
        """The turns of the array of `chip`; `None` where it is not switched."""
        network, turns = chip.score, self.turns
        if turns is None:
            return None
        assert isinstance(network, SwitchedNetwork)  # by `require_structure`
        if self.plan.is_silent:
            return HoldPaths(network, turns, None)
        return HoldPaths(network, turns, turns.normals(chip, first, num_samples))

    def _of_fixed_duration(self) -> ClosedLoop:
        edges = () if self.noise is None else ("noise of op-amps",)
        return of_fixed_duration(self.loop, edges)

    def _run(self, chip, x1, at, *, key, first):
        u = self.start(chip, x1, key=key, first=first)
        term = self._of_fixed_duration().term(chip, x1, key=key, first=first)
        circuit, times = self.circuit(chip), self.times
        paths = op_amp_paths(self.noise, circuit, first, x1.shape[1], self.auto_zero)
        if self.tolerance is not None:
            require_one_class(chip)
            exact = CircuitTerm(circuit, term, paths)
            return solve_exactly(exact, u, times, at, self.tolerance)
        slots = jnp.full(times.size, at.size).at[at].set(jnp.arange(at.size))
        end, kept = march(
            circuit,
            term.waveforms,
            term.contr,
            u,
            times,
            self.lengths * self.clock.duration,
            self.which,
            slots,
            at.size,
            lambda tau0, tau1: op_amp_noise(paths, circuit, tau0, tau1),
            self.hold_paths(chip, first, x1.shape[1]),
        )
        # Times that are asked for twice share a slot.
        kept = jtu.tree_map(lambda x: x[slots[at]], kept)
        v0 = circuit.integrator.output(end.integrator)
        is_solved = jnp.all(jnp.isfinite(v0), axis=0)
        return end, kept, jnp.asarray(times.size - 1), is_solved


def make_dynamic(
    loop: ClosedLoop | SwitchedLoop,
    op_amp: OpAmp,
    parasitics: Parasitics = Parasitics(),
    noise: OpAmpNoise | None = None,
    auto_zero: AutoZero | None = None,
    pole: MultiplierPole | None = None,
    design: OpAmpDesign | None = None,
) -> DynamicLoop:
    """`loop` with op-amps that take time; every edge of their `noise` bounds a step.

    The array of a loop that is switched settles as fast as its op-amps are.

    Raises:
        ValueError: If the op-amp is infinitely fast.
    """
    if op_amp.is_fast():
        raise ValueError(
            "`op_amp.kind` ideal has no pole to simulate: take `fidelity` "
            "quasi-static, or `op_amp.kind` on-chip or board."
        )
    turns = None
    if isinstance(loop, SwitchedLoop):
        loop, turns = loop.loop, loop.turns
    if noise is not None:
        hold = float(noise.interval) / float(loop.clock.duration)
        grid = as_float(refine_grid(np.asarray(loop.grid, float), hold))
        loop = eqx.tree_at(lambda loop: loop.grid, loop, grid)
    steps = np.diff(np.asarray(loop.grid, float))
    if turns is not None:
        grid = np.asarray(loop.grid, float)
        turns = turns_on(grid, turns.periods, turns.acquisition)
    rounded = np.round(steps * 1e5 * steps.size)
    _, firsts, which = np.unique(rounded, return_index=True, return_inverse=True)
    # Variables of `AbstractLoop` are properties here, which pyright takes for fields.
    return DynamicLoop(  # pyright: ignore[reportCallIssue]
        loop=loop,
        op_amp=op_amp,
        parasitics=parasitics,
        lengths=as_float(steps[firsts]),
        which=jnp.asarray(which),
        noise=noise,
        auto_zero=auto_zero,
        pole=pole,
        design=jtu.tree_map(as_float, design),
        turns=turns,
    )


@eqx.filter_jit
def _circuit_of(loop: DynamicLoop, chip: Chip) -> Circuit:
    return loop.circuit(chip)
