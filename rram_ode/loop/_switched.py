"""The closed loop of a chip whose one array is switched between two labels."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Integer

from .._core._arrays import as_float
from .._core._types import Key, State
from ..chip import Chip
from ._around import AbstractLoopAround
from ._base import Trajectory
from ._closed_loop import ClosedLoop
from ._grid import refine_grid, with_edges
from ._heun import LoopHeun
from ._observation import observe
from ._turn_times import Turns, turns_on
from ._turns import TurnSteps


class SwitchedLoop(AbstractLoopAround):
    r"""A `ClosedLoop` around an array that plays a class and the null label in turn.

    With the period P the array is the class's over the first half of each period, and
    the null label's over the second. First the array settles, while both holds are open
    (`SampleHold`); then the label's hold is closed up to the end of its half. The stage
    guides with what both holds have, all the time. Without errors a value is up to P
    old, so that the ends differ from those of two arrays by the first order of P.

    Before a solve, while the starts are held, one more period fills both holds. The
    nodes that are looked at are those of infinitely fast turns. Op-amps are infinitely
    fast: the array has settled before a hold is closed. Heun's method steps on the
    grid, on which all edges of switches lie. Make one by `switch_loop`.

    Args:
        loop: Process, schedule, signals and grid.
        turns: When the array is switched, and its holds are closed.
    """

    loop: ClosedLoop
    turns: Turns

    def check(self, chip: Chip) -> float:
        """As `AbstractLoop.check`; and a reset that fills no holds is refused."""
        self.turns.require_reset(self.clock)
        return self.loop.check(chip)

    def silenced(self) -> "SwitchedLoop":
        """As `AbstractLoop.silenced`; the holds' noise is off, too."""
        return dataclasses.replace(self, loop=self.loop.silenced())

    def solve(
        self,
        chip: Chip,
        x1: State,
        *,
        key: Key | None = None,
        first: int | Integer[Array, ""] = 0,
        num_observed: int = 0,
    ) -> Trajectory:
        """As `AbstractLoop.solve`: on the grid, all samples are one state."""
        loop, times = self.loop, self.times
        if self.plan.injected is not None and key is None:
            raise ValueError("the reverse SDE needs a `key` for its injected noise.")
        term = loop.term(chip, x1, key=key, first=first)
        at = np.linspace(0, times.size - 2, num_observed).round().astype(int)
        v1 = loop.start_volts(chip, x1)
        before, after = (term.contr(*some).ground for some in (times[:2], times[-2:]))
        v1 = v1 if before is None else v1 - before
        turns, normals = self.turns, None
        if not self.plan.is_silent:
            normals = turns.normals(chip, first, x1.shape[1])
        march = TurnSteps(term, normals)
        held = march.filled(v1, times[0], times[1], turns.half(self.clock))

        # Held values are few; without its own, a step is computed again in a gradient.
        @jax.checkpoint
        def step(carry, inputs):
            v, held = carry
            after = march.step(v, held, *inputs)
            return after, v if at.size else None

        inputs = times[:-1], times[1:], turns.halves, turns.closed, turns.opens
        (v0, _), vs = jax.lax.scan(step, (v1, held), inputs)
        is_solved = jnp.all(jnp.isfinite(v0), axis=0)
        v0 = v0 if after is None else v0 + after
        v0 = loop.jittered(term, v0, first)
        seen = None
        if at.size:
            seen = observe(term, times[at], times[at + 1], vs[at])
            seen = loop.say_limited(term, seen)
        num_steps = jnp.asarray(times.size - 1)
        return loop.hand_over(chip, x1, v0, num_steps, is_solved, seen, first)


def switch_loop(
    loop: ClosedLoop, rate: float, acquisition: float = 0.5
) -> SwitchedLoop:
    """`loop` around an array that is switched at `rate`, in hertz.

    Args:
        loop: A loop that Heun's method solves on a grid.
        rate: Periods a second, each of both labels; a solve has a whole number.
        acquisition: Share of a half, at its end, in which its hold is closed; in the
            rest the array settles.

    Raises:
        ValueError: If the solve has a fraction of a period, or another method.
    """
    duration = float(loop.clock.duration)
    periods = round(rate * duration)
    if periods < 1 or abs(rate * duration / periods - 1) > 1e-6:
        nearest = max(periods, 1) / duration
        raise ValueError(
            "`guidance.switch_rate` times `solve.duration` must be a whole number of "
            f"periods, 1 or more; got {rate:g} Hz times {duration:g} s = "
            f"{rate * duration:.6g}: take {nearest:.7g} Hz."
        )
    if loop.tolerance is not None or not isinstance(loop.solver, LoopHeun):
        raise ValueError(
            "`solve.solver` must be heun where `guidance.circuit` is switched: holds "
            "that open end its steps."
        )
    if not 0 < acquisition <= 1:
        raise ValueError(
            "`guidance.acquisition` must be above 0 and 1 or less, a share of a half; "
            f"got {acquisition:g}."
        )
    grid = refine_grid(np.asarray(loop.grid, float), 1 / (2 * periods))
    closings = (np.arange(2 * periods) + 1 - acquisition) / (2 * periods)
    grid = with_edges(grid, closings) if acquisition < 1 else grid
    plan = dataclasses.replace(loop.plan, periods=periods)
    loop = dataclasses.replace(loop, grid=as_float(grid), plan=plan)
    # Variables of `AbstractLoop` are properties here, which pyright takes for fields.
    return SwitchedLoop(  # pyright: ignore[reportCallIssue]
        loop=loop, turns=turns_on(grid, periods, acquisition)
    )
