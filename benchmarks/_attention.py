"""F2, the shipped attention network, on figures: batches that judge, and trainings.

Times, noise and data of training, of calibration and of judging come from different
keys.
"""

import enum
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import optax
from jaxtyping import Array, Bool, Float, Int
from rram_ode.accelerators import TechniqueScore
from rram_ode.datasets import figures
from rram_ode.scores import AttentionScore
from rram_ode.training import Batch, picture_batch


T_MIN = 1e-3
DROPOUT = 0.1
FINAL_RATE = 0.01


Build = Callable[[AttentionScore], AttentionScore | TechniqueScore]


class Draw(enum.IntEnum):
    """Keys of the draws: no two sets share numbers."""

    WEIGHTS = 0
    TRAINING = 1
    TUNING = 2
    CALIBRATION = 3
    JUDGE = 4
    RANDOM_TOKENS = 5
    STARTS = 6


def key_of(draw: Draw, number: int = 0) -> Array:
    """The key of one set of draws."""
    return jr.fold_in(jr.key(draw), number)


def batch_of(score: AttentionScore, num: int, key: Array) -> Batch:
    """Fresh noised figures with their classes, a tenth of which are dropped."""
    return picture_batch(score, figures(score.side), num, T_MIN, DROPOUT, key)


class Judged(NamedTuple):
    """Noised pictures whose clean ones are known.

    Args:
        t: Diffusion times.
        x: States.
        label: Classes.
        is_figure: Whether a pixel is ink, in the clean picture.
    """

    t: Float[Array, " samples"]
    x: Float[Array, "dim samples"]
    label: Int[Array, " samples"]
    is_figure: Bool[Array, "dim samples"]


@eqx.filter_jit
def judged(score: AttentionScore, num: int, t_min: float | Array, key: Array) -> Judged:
    """Fresh figures at times spread evenly over [`t_min`, 1]."""
    data_key, time_key, noise_key = jr.split(key, 3)
    points, label = figures(score.side).sample_labelled(num, key=data_key)
    clean = points.T
    steps = jnp.arange(num, dtype=clean.dtype)
    spread = (steps + jr.uniform(time_key, (num,))) / num
    t = t_min + (1 - t_min) * spread
    mean, std = score.preconditioning.marginal(t)
    x = mean[None] * clean + std[None] * jr.normal(noise_key, clean.shape)
    return Judged(t, x, label, clean > 0)


@eqx.filter_jit
def loss(score: AttentionScore | TechniqueScore, batch: Batch) -> Float[Array, ""]:
    """The denoising loss."""
    found = batch.scale[None] * score(batch.t, batch.x, label=batch.label)
    return jnp.mean((found - batch.target) ** 2)


def train(
    score: AttentionScore,
    build: Build,
    steps: int,
    batch: int,
    *,
    rate: float,
    key: Array,
) -> AttentionScore:
    """The network after Adam at a rate that a cosine lowers to 1 %.

    Args:
        score: The network at the start; its preconditioning stays.
        build: Makes what is trained from the network.
        steps: Number of steps.
        batch: Pictures of a step.
        rate: The rate at the start.
        key: Key of all batches.
    """
    return _train(score, build, jnp.asarray(steps), batch, jnp.asarray(rate), key)


@eqx.filter_jit
def _train(
    score: AttentionScore,
    build: Build,
    steps: Int[Array, ""],
    batch: int,
    rate: Float[Array, ""],
    key: Array,
) -> AttentionScore:
    spec = jax.tree.map(eqx.is_inexact_array, score)
    fixed = jax.tree.map(lambda _: False, score.preconditioning)
    spec = eqx.tree_at(lambda s: s.preconditioning, spec, fixed)
    params, others = eqx.partition(score, spec)

    def rate_at(count: Any) -> Array:
        part = 0.5 * (1 + jnp.cos(jnp.pi * count / steps))
        return rate * (FINAL_RATE + (1 - FINAL_RATE) * part)

    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate_at))

    def body(step, carry):
        params, state = carry
        drawn = batch_of(score, batch, jr.fold_in(key, step))
        lower = lambda p: loss(build(eqx.combine(p, others)), drawn)
        grads = jax.grad(lower)(params)
        # optax mixes float arrays with its integer counter.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimiser.update(grads, state, params)
            params = optax.apply_updates(params, updates)
        return params, state

    begin = params, optimiser.init(params)
    params = jax.lax.fori_loop(0, steps, body, begin)[0]
    return eqx.combine(params, others)
