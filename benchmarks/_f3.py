"""F3: the shipped U-Nets of 8x8 digits, with starts and noised data that judge.

As many starts calibrate as judge, and of the same classes, so that one network serves
both. Noised data for calibration are held-out pictures, those that judge test pictures.
"""

import enum
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float
from rram_ode.datasets.pictures import digits
from rram_ode.samplers import Euler
from rram_ode.scores import AbstractScore, ScoreReadout, UNetScore
from rram_ode.sdes import ProbabilityFlow
from rram_ode.training import (
    Batch,
    shipped_picture_network,
    stratified_times,
)


NETWORKS = {"ReLU": "digits-unet-relu", "SiLU": "digits-unet"}
T_MIN, STEPS = 1e-3, 50
NUM_CLASSES = 10


class Draw(enum.IntEnum):
    """Keys of the draws: no two sets share numbers."""

    CALIBRATION = 0
    STARTS = 1
    HELD_OUT = 2
    TEST = 3


class Twin:
    """One of the two networks.

    Args:
        activation: `ReLU` or `SiLU`.
        num: Number of starts that calibrate, and of those that judge.
    """

    def __init__(self, activation: str, num: int):
        network = shipped_picture_network(NETWORKS[activation])
        self.name, plain = activation, network.score
        assert isinstance(plain, UNetScore)
        labels = jnp.arange(num) % NUM_CLASSES
        self.score = plain.of_class(labels)
        self.sde = plain.preconditioning.sde
        self.flow = ProbabilityFlow(self.sde)
        self.ts = jnp.linspace(1.0, T_MIN, STEPS + 1)
        draw = lambda key: jr.normal(jr.key(key), (plain.dim, num))
        self.calibration, self.starts = draw(Draw.CALIBRATION), draw(Draw.STARTS)
        self.held_out, labels = self._batch("held-out", Draw.HELD_OUT)
        self.for_held_out = plain.of_class(labels)
        self.test, labels = self._batch("test", Draw.TEST)
        self.for_test = plain.of_class(labels)
        self.plain = self.generate(self.score)

    def _batch(self, part: str, key: Draw) -> tuple[Batch, Array]:
        """Noised pictures at times spread evenly, and their labels."""
        states, labels = digits().part(part)
        time_key, noise_key, order = jr.split(jr.key(key), 3)
        rows = jr.permutation(order, len(states))
        data = states[rows].T
        t = stratified_times(rows.size, T_MIN, key=time_key)
        mean, std = jax.vmap(self.sde.marginal)(t)
        noise = jr.normal(noise_key, data.shape)
        x = mean[None] * data + std[None] * noise
        readout = ScoreReadout()
        scale = jax.vmap(lambda t: readout.scale(self.sde, t))(t)
        target = jax.vmap(lambda *one: readout.target(self.sde, *one), (0, 1, 1), 1)
        batch = Batch(t, x, scale, target(t, data, noise), labels[rows])
        return batch, labels[rows]

    def generate(self, score: AbstractScore) -> Float[Array, "dim samples"]:
        """Samples from the starts that judge."""
        return _euler(score, self.flow, self.starts, self.ts)

    def end_errors(self, x: Float[Array, "dim samples"]) -> dict[str, float]:
        """Distances of samples to those of the plain network, per pixel."""
        own = np.sqrt(np.mean(np.asarray(x - self.plain) ** 2, axis=0))
        return summary(own)

    def noise_error(self, score: AbstractScore) -> float:
        """Square error of the predicted noise over its square, on test pictures."""
        return float(_noise_error(score, self.score, self.test))


def summary(errors: np.ndarray) -> dict[str, float]:
    """Median, root mean square and 99 % quantile of errors of samples."""
    return {
        "median": float(np.median(errors)),
        "rms": float(np.sqrt(np.mean(errors**2))),
        "p99": float(np.quantile(errors, 0.99)),
    }


@eqx.filter_jit
def _euler(score: Any, flow: Any, x1: Any, ts: Any) -> Array:
    return Euler()(flow, score, x1, ts)


@eqx.filter_jit
def _noise_error(score: Any, plain: Any, batch: Batch) -> Array:
    """Relative square error of std times the score."""
    wanted = batch.scale[None] * plain(batch.t, batch.x, label=batch.label)
    found = batch.scale[None] * score(batch.t, batch.x, label=batch.label)
    return jnp.mean((found - wanted) ** 2) / jnp.mean(wanted**2)


def loss(score: AbstractScore, batch: Batch) -> Float[Array, ""]:
    """The denoising loss on a batch with labels."""
    found = batch.scale[None] * score(batch.t, batch.x, label=batch.label)
    return jnp.mean((found - batch.target) ** 2)
