"""Steps of the optimiser, compiled: each a function of state, seed and number."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Int

from .._types import Key, Scalar
from ..config import TrainConfig
from ..datasets import AbstractDataset
from ..scores import NetworkScore
from ..sdes import AbstractSDE
from ._batch import Batch, deal, draw_batch
from ._loss import network_losses
from ._optimiser import average, optimiser
from ._parameters import Params, with_parameters
from ._state import FitState
from ._weight_noise import column_noise, proportional_noise


CHUNK = 500  # steps of one call of the compiled program


@eqx.filter_jit
def advance(
    state: FitState,
    score: NetworkScore,
    sde: AbstractSDE,
    dataset: AbstractDataset,
    plan: TrainConfig,
    stop: Int[Array, ""],
) -> tuple[FitState, Int[Array, ""]]:
    """The state at step `stop`, and the first step that was not finite (else `steps`).

    The bounds are arrays: one program serves the last, shorter chunk too.
    """
    first = state.step
    stream = jr.fold_in(jr.key(plan.seed), 1)

    def body(step, carry):
        state, total, bad = carry
        key = jr.fold_in(stream, step)
        state, loss, is_finite = _step(state, score, sde, dataset, plan, key)
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
    key: Key,
) -> tuple[FitState, Scalar, Array]:
    data_key, noise_key = jr.split(key)
    batch = draw_batch(dataset, sde, plan.batch, plan.t_min, key=data_key)
    gradient = jax.grad(_objective, has_aux=True)
    grads, loss = gradient(state.params, score, batch, plan, noise_key)
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
    """What the optimiser lowers, and the denoising loss in it."""

    def perturb(key: Key) -> NetworkScore:
        rel_key, column_key = jr.split(key)
        network = with_parameters(score.network, params)
        # Noise of strength zero is left out: its draws cost seconds to compile.
        if plan.weight_noise:
            network = proportional_noise(network, plan.weight_noise, key=rel_key)
        if plan.column_noise:
            network = column_noise(network, plan.column_noise, key=column_key)
        return eqx.tree_at(lambda s: s.network, score, network)

    def part(number: int) -> tuple[Scalar, Scalar]:
        mine, hand = jax.tree.map(lambda leaf: leaf[number], (copies, hands))
        return network_losses(mine, hand, plan.saturation_limit)

    draws = plan.noise_draws
    copies = eqx.filter_vmap(perturb)(jr.split(key, draws))
    hands = deal(batch, draws)
    # Unrolled: on a CPU two to four times as fast as a product with a batch of weights.
    losses, over = map(jnp.stack, zip(*map(part, range(draws)), strict=True))
    loss = jnp.mean(losses)
    return loss + plan.saturation_weight * jnp.sum(over), loss
