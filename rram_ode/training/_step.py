"""Compiled steps of the optimiser, each a function of state, seed and number."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Int

from .._core._streams import NoiseDrawStream, TrainingStream
from .._core._types import Key, Scalar
from ..chip import AnalogNetwork
from ..config import TrainConfig
from ..datasets import AbstractDataset
from ..scores import NetworkScore
from ..sdes import AbstractSDE
from ._batch import assign, Batch, draw_batch
from ._chip_loss import chip_losses
from ._chips import batch_ranges, TrainingChips
from ._lead import pick
from ._loss import network_losses
from ._optimiser import average, optimiser
from ._state import FitState
from ._tune import bounded, Params, with_parameters
from ._weight_noise import column_noise, proportional_noise


CHUNK = 500  # steps per call of the compiled program


@eqx.filter_jit
def advance(
    state: FitState,
    score: NetworkScore,
    sde: AbstractSDE,
    dataset: AbstractDataset,
    plan: TrainConfig,
    stop: Int[Array, ""],
    chips: TrainingChips | None = None,
    points: Batch | None = None,
) -> tuple[FitState, Int[Array, ""]]:
    """The state at step `stop`, and the first step that was not finite, else `steps`.

    The bounds are arrays, so that one program serves the last, shorter chunk too.
    """
    first = state.step
    stream = jr.fold_in(jr.key(plan.seed), TrainingStream.STEPS)

    def body(step, carry):
        state, total, bad = carry
        key = jr.fold_in(stream, step)
        state, loss, is_finite = _step(
            state, score, sde, dataset, plan, chips, points, key
        )
        bad = jnp.where(is_finite, bad, jnp.minimum(bad, step))
        return state, total + loss, bad

    begin = (state, jnp.zeros(()), jnp.asarray(plan.steps))
    state, total, bad = jax.lax.fori_loop(first, stop, body, begin)
    mean = total / (stop - first).astype(total.dtype)
    losses = state.losses.at[first // CHUNK].set(mean)
    return eqx.tree_at(lambda s: s.losses, state, losses), bad


def _step(
    state: FitState,
    score: NetworkScore,
    sde: AbstractSDE,
    dataset: AbstractDataset,
    plan: TrainConfig,
    chips: TrainingChips | None,
    points: Batch | None,
    key: Key,
) -> tuple[FitState, Scalar, Array]:
    data_key, noise_key = jr.split(key)
    if points is None:
        batch = draw_batch(
            dataset,
            sde,
            plan.batch,
            plan.t_min,
            score.readout,
            dropout=None if score.network.classes is None else plan.label_dropout,
            key=data_key,
        )
    else:
        batch = pick(points, plan.batch, key=data_key)
    if chips is None:
        lower = lambda params: _objective(params, score, batch, plan, noise_key)
    else:
        strength = chips.at(state.step)
        lower = lambda params: _chip_objective(
            params, score, batch, plan, chips, strength, noise_key
        )
    grads, loss = jax.grad(lower, has_aux=True)(state.params)
    # optax mixes float arrays with its integer counter.
    with jax.numpy_dtype_promotion("standard"):
        updates, moved = optimiser(plan).update(grads, state.optimiser, state.params)
    params = jax.tree.map(jnp.add, state.params, updates)
    averaged = average(state.averaged, params, plan.ema, state.step)
    state = FitState(params, averaged, moved, state.step + 1, state.losses)
    finite = [jnp.all(jnp.isfinite(leaf)) for leaf in (loss, *jax.tree.leaves(grads))]
    return state, loss, jnp.all(jnp.stack(finite))


def _objective(
    params: Params, score: NetworkScore, batch: Batch, plan: TrainConfig, key: Key
) -> tuple[Scalar, Scalar]:
    """The objective of the optimiser, and the matching loss in it."""
    draws = plan.noise_draws
    perturb = lambda key: _perturb(params, score, plan, key)
    copies = eqx.filter_vmap(perturb)(jr.split(key, draws))
    parts = assign(batch, draws)

    def part(number: int) -> tuple[Scalar, Scalar]:
        mine, samples = jax.tree.map(lambda leaf: leaf[number], (copies, parts))
        return network_losses(mine, samples, plan.saturation_limit)

    return _together(part, plan)


def _chip_objective(
    params: Params,
    score: NetworkScore,
    batch: Batch,
    plan: TrainConfig,
    chips: TrainingChips,
    strength: Scalar,
    key: Key,
) -> tuple[Scalar, Scalar]:
    """The objective and the matching loss, each draw of noise on its own chip."""
    draws, read = plan.noise_draws, chips.design.cell.read
    clean = with_parameters(score.network, bounded(params, plan.w_max, plan.b_max))
    parts = assign(batch, draws)
    # One part covers all times, too.
    ranges = batch_ranges(clean, jax.tree.map(lambda leaf: leaf[0], parts))

    def make(key: Key) -> tuple[AnalogNetwork, Key]:
        noisy = _perturb(params, score, plan, key)
        write_key, read_key = jr.split(jr.fold_in(key, NoiseDrawStream.CHIP))
        return chips.program(noisy, ranges, strength, key=write_key), read_key

    made, read_keys = eqx.filter_vmap(make)(jr.split(key, draws))

    def part(number: int) -> tuple[Scalar, Scalar]:
        mine, samples = jax.tree.map(lambda leaf: leaf[number], (made, parts))
        limit, own = plan.saturation_limit, read_keys[number]
        cells = chips.of_cells(strength)
        return chip_losses(mine, samples, read, chips.dac, limit, cells, key=own)

    return _together(part, plan)


def _perturb(
    params: Params, score: NetworkScore, plan: TrainConfig, key: Key
) -> NetworkScore:
    network = with_parameters(score.network, bounded(params, plan.w_max, plan.b_max))
    # Noise of strength zero is left out, since its draws cost seconds to compile.
    if plan.weight_noise:
        own = jr.fold_in(key, NoiseDrawStream.PROPORTIONAL)
        network = proportional_noise(network, plan.weight_noise, key=own)
    if plan.column_noise:
        own = jr.fold_in(key, NoiseDrawStream.COLUMNS)
        network = column_noise(network, plan.column_noise, key=own)
    return eqx.tree_at(lambda s: s.network, score, network)


def _together(
    part: Callable[[int], tuple[Scalar, Scalar]], plan: TrainConfig
) -> tuple[Scalar, Scalar]:
    # Unrolled, as a CPU is then two to four times as fast as with a batch of weights.
    losses, over = map(jnp.stack, zip(*map(part, range(plan.noise_draws)), strict=True))
    loss = jnp.mean(losses)
    return loss + plan.saturation_weight * jnp.sum(over), loss
