"""Noised data: one minibatch of denoising score matching, or of flow matching."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._types import Key, State, Times
from ..datasets import AbstractDataset
from ..scores import AbstractReadout, ScoreReadout
from ..sdes import AbstractSDE


class Batch(eqx.Module):
    r"""Data $x_t = m(t) x_0 + \mathrm{std}(t) z$, each sample at its own time.

    Training lowers the mean square of `scale` times the prediction minus `target`.

    Args:
        t: Diffusion times, `(samples,)`.
        x: Noised data, `(dim, samples)`.
        scale: The readout's, `(samples,)`.
        target: The readout's, of the shape of `x`.
    """

    t: Times
    x: State
    scale: Times
    target: State


def draw_batch(
    dataset: AbstractDataset,
    sde: AbstractSDE,
    num_samples: int,
    t_min: float,
    readout: AbstractReadout = ScoreReadout(),
    *,
    key: Key,
) -> Batch:
    r"""Fresh data, fresh noise, and times spread evenly over [`t_min`, 1].

    Args:
        dataset: What to learn.
        sde: Its marginals are $m$ and std.
        num_samples: Of the batch.
        t_min: The smallest time.
        readout: What the network stands for: says what is regressed on.
        key: Of all three.
    """
    data_key, time_key, noise_key = jr.split(key, 3)
    data = dataset.sample(num_samples, key=data_key).T
    t = stratified_times(num_samples, t_min, key=time_key)
    noise = jr.normal(noise_key, data.shape, data.dtype)
    mean_factor, std = jax.vmap(sde.marginal)(t)
    x = mean_factor[None] * data + std[None] * noise
    scale = jax.vmap(lambda t: readout.scale(sde, t))(t)
    target = jax.vmap(lambda *one: readout.target(sde, *one), (0, 1, 1), 1)
    return Batch(t, x, scale, target(t, data, noise))


def stratified_times(num_samples: int, t_min: float, *, key: Key) -> Times:
    r"""$t_i = t_{min} + (1 - t_{min})((u + i / n) \bmod 1)$ with one $u \sim U[0, 1)$.

    Each time is uniform on [`t_min`, 1], and together they leave no gap: an average
    over a batch varies less than with independent times.

    Source: Kingma et al. 2021, arXiv 2107.00630, appendix I.1.
    """
    even = jnp.linspace(0.0, 1.0, num_samples, endpoint=False)
    return t_min + (1 - t_min) * ((jr.uniform(key) + even) % 1.0)


def assign(batch: Batch, num_parts: int) -> Batch:
    """`batch` with a leading axis of `num_parts` equal parts, each over all times.

    `num_parts` must divide the number of samples.
    """

    def split(leaf: Float[Array, "*features samples"]) -> Float[Array, "..."]:
        parts = leaf.reshape(*leaf.shape[:-1], -1, num_parts)
        return jnp.moveaxis(parts, -1, 0)

    return jax.tree.map(split, batch)
