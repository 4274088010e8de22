"""F1: a 2-64-64-2 network that predicts the noise of a ring, and short trainings of it.

The process has beta from 0.1 to 20. Times, noise and data of training, of tuning, of
calibration and of judging come from different keys.
"""

import enum
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import optax
from jaxtyping import Array, Float
from rram_ode.config import NetworkConfig
from rram_ode.datasets import AbstractDataset, Ring
from rram_ode.formats import AbstractFormat, FixedClip, MaxClip, UniformFormat
from rram_ode.scores import NetworkScore, QuantisedScore
from rram_ode.sdes import AbstractSDE, VPSDE
from rram_ode.training import (
    Batch,
    denoising_loss,
    draw_batch,
    parameters,
    untrained,
    with_parameters,
)


T_MIN = 1e-3
BATCH = 512
FIRST = UniformFormat(8, MaxClip(per_column=True))  # of the first layer
STATE = UniformFormat(12, FixedClip(4.5))  # a fixed range: a clipped state diverges
FINAL_RATE = 0.01
NUM_CALIBRATION, NUM_JUDGE = 4096, 65_536


class Draw(enum.IntEnum):
    """Keys of the draws: no two sets share numbers."""

    WEIGHTS = 0
    TRAINING = 1
    TUNING = 2
    TUNING_JUDGE = 3
    CALIBRATION = 4
    JUDGE = 5
    FREQUENCIES = 6
    STARTS = 7
    DATA = 8


class Fixture(eqx.Module):
    """A network, its process and its data."""

    score: NetworkScore
    sde: AbstractSDE
    dataset: AbstractDataset

    def batch(self, num: int, key: Array) -> Batch:
        """Fresh noised data."""
        readout = self.score.readout
        return draw_batch(self.dataset, self.sde, num, T_MIN, readout, key=key)

    def with_parameters(self, params: Any) -> NetworkScore:
        """The score with other weights."""
        network = with_parameters(self.score.network, params)
        return eqx.tree_at(lambda s: s.network, self.score, network)


def key_of(draw: Draw, number: int = 0) -> Array:
    """The key of one set of draws."""
    return jr.fold_in(jr.key(draw), number)


def untrained_f1(seed: int = 0) -> Fixture:
    """F1 before training."""
    sde = VPSDE(0.1, 20.0)
    config = NetworkConfig(widths=(64, 64), prediction="noise", output_factor=1.0)
    key, frequency_key = key_of(Draw.WEIGHTS, seed), key_of(Draw.FREQUENCIES)
    score = untrained(2, config, sde, key=key, frequency_key=frequency_key)
    return Fixture(score, sde, Ring())


def starting_weights(num_seeds: int, first: int = 0) -> Any:
    """Weights before training, stacked over seeds."""
    each = [
        parameters(untrained_f1(first + seed).score.network)
        for seed in range(num_seeds)
    ]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *each)


def loss(score: NetworkScore | QuantisedScore, batch: Batch) -> Float[Array, ""]:
    """The denoising loss; formats see the whole batch at once."""
    if isinstance(score, NetworkScore):
        return denoising_loss(score, batch)
    found = batch.scale[None] * score(batch.t, batch.x)
    return jnp.mean((found - batch.target) ** 2)


def falling(rate: Any, steps: int) -> Callable[[Any], Any]:
    """`rate`, which a cosine lowers to 1 %; it may be traced."""
    shape = optax.cosine_decay_schedule(1.0, steps, FINAL_RATE)
    return lambda count: rate * shape(count)


def train(
    fixture: Fixture,
    params: Any,
    build: Callable[[Any], NetworkScore | QuantisedScore],
    optimiser: optax.GradientTransformation,
    steps: int,
    batch: int,
    key: Array,
) -> Any:
    """Weights after so many steps on fresh batches."""

    def step(carry, key):
        params, state = carry
        batch_ = fixture.batch(batch, key)
        grads = jax.grad(lambda p: loss(build(p), batch_))(params)
        # optax mixes float arrays with its integer counter.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimiser.update(grads, state, params)
        return (optax.apply_updates(params, updates), state), None

    begin = params, optimiser.init(params)
    (params, _), _ = jax.lax.scan(step, begin, jr.split(key, steps))
    return params


@eqx.filter_jit
def trained_f1(
    fixture: Fixture, params: Any, steps: int, keys: Array, rate: Any = 3e-3
) -> Any:
    """F1 by Adam in single precision, one for each start and key."""
    optimiser = optax.adam(falling(rate, steps))

    def one(pair):
        start, key = pair
        return train(
            fixture, start, fixture.with_parameters, optimiser, steps, BATCH, key
        )

    return jax.lax.map(one, (params, keys), batch_size=4)


def trained(steps: int) -> Fixture:
    """F1 after training."""
    fixture, params = untrained_f1(), starting_weights(1)
    after = trained_f1(fixture, params, steps, key_of(Draw.TRAINING)[None])
    score = fixture.with_parameters(jax.tree.map(lambda x: x[0], after))
    return eqx.tree_at(lambda f: f.score, fixture, score)


def in_one_format(
    score: NetworkScore, weights: AbstractFormat, hidden: AbstractFormat
) -> QuantisedScore:
    """`score` in these formats; its first layer has integers of 8 and 12 bits."""
    others = len(score.network.weights) - 1
    return QuantisedScore(
        score, (FIRST, *[weights] * others), (STATE, *[hidden] * others)
    )


def judged(
    fixture: Fixture,
    params: Any,
    build: Callable[[Any], QuantisedScore] | None,
) -> Float[Array, " seeds"]:
    """Losses on the data that judges, with ranges of the calibration set.

    Args:
        fixture: The process and the data.
        params: Weights, stacked over seeds.
        build: Makes the score in its formats; `None` judges the network as it is.
    """
    calibration = fixture.batch(NUM_CALIBRATION, key_of(Draw.CALIBRATION))
    judge = fixture.batch(NUM_JUDGE, key_of(Draw.JUDGE))

    def one(params: Any) -> Array:
        if build is None:
            return loss(fixture.with_parameters(params), judge)
        return loss(build(params).calibrated(calibration.t, calibration.x), judge)

    return jax.lax.map(one, params)
