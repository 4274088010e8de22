"""The closed loop of a chip whose one array is switched between two labels."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Bool, Float, Integer

from .._core._arrays import as_float
from .._core._identity import Identity
from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Key, Scalar, State
from ..blocks import DAC, Schedule
from ..chip import Chip, SwitchedNetwork
from ..noise import LabClock
from ._base import AbstractLoop, Trajectory
from ._closed_loop import ClosedLoop
from ._converters import Converters
from ._grid import refine_grid
from ._heun import LoopHeun
from ._observation import observe
from ._signals import PathSizes, Signals
from ._term import LoopTerm


class SwitchedLoop(AbstractLoop):
    r"""A `ClosedLoop` around an array that plays a class and the null label in turn.

    With the period P the array is the class's over the first half of each period, and
    the null label's over the second. The label's hold is closed in its half and open in
    the other (`SampleHold`), and the stage guides with what both holds have, all the
    time. Without errors a value is up to P / 2 old, so that the ends differ from those
    of two arrays by the first order of P.

    Before a solve, while the starts are held, one more period fills both holds. The
    nodes that are looked at are those of infinitely fast turns. Op-amps are infinitely
    fast: an array has settled at once as its label changes. Heun's method steps on the
    grid, on which the edges of all halves lie. Make one by `switch_loop`.

    Args:
        loop: Process, schedule, signals and grid.
        halves: Number of the half in which each step lies.
        opens: Whether the closed holds open as the step ends.
    """

    loop: ClosedLoop
    halves: Integer[Array, " steps"]
    opens: Bool[Array, " steps"]

    @property
    def schedule(self) -> Schedule:
        """Circuit time to diffusion time."""
        return self.loop.schedule

    @property
    def clock(self) -> LabClock:
        """Duration and reset."""
        return self.loop.clock

    @property
    def dac(self) -> DAC:
        """Plays both embeddings and multiplier factors."""
        return self.loop.dac

    @property
    def converters(self) -> Converters:
        """The DAC of the starts and the ADC of the ends."""
        return self.loop.converters

    @property
    def plan(self) -> PathSizes:
        """Sizes of all paths."""
        return self.loop.plan

    @property
    def identity(self) -> Identity | None:
        """Of the system that the loop belongs to."""
        return self.loop.identity

    @property
    def grid(self) -> Float[Array, " times"]:
        """Step boundaries over the duration."""
        return self.loop.grid

    @property
    def tolerance(self) -> Scalar | None:
        """`None`: steps are those of the grid."""
        return self.loop.tolerance

    @property
    def num_periods(self) -> int:
        """Periods of a solve."""
        assert self.plan.periods is not None  # by `switch_loop`
        return self.plan.periods

    @property
    def half(self) -> Scalar:
        """Half of a period, in seconds."""
        return self.clock.duration / (2 * self.num_periods)

    def check(self, chip: Chip) -> float:
        """As `AbstractLoop.check`; and a reset that fills no holds is refused."""
        reset, period = float(self.clock.reset), 2 * float(self.half)
        if reset < period * (1 - 1e-5):
            raise ValueError(
                f"`solve.reset` must be one period of `guidance.switch_rate`, "
                f"{period:.4g} s, or more, to fill the holds of both labels; got "
                f"{reset:g} s: take a longer reset or a higher rate."
            )
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
        march = _March(term, self._normals(chip, first, x1.shape[1]))
        held = march.filled(v1, times[0], times[1], self.half)

        # Held values are few; without its own, a step is computed again in a gradient.
        @jax.checkpoint
        def step(carry, inputs):
            v, held = carry
            after = march.step(v, held, *inputs)
            return after, v if at.size else None

        inputs = times[:-1], times[1:], self.halves, self.opens
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

    def _normals(
        self, chip: Chip, first: int | Integer[Array, ""], num_samples: int
    ) -> Float[Array, "halves dim samples"] | None:
        """Of the noise that the holds sample: two in the reset, one a half after it."""
        network = chip.score
        assert isinstance(network, SwitchedNetwork)  # by `LoopTerm`'s loop
        if network.holds.temperature is None or self.plan.is_silent:
            return None
        numbers = jnp.arange(num_samples, dtype=jnp.uint32)
        indices = jnp.asarray(first, jnp.uint32) + numbers
        key = jr.fold_in(chip.key, LabStream.GUIDANCE_HOLDS)
        shape = (2 + 2 * self.num_periods, chip.score.dim)
        return standard_normal(key, indices, shape)


class _March(eqx.Module):
    """The steps of a switched loop.

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
        opens: Bool[Array, ""],
    ) -> tuple[State, Float[Array, "2 dim samples"]]:
        """State and holds after a step of half number `half`."""
        holds, dt, label = self.network.holds, end - start, half % 2
        control = self.term.contr(start, end)
        closed, kept = held[label], held[1 - label]
        fallen = holds.drooped(kept, dt)
        is_own = label == 0
        by_label = lambda own, other: (
            jnp.where(is_own, own, other),
            jnp.where(is_own, other, own),
        )

        def rate(tau: Scalar, v: State, follows: State, keeps: State) -> State:
            guided, _ = self.network.join(by_label(follows, keeps))
            return self.term.change(tau, v, control, guided)

        before = self.array(label, start, v, control)
        _, (first, _) = holds.follow(closed, before, before, dt)
        ahead = v + rate(start, v, first, kept)
        after = self.array(label, end, ahead, control)
        last, line = holds.follow(closed, before, after, dt)
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


def switch_loop(loop: ClosedLoop, rate: float) -> SwitchedLoop:
    """`loop` around an array that is switched at `rate`, in hertz.

    Args:
        loop: A loop that Heun's method solves on a grid.
        rate: Periods a second, each of both labels; a solve has a whole number.

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
    grid = refine_grid(np.asarray(loop.grid, float), 1 / (2 * periods))
    halves = np.floor((grid[:-1] + grid[1:]) * periods).astype(int)
    plan = dataclasses.replace(loop.plan, periods=periods)
    loop = dataclasses.replace(loop, grid=as_float(grid), plan=plan)
    # Variables of `AbstractLoop` are properties here, which pyright takes for fields.
    return SwitchedLoop(  # pyright: ignore[reportCallIssue]
        loop=loop,
        halves=jnp.asarray(halves),
        opens=jnp.asarray(np.diff(halves, append=halves[-1]) > 0),
    )
