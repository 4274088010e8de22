"""The optimiser of a fit: clipped AdamW, its learning rate, and averaged weights."""

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Int, PyTree

from ..config import TrainConfig


FINAL_RATE = 0.01  # of the peak, at the last step


def optimiser(plan: TrainConfig) -> optax.GradientTransformation:
    """AdamW after a clip by the norm of all gradients together."""
    return optax.chain(
        optax.clip_by_global_norm(plan.clip),
        optax.adamw(_schedule(plan), weight_decay=plan.weight_decay),
    )


def learning_rate(plan: TrainConfig, step: int) -> float:
    """The learning rate at `step`: linear warm-up, then a cosine to 1 % of the peak."""
    return float(jnp.asarray(_schedule(plan)(step)))


def average(
    averaged: PyTree, params: PyTree, decay: float, step: Int[Array, ""]
) -> PyTree:
    """The exponential average after `step`, with a shorter memory at the start."""
    number = step.astype(jnp.result_type(float))
    keep = jnp.minimum(decay, (number + 1) / (number + 10))
    return jax.tree.map(lambda a, p: keep * a + (1 - keep) * p, averaged, params)


def _schedule(plan: TrainConfig) -> optax.Schedule:
    warmup = min(plan.warmup, plan.steps - 1)
    return optax.warmup_cosine_decay_schedule(
        init_value=plan.learning_rate / (warmup + 1),
        peak_value=plan.learning_rate,
        warmup_steps=warmup,
        decay_steps=plan.steps,
        end_value=FINAL_RATE * plan.learning_rate,
    )
