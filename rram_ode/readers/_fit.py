"""The training of a reader, on pictures that no result is compared with."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import optax
from jaxtyping import Array, Float, Int

from .._core._types import Key
from ..datasets.pictures import LabelledImages
from ._augment import distort_all
from ._network import Reader, untrained_reader


@dataclasses.dataclass(frozen=True)
class ReaderPlan:
    """How a reader is trained; all numbers are assumptions.

    Args:
        seed: Seed of weights, batches and distortions.
        steps: Number of steps of Adam; a cosine lowers the rate to 0.
        batch: Pictures of a step, each class equally likely.
        learning_rate: Rate at the start.
        smoothing: Probability that the target gives to all classes alike.
        ema: Decay of the averaged weights, which are the result.
    """

    seed: int = 0
    steps: int = 5_000
    batch: int = 128
    learning_rate: float = 2e-3
    smoothing: float = 0.05
    ema: float = 0.999


def fit_reader(data: LabelledImages, plan: ReaderPlan = ReaderPlan()) -> Reader:
    """A reader of `data`, each picture distorted anew whenever it is drawn.

    Args:
        data: Pictures with labels.
        plan: How to train.

    Raises:
        ValueError: If a class has no picture.
    """
    counts = data.counts()
    if 0 in counts.values():
        raise ValueError(
            f"each class must have a picture to learn; the numbers are {counts}."
        )
    key = jr.key(plan.seed)
    reader = untrained_reader(data.shape, len(data.classes), key=key)
    images = jnp.asarray(data.images, float)
    labels = jnp.asarray(data.labels)
    number = jnp.asarray(list(counts.values()))
    odds = -jnp.log(number.astype(images.dtype))[labels]
    return _fit(reader, images, labels, odds, plan, key)


@eqx.filter_jit
def _fit(
    reader: Reader,
    images: Float[Array, "num _ _"],
    labels: Int[Array, " num"],
    odds: Float[Array, " num"],
    plan: ReaderPlan,
    key: Key,
) -> Reader:
    optimiser = optax.adam(optax.cosine_decay_schedule(plan.learning_rate, plan.steps))

    def loss(reader: Reader, drawn: Array, wanted: Array) -> Array:
        logits = reader.logits(drawn)
        exact = jax.nn.one_hot(wanted, reader.num_classes, dtype=logits.dtype)
        target = optax.smooth_labels(exact, plan.smoothing)
        return jnp.mean(optax.softmax_cross_entropy(logits, target))

    def body(step, carry):
        reader, averaged, state = carry
        row_key, own = jr.split(jr.fold_in(key, step))
        rows = jr.categorical(row_key, odds, shape=(plan.batch,))
        drawn = distort_all(images[rows], key=own)
        grads = jax.grad(loss)(reader, drawn, labels[rows])
        # optax mixes float arrays with its integer counter.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimiser.update(grads, state)
        reader = jax.tree.map(jnp.add, reader, updates)
        keep = jnp.minimum(plan.ema, step / (step + 9.0))
        mean = lambda old, new: keep * old + (1 - keep) * new
        return reader, jax.tree.map(mean, averaged, reader), state

    begin = (reader, reader, optimiser.init(eqx.filter(reader, eqx.is_array)))
    return jax.lax.fori_loop(0, plan.steps, body, begin)[1]
