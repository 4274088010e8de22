"""The fit of a score of pictures: a function of the seed that can be resumed."""

import math
import pathlib
import time
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int, PyTree

from .._core._files import PARTIAL
from .._core._streams import TrainingStream
from .._core._types import Scalar
from ..config import TrainConfig
from ..datasets import AbstractDataset
from ..scores import AbstractPictureScore
from ._batch import Batch, draw_batch
from ._fit import Progress
from ._loss import residual
from ._optimiser import average, learning_rate, optimiser
from ._plan import check_plan
from ._state import FitState, identity, load_state, save_state


STEPS_AT_ONCE = 50  # of one call of the compiled program


SAVE_SECONDS = 5.0  # least time between two saves


def fit_pictures(
    score: AbstractPictureScore,
    dataset: AbstractDataset,
    plan: TrainConfig,
    *,
    folder: pathlib.Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> tuple[AbstractPictureScore, float]:
    """Train `score` by denoising score matching, and the seconds that it took.

    Equal arguments give equal results, bit for bit on one machine, and so does a run
    that was killed and started again.

    Args:
        score: The score at the start; its preconditioning stays.
        dataset: The data, with labels.
        plan: Seed, steps, batch, rates, clip, average, dropped labels and smallest
            time; nothing else acts.
        folder: Folder for the last complete state, from which the same fit resumes.
        report: Function that is called after each call of the compiled program.

    Raises:
        ValueError: If the loss stops being finite, or `folder` holds another run.
    """
    check_plan(plan)
    params, _ = split(score)
    losses = jnp.zeros(math.ceil(plan.steps / STEPS_AT_ONCE))
    state = FitState(params, params, optimiser(plan).init(params), jnp.array(0), losses)
    path = None if folder is None else folder / PARTIAL / "state.eqx"
    owner, seconds = identity(plan, (eqx.filter(score, eqx.is_array), dataset)), 0.0
    if path is not None:
        state, seconds = load_state(path, state, owner)
    begun = time.monotonic() - seconds
    saved = time.monotonic()
    while int(state.step) < plan.steps:
        stop = min(int(state.step) + STEPS_AT_ONCE, plan.steps)
        state = _advance(state, score, dataset, plan, jnp.asarray(stop))
        loss = float(state.losses[(int(state.step) - 1) // STEPS_AT_ONCE])
        if not math.isfinite(loss):
            raise ValueError(
                f"the loss is not finite before step {stop}; take another `--seed`."
            )
        if path is not None and time.monotonic() - saved >= SAVE_SECONDS:
            save_state(path, state, owner, time.monotonic() - begun)
            saved = time.monotonic()
        report(Progress(stop, loss, learning_rate(plan, stop)))
    _, fixed = split(score)
    return eqx.combine(state.averaged, fixed), time.monotonic() - begun


def split(score: AbstractPictureScore) -> tuple[PyTree, PyTree]:
    """What is trained, and all else."""
    spec = jax.tree.map(eqx.is_inexact_array, score)
    fixed = jax.tree.map(lambda _: False, score.preconditioning)
    spec = eqx.tree_at(lambda s: s.preconditioning, spec, fixed)
    return eqx.partition(score, spec)


def picture_loss(score: AbstractPictureScore, batch: Batch) -> Scalar:
    """Mean of the squared error of the noise, as `denoising_loss`, whole batch at once.

    Args:
        score: The score.
        batch: Noised data with labels, -1 for any class.
    """
    return residual(score(batch.t, batch.x, label=batch.label), batch)


def picture_batch(
    score: AbstractPictureScore,
    dataset: AbstractDataset,
    num: int,
    t_min: float,
    dropout: float | None,
    key: Array,
) -> Batch:
    """Noised data for a score, with labels unless `dropout` is `None`."""
    sde = score.preconditioning.sde
    return draw_batch(dataset, sde, num, t_min, dropout=dropout, key=key)


@eqx.filter_jit
def _advance(
    state: FitState,
    score: AbstractPictureScore,
    dataset: AbstractDataset,
    plan: TrainConfig,
    stop: Int[Array, ""],
) -> FitState:
    """The state at step `stop`, which is an array: one program for all calls."""
    first, (_, fixed) = state.step, split(score)
    stream = jr.fold_in(jr.key(plan.seed), TrainingStream.STEPS)

    def lower(params: PyTree, batch: Batch) -> Float[Array, ""]:
        return picture_loss(eqx.combine(params, fixed), batch)

    def body(step, carry):
        state, total = carry
        batch = picture_batch(
            score,
            dataset,
            plan.batch,
            plan.t_min,
            plan.label_dropout,
            jr.fold_in(stream, step),
        )
        loss, grads = jax.value_and_grad(lower)(state.params, batch)
        # optax mixes float arrays with its integer counter.
        with jax.numpy_dtype_promotion("standard"):
            updates, moved = optimiser(plan).update(
                grads, state.optimiser, state.params
            )
        params = jax.tree.map(jnp.add, state.params, updates)
        averaged = average(state.averaged, params, plan.ema, state.step)
        after = FitState(params, averaged, moved, state.step + 1, state.losses)
        return after, total + loss

    state, total = jax.lax.fori_loop(first, stop, body, (state, jnp.zeros(())))
    mean = total / (stop - first).astype(total.dtype)
    losses = state.losses.at[first // STEPS_AT_ONCE].set(mean)
    return eqx.tree_at(lambda s: s.losses, state, losses)
