"""The analog solver: a chip in its feedback loop, solved in circuit seconds."""

import dataclasses

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Integer

from .._core._arrays import as_float, as_integer, scalar
from .._core._identity import Identity
from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Key, Scalar, State
from ..blocks import CircuitNoise, DAC, Multiplier, Schedule
from ..chip import Chip
from ..noise import LabClock
from ._amplifiers import AmplifierPoles
from ._base import AbstractLoop, Trajectory
from ._converters import Converters
from ._drift import AbstractDrift
from ._fixed_duration import of_fixed_duration
from ._observation import Observation, observe
from ._one_piece import (
    require_clock,
    require_laws,
    require_one_class,
    require_same,
    require_structure,
)
from ._signals import PathSizes, sample_paths
from ._solve_each import solve_each
from ._steps import ends_along, pad_grid, solve_along, Steps
from ._term import LoopTerm
from ._updates import UpdateErrors
from ._waveforms import Waveforms


class ClosedLoop(AbstractLoop):
    """Integrator, multipliers and waveforms around a chip. Make one by `close_loop`.

    Args:
        drift: What is solved, in diffusion time.
        schedule: Circuit time to diffusion time.
        clock: Duration of a solve, and of the reset between two.
        multiplier: Sets the full scale of the factors.
        dac: Plays embedding and multiplier factors.
        solver: A method of diffrax.
        grid: Step boundaries over the duration, from 0 to 1.
        tolerance: rtol of adaptive steps, atol in units of x; `None` steps on `grid`.
        plan: The sizes of all paths.
        injected_hold: Time for which injected noise holds a value, in seconds.
        read_holds: Time for which each read noise holds a value, over the duration, by
            the name of its law.
        adjoint: How diffrax takes gradients through a solve, and so what it keeps: by
            default about the square root of the number of states.
        dac_share: Fraction of the DAC's error that is played; see `Waveforms`.
        converters: The DAC of the starts and the ADC of the ends.
        noise_dac: Plays held injected noise, see `sample_paths`; `None` where the noise
            is a Wiener process, or there is none.
        identity: The system that the loop belongs to; with `None` the loop takes any
            chip.
        pace: Factor of all times of the clock over the nominal ones.
        circuit_noise: Noise of the blocks around the arrays.
        noise_limit: Largest injected noise at the integrator's input in volts, that of
            the multiplier behind it; `None` for no limit.
        updates: Errors of the DAC's updates; `None` for none.
        jitter: Spread of the moment at which a solve ends, in seconds; `None` for 0.
        amplifiers: Poles that white read noise passes; `None` where it has a bandwidth.
        most_steps: Most steps up to the clock's longest duration; `None` without one.
        num_steps: Number of steps of a grid that is padded, see `padded`.
    """

    drift: AbstractDrift
    schedule: Schedule
    clock: LabClock
    multiplier: Multiplier
    dac: DAC
    solver: dfx.AbstractSolver
    grid: Float[Array, " times"]
    tolerance: Scalar | None
    plan: PathSizes
    injected_hold: Scalar
    read_holds: dict[str, Scalar]
    adjoint: dfx.AbstractAdjoint = eqx.field(
        static=True, default=dfx.RecursiveCheckpointAdjoint()
    )
    dac_share: Scalar | None = None
    converters: Converters = Converters()
    noise_dac: DAC | None = None
    identity: Identity | None = None
    pace: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    circuit_noise: CircuitNoise = CircuitNoise()
    noise_limit: Scalar | None = None
    updates: UpdateErrors | None = None
    jitter: Scalar | None = None
    amplifiers: AmplifierPoles | None = None
    most_steps: int | None = eqx.field(static=True, default=None)
    num_steps: Integer[Array, ""] | None = None

    def check(self, chip: Chip) -> float:
        """The largest multiplier factor of `chip` (not under `jit`).

        Raises:
            ValueError: If chip and loop are not of one piece: the chip has a noise that
                the loop was not closed for, or with another bandwidth or clock; its
                network belongs to another process; it was made by another system. Or if
                the factor is above the multiplier's full scale.
        """
        require_same(self.identity, chip.identity)
        require_clock(float(self.pace), chip)
        require_structure(self.plan, self.drift, chip)
        require_laws(self.plan, self.read_holds, self.clock, chip.read)
        if self.amplifiers is not None:
            self.amplifiers.check(chip, float(self.read_holds["white"]), self.clock)
        peak = float(_peak_factor(self.padded(), chip))
        self.multiplier.check(peak, float(self.clock.duration))
        return peak

    def padded(self) -> "ClosedLoop":
        """As `AbstractLoop.padded`: its last boundary is repeated."""
        if self.most_steps is None or self.tolerance is not None:
            return self
        grid = pad_grid(np.asarray(self.grid), self.most_steps)
        num = as_integer(self.grid.size - 1)
        return dataclasses.replace(self, grid=as_float(grid), num_steps=num)

    @property
    def steps(self) -> Steps:
        """Where it steps, if it does on a grid."""
        return Steps(self.times, self.num_steps)

    def silenced(self) -> "ClosedLoop":
        """As `AbstractLoop.silenced`; its solves end on time, too."""
        off = {"circuit_noise": CircuitNoise(), "jitter": None, "amplifiers": None}
        return dataclasses.replace(self, plan=self.plan.silenced(), **off)

    def waveforms(self, chip: Chip) -> Waveforms:
        """As `AbstractLoop.waveforms`, with the gains of the chip's own ranges."""
        return Waveforms(
            chip,
            self.drift,
            self.schedule,
            self.clock.duration,
            self.multiplier,
            self.dac.of_chip(key=jr.fold_in(chip.key, LabStream.RANGES)),
            self.dac_share,
            self.noise_limit,
            self.updates,
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
        """As `AbstractLoop.solve`: on the grid, all samples are one state."""
        if self.plan.injected is not None and key is None:
            raise ValueError("the reverse SDE needs a `key` for its injected noise.")
        term = self.term(chip, x1, key=key, first=first)
        times, steps = self.times, self.steps
        at = steps.seen(num_observed)
        v1 = self.start_volts(chip, x1)
        before, after = (term.contr(*some).ground for some in (times[:2], steps.last))
        if before is not None:
            v1 = v1 - before  # the capacitor's, while the output is held
        if self.tolerance is None:
            how = solve_along(term, self.solver, steps, v1, at.size, self.adjoint)
            v0, vs, num_steps, is_solved = ends_along(dfx.diffeqsolve(**how), steps, at)
        else:
            v0, vs, num_steps, is_solved = self._solve_each(term, v1, np.asarray(at))
        if after is not None:
            v0 = v0 + after
        v0 = self.jittered(term, v0, first)
        seen = None
        if num_observed:
            seen = self.say_limited(term, observe(term, times[at], times[at + 1], vs))
        return self.hand_over(chip, x1, v0, num_steps, is_solved, seen, first)

    def start_volts(self, chip: Chip, x1: State) -> State:
        """Voltages of the integrators as a solve begins, of the starts `x1`."""
        return chip.precharged(self.converters.play(x1, chip.score.volts_in))

    def jittered(
        self, term: LoopTerm, v0: State, first: int | Integer[Array, ""]
    ) -> State:
        """The ends `v0` of solves that end a little early or late, to first order.

        Their slope is that of the loop with infinitely fast op-amps.
        """
        if self.jitter is None:
            return v0
        start, end = self.steps.last
        control = term.contr(start, end)
        slope = term.vf_prod(end, v0, None, control) / control.dt
        numbers = jnp.arange(v0.shape[1], dtype=jnp.uint32)
        key = jr.fold_in(term.waveforms.chip.key, LabStream.JITTER)
        indices = jnp.asarray(first, jnp.uint32) + numbers
        late = self.jitter * standard_normal(key, indices, ())
        return v0 + (late[None] * slope).astype(v0.dtype)

    def say_limited(self, term: LoopTerm, seen: Observation) -> Observation:
        """`seen` with how often injected noise met its limit, where it has one."""
        if self.noise_limit is None or term.paths.injected is None:
            return seen
        return seen.beside({"injected noise": term.limited()})

    def hand_over(
        self,
        chip: Chip,
        x1: State,
        v0: State,
        num_steps: Integer[Array, "..."],
        is_solved: Array,
        seen: Observation | None,
        first: int | Integer[Array, ""],
    ) -> Trajectory:
        """The samples that the ADC reads from the last voltages `v0` of a solve."""
        unit, v0 = chip.score.volts_in, chip.handed_over(v0, first=first)
        v0 = chip.read_against_reference(v0)
        x0 = self.converters.hand_over(v0, unit, key=chip.key, first=first)
        if seen is not None:
            seen = seen.beside(self.converters.beyond(unit * x1, v0))
        return Trajectory(x0, num_steps, is_solved, seen)

    def term(
        self,
        chip: Chip,
        x1: State,
        *,
        key: Key | None = None,
        first: int | Integer[Array, ""] = 0,
    ) -> LoopTerm:
        """The differential equation of these samples, with all its noise realised.

        Raises:
            ValueError: If it is differentiated with respect to `clock.duration`, and
                the loop has signals with edges at seconds of their own.
        """
        require_structure(self.plan, self.drift, chip)
        if x1.shape[0] != chip.score.dim:
            raise ValueError(
                f"`x1` must have one row for each of the chip's {chip.score.dim} "
                f"coordinates; got {x1.shape[0]}: pass starts `(dim, samples)`."
            )
        loop = of_fixed_duration(self, self.plan.edges)
        paths = sample_paths(
            chip,
            loop.clock,
            self.plan,
            self.injected_hold,
            x1.shape[0],
            first=jnp.asarray(first, jnp.uint32),
            num_samples=x1.shape[1],
            key=jr.key(0) if key is None else key,
            noise_dac=loop.noise_dac,
            circuit=loop.circuit_noise,
            amplifiers=loop.amplifiers,
            updates=loop.updates,
            update_hold=scalar(loop.dac.interval) if self.plan.late else None,
        )
        waveforms = loop.waveforms(chip)
        held = None if self.plan.waves is None else waveforms.held(self.plan.waves)
        return LoopTerm(waveforms, held, paths)

    def _solve_each(self, term: LoopTerm, v1: State, at: np.ndarray):
        """Adaptive steps, one sequence for each sample."""
        times, tolerance = self.times, self.tolerance
        assert tolerance is not None  # by the caller
        require_one_class(term.waveforms.chip)
        unit = term.waveforms.chip.score.volts_in
        controller = dfx.ClipStepSizeController(
            dfx.PIDController(rtol=tolerance, atol=tolerance * unit),
            step_ts=times[1:-1] if times.size > 2 else None,
        )
        return solve_each(
            lambda paths: LoopTerm(term.waveforms, term.held, paths),
            self.solver,
            controller,
            (times[1] - times[0]) / 10,
            v1,
            term.paths,
            times,
            at,
            16**3 + times.size,
            self.adjoint,
        )


@eqx.filter_jit
def _peak_factor(loop: ClosedLoop, chip: Chip) -> Scalar:
    factors = jax.vmap(loop.waveforms(chip).factors)(loop.times)
    return jnp.max(jnp.abs(factors))
