"""Training of an autoencoder: a function of the images and of a plan."""

import dataclasses
import math
import time
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from .._core._streams import TrainingStream
from .._core._types import Key, Scalar
from ..config import LatentsConfig
from ..datasets.pictures import distort, LabelledImages
from ._anchors import anchors
from ._autoencoder import Autoencoder, untrained_autoencoder
from ._loss import batch_loss


class LatentsProgress(NamedTuple):
    """Progress of a training: epochs done, and the mean loss of the last, in nats."""

    epoch: int
    loss: float

    @property
    def done(self) -> int:
        """Epochs done, for `rr.progress`."""
        return self.epoch

    @property
    def numbers(self) -> dict[str, str]:
        """The loss as text, for `rr.progress`."""
        return {"loss": f"{self.loss:.2f}"}


@dataclasses.dataclass(frozen=True)
class FittedAutoencoder:
    """An autoencoder with the mean loss of each epoch, and the seconds spent."""

    model: Autoencoder
    losses: tuple[float, ...]
    seconds: float


def fit_autoencoder(
    images: LabelledImages,
    plan: LatentsConfig,
    *,
    report: Callable[[LatentsProgress], object] = lambda progress: None,
) -> FittedAutoencoder:
    """Train an autoencoder on images, with one prior mean for each class.

    Equal arguments give equal results, bit for bit on one machine. A plan's
    `checkpoint` plays no part.

    Args:
        images: Images to train on.
        plan: Dimension, epochs, weights and rates.
        report: Function that is called after each epoch.

    Raises:
        ValueError: If a knob of `plan` is out of range, a class has no image, or the
            loss stops being finite.
    """
    check_latents(plan)
    counts = np.array(list(images.counts().values()))
    if not counts.all():
        raise ValueError(
            f"each class must have an image to train on; got {images.counts()}. Leave "
            "the class out."
        )
    begun = time.monotonic()
    num = len(images)
    if plan.batch > num:
        raise ValueError(
            f"`latents.batch` must be at most the {num} images; got {plan.batch}."
        )
    key = jr.key(plan.seed)
    weights = (num / (len(counts) * counts)) ** plan.balance
    training = _Training(
        jnp.asarray(images.images, float),
        jnp.asarray(images.labels),
        anchors(len(counts), plan.dim),
        jnp.asarray(weights, float),
        plan,
    )
    model = untrained_autoencoder(
        plan.dim, images.shape, key=jr.fold_in(key, TrainingStream.WEIGHTS)
    )
    state, losses = training.optimiser.init(eqx.filter(model, eqx.is_array)), []
    for epoch in range(plan.epochs):
        own = jr.fold_in(jr.fold_in(key, TrainingStream.STEPS), epoch)
        amount = jnp.asarray(plan.distortion * (1 - epoch / plan.epochs))
        model, state, loss = _epoch(training, model, state, amount, own)
        if not math.isfinite(float(loss)):
            raise ValueError(
                f"the loss is not finite in epoch {epoch + 1}; lower "
                "`latents.learning_rate`."
            )
        losses.append(float(loss))
        report(LatentsProgress(epoch + 1, losses[-1]))
    return FittedAutoencoder(model, tuple(losses), time.monotonic() - begun)


def check_latents(plan: LatentsConfig) -> None:
    """Check every knob of `plan` that acts on a training.

    Raises:
        ValueError: If one is out of range, with its name, rule and value.
    """
    for name in ("dim", "epochs", "batch"):
        if (value := getattr(plan, name)) < 1:
            raise ValueError(f"`latents.{name}` must be 1 or more; got {value}.")
    if not 0 < plan.learning_rate < math.inf:
        raise ValueError(
            f"`latents.learning_rate` must be positive; got {plan.learning_rate:g}."
        )
    for name in ("kl_weight", "balance", "distortion"):
        if not 0 <= (value := getattr(plan, name)) < math.inf:
            raise ValueError(f"`latents.{name}` must be 0 or more; got {value:g}.")


class _Training(eqx.Module):
    """What all epochs of a training share."""

    images: Float[Array, "num height width"]
    labels: Int[Array, " num"]
    centres: Float[Array, "classes dim"]
    weights: Float[Array, " classes"]
    plan: LatentsConfig = eqx.field(static=True)

    @property
    def num_batches(self) -> int:
        """Number of whole batches in an epoch; the images that are left out differ."""
        return self.images.shape[0] // self.plan.batch

    @property
    def optimiser(self) -> optax.GradientTransformation:
        """Adam, whose rate a cosine lowers to 0."""
        steps = self.plan.epochs * self.num_batches
        schedule = optax.cosine_decay_schedule(self.plan.learning_rate, steps)
        return optax.adam(schedule)


@eqx.filter_jit
def _epoch(
    training: _Training,
    model: Autoencoder,
    state: optax.OptState,
    amount: Scalar,
    key: Key,
):
    """All images once, in an order of their own; the mean loss."""
    plan, (order_key, step_key) = training.plan, jr.split(key)
    rows = jr.permutation(order_key, training.images.shape[0])
    rows = rows[: training.num_batches * plan.batch].reshape(-1, plan.batch)
    params, rest = eqx.partition(model, eqx.is_array)

    def step(carry, inputs):
        params, state = carry
        rows, key = inputs
        distort_key, draw_key = jr.split(key)
        images = training.images[rows]
        if plan.distortion:
            images = distort(images, amount, key=distort_key)

        def lower(params):
            return batch_loss(
                eqx.combine(params, rest),
                images,
                training.labels[rows],
                training.centres,
                training.weights,
                plan.kl_weight,
                key=draw_key,
            )

        loss, grads = jax.value_and_grad(lower)(params)
        # optax mixes float arrays with its integer counter.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = training.optimiser.update(grads, state, params)
        return (jax.tree.map(jnp.add, params, updates), state), loss

    keys = jr.split(step_key, training.num_batches)
    (params, state), losses = jax.lax.scan(step, (params, state), (rows, keys))
    return eqx.combine(params, rest), state, jnp.mean(losses)
