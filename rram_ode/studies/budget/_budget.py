"""Runs behind an error budget: chips with their errors at many strengths."""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..._core._streams import RunStream
from ..._core._types import Key
from ...chip import Blueprint
from ...config import replace
from ...loop import AbstractLoop, with_labels
from ...metrics import Interval, interval
from ...sdes import Prior
from ...system import chip_key, NUM_SLOW, Repeat, run_key, System, Yardstick
from ._attribution import corner_points, Corners, Indices, one_at_a_time, sobol
from ._strengths import present_errors, program_weakened


CHUNK = 500  # samples


SOBOL_CHIPS = 4


MIN_FINITE = 4  # samples of a chip; with fewer, nothing is left to attribute


FINER = 4  # times as many steps, for the solver's own error


@dataclasses.dataclass(frozen=True)
class BudgetPlan:
    """Numbers of chips, samples and points of an error budget, and their seeds.

    Args:
        num_samples: Number of samples per chip, for one at a time and leave one out.
        num_chips: Number of chips; their seeds count up from `chip_seed`.
        seed: Seed of the first chip's starts and data.
        chip_seed: Seed of the first chip.
        num_points: Number of points of the Sobol sequence, a power of 2.
    """

    num_samples: int
    num_chips: int
    seed: int
    chip_seed: int
    num_points: int

    def num_solves(self, num_errors: int) -> int:
        """Number of solves of `CHUNK` samples that the whole budget takes."""
        lanes, chips = 2 + 2 * num_errors, min(self.num_chips, SOBOL_CHIPS)
        corners = self.num_chips * lanes * -(-self.num_samples // CHUNK)
        points = self.num_points * (num_errors + 2) if num_errors > 1 else 0
        return corners + chips * (lanes * -(-points // lanes) + 2)


@dataclasses.dataclass(frozen=True)
class ErrorBudget:
    """The part of a loss that each error causes.

    Args:
        names: Names of the errors that the design has.
        corners: Losses one at a time and leave one out.
        indices: Sobol indices, or `None` for a design with fewer than two errors.
        distance: Distance to the data, in just-noticeable distances, of chips without
            errors, and of chips with all.
        change: Change of that distance by each error alone, in pairs of the same chip;
            the last entry is the change by all errors.
        solver: Loss between a chip and the same chip on `FINER` times as many steps,
            without errors; and the loss that finer steps save with all errors.
        stuck: Number of stuck cells on all chips, and number of cells.
    """

    names: tuple[str, ...]
    corners: Corners
    indices: Indices | None
    distance: tuple[Interval, Interval]
    change: tuple[Interval, ...]
    solver: tuple[Interval, Interval]
    stuck: tuple[int, int]


class Budgeter:
    """Losses of the chips of a system at given strengths of their errors.

    The loss is the distance to the samples of the same chip without errors, from the
    same starts and at the same lab times (`Yardstick.paired`): it is 0 for an error
    that does nothing, and small errors show in few samples. All strengths, chips and
    chunks run through one program, with strengths as its batch: those of one chip share
    the paths of its noise, so that a batch of chips beside it was no faster (0.044 s
    per solve against 0.036 s).

    Args:
        system: The run.
        plan: Numbers of chips, samples and points.
        progress: Called with a number of finished solves; a solve is a chip at one
            strength for `CHUNK` samples.
    """

    def __init__(
        self, system: System, plan: BudgetPlan, progress: Callable[[int], object]
    ):
        self._plan, self._progress = plan, progress
        self.names = present_errors(system.blueprint.design, system.chip_loop)
        self._prior = system.prior
        self._system = system

    def clouds(
        self, strengths: Float[np.ndarray, "points errors"], chips: int, samples: int
    ) -> Float[np.ndarray, "chips points samples dim"]:
        """Samples of the first chips, from the same starts at every strength."""
        system, plan, num = self._system, self._plan, len(strengths)
        lanes = min(2 + 2 * len(self.names), num)
        rows = np.concatenate([strengths, strengths[: -num % lanes]])
        parts = jnp.asarray(rows, self._prior.std.dtype).reshape(
            -1, lanes, len(self.names)
        )
        made_from = system.blueprint, system.chip_loop, self._prior, self.names
        found = []
        for chip in range(chips):
            keys = chip_key(plan.chip_seed + chip), run_key(plan.seed + chip)
            pieces = []
            for done in range(0, samples, CHUNK):
                first, ends = jnp.asarray(done, jnp.uint32), []
                for part in parts:
                    x = _ends(*made_from, part, *keys, first)
                    ends.append(np.asarray(x))
                    self._progress(lanes)
                pieces.append(np.concatenate(ends)[:num])
            found.append(np.concatenate(pieces, axis=2)[..., :samples])
        return np.moveaxis(np.stack(found), 2, 3)

    def corners(self) -> Float[np.ndarray, "chips points samples dim"]:
        """Samples without errors, with all, with each alone, with all but each."""
        plan = self._plan
        points = corner_points(len(self.names))
        return self.clouds(points, plan.num_chips, plan.num_samples)

    def indices(
        self, without: Float[np.ndarray, "chips samples dim"]
    ) -> Indices | None:
        """Sobol indices of the first chips; `without` are samples without errors."""
        if len(self.names) < 2:
            return None
        chips, plan = min(self._plan.num_chips, SOBOL_CHIPS), self._plan
        samples = min(CHUNK, plan.num_samples)
        reference = without[:chips, None, :samples]
        yardstick = self._system.yardstick
        loss = lambda rows: losses(
            yardstick, self.clouds(rows, chips, samples), reference
        )
        return sobol(loss, len(self.names), num_points=plan.num_points, seed=plan.seed)


def error_budget(
    system: System, plan: BudgetPlan, progress: Callable[[int], object]
) -> ErrorBudget:
    """The error budget of a system, with all cells at the age of sample 0.

    Args:
        system: The run.
        plan: Numbers of chips, samples and points.
        progress: Called with a number of finished solves.

    Raises:
        ValueError: If the design has no error, or all samples of a chip diverged.
    """
    runs = Budgeter(system, plan, progress)
    names = runs.names
    if not names:
        raise ValueError(
            "there is no error to attribute a loss to: `fidelity` ideal turns all off."
        )
    clouds = runs.corners()
    without = clouds[:, 0]
    # Without errors, with all, with each alone.
    found = _distances(system, plan, clouds[:, : 2 + len(names)])
    changes = np.concatenate([found[:, 2:], found[:, 1:2]], axis=1) - found[:, :1]
    over_chips = lambda values: interval(values.tolist())
    return ErrorBudget(
        names,
        one_at_a_time(losses(system.yardstick, clouds, without[:, None])),
        runs.indices(without),
        (over_chips(found[:, 0]), over_chips(found[:, 1])),
        tuple(over_chips(change) for change in changes.T),
        _solver(system, plan, progress, clouds),
        _count_stuck(system, plan),
    )


def losses(
    yardstick: Yardstick,
    clouds: Float[np.ndarray, "chips points samples dim"],
    reference: Float[np.ndarray, "chips _ samples dim"],
) -> Float[np.ndarray, "chips points"]:
    """Distance of each cloud to its reference, in just-noticeable distances.

    A sample that is not finite counts as infinitely far away.

    Raises:
        ValueError: If fewer than four samples of a cloud are finite.
    """
    reference = np.broadcast_to(reference, clouds.shape)
    found = np.zeros(clouds.shape[:2])
    for at in np.ndindex(*found.shape):
        x, y = clouds[at], reference[at]
        finite = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
        if finite.sum() < MIN_FINITE:
            raise ValueError(
                "the solve diverged in all samples of a chip: take weaker errors, more "
                "`solve.num_steps`, or a rail (`integrator.v_rail`)."
            )
        found[at] = yardstick.paired(x, y)
    return found


def _distances(
    system: System, plan: BudgetPlan, clouds: Float[np.ndarray, "chips points _ _"]
) -> Float[np.ndarray, "chips points"]:
    """Distance of each cloud to the data, in just-noticeable distances."""
    yardstick, found = system.yardstick, []
    for number, chip in enumerate(clouds):
        data = Repeat(plan.num_samples, plan.seed + number).data(system)
        target = yardstick.embed(data)
        each = (yardstick.embed(x, NUM_SLOW) for x in chip)
        found.append([yardstick.distance(x, target) for x in each])
    return np.array(found)


def _solver(
    system: System,
    plan: BudgetPlan,
    progress: Callable[[int], object],
    clouds: Float[np.ndarray, "chips points samples dim"],
) -> tuple[Interval, Interval]:
    """Loss by coarse steps without errors, and loss that finer steps save with all."""
    solve = system.config.solve
    config = replace(system.config, "solve.num_steps", FINER * solve.num_steps)
    config = replace(config, "solve.tolerance", solve.tolerance / FINER**2)
    finer = Budgeter(System.from_config(config), plan, progress)
    chips, samples = min(plan.num_chips, SOBOL_CHIPS), min(CHUNK, plan.num_samples)
    ends = corner_points(len(finer.names))[:2]
    exact = finer.clouds(ends, chips, samples)
    near = clouds[:chips, :2, :samples]
    loss = lambda x: losses(system.yardstick, x, exact[:, :1])[:, 0]
    alone, full = loss(near[:, :1]), [loss(x[:, 1:]) for x in (near, exact)]
    return interval(alone.tolist()), interval((full[0] - full[1]).tolist())


def _count_stuck(system: System, plan: BudgetPlan) -> tuple[int, int]:
    """Number of stuck cells on all chips of the plan, and number of cells."""
    maps = [
        np.asarray(array)
        for k in range(plan.num_chips)
        for array in system.blueprint.stuck(chip_key(plan.chip_seed + k)).arrays
    ]
    return sum(int(np.isfinite(m).sum()) for m in maps), sum(m.size for m in maps)


@eqx.filter_jit
def _ends(
    blueprint: Blueprint,
    loop: AbstractLoop,
    prior: Prior,
    names: tuple[str, ...],
    strengths: Float[Array, "lanes errors"],
    chip: Key,
    run: Key,
    first: Array,
) -> Float[Array, "lanes dim samples"]:
    """Ends of `CHUNK` samples, the first of them number `first`, for all strengths."""
    x1 = prior.sample(run, first, CHUNK, blueprint.score.dim)
    labels = prior.labels(run, first, CHUNK)
    noise = jax.random.fold_in(run, RunStream.INJECTED)

    def one(row):
        named = dict(zip(names, row, strict=True))
        weakened, circuit = program_weakened(blueprint, loop, named, key=chip)
        asked = with_labels(weakened, labels)
        return circuit.solve(asked, x1, key=noise, first=first).x0

    return jax.vmap(one)(strengths)
