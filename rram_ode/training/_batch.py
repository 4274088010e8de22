"""Batches of noised data for denoising score matching or flow matching."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Int, Shaped

from .._core._streams import BatchStream
from .._core._types import Key, Points, State, Times
from ..datasets import AbstractDataset, AbstractLabelledDataset
from ..scores import AbstractReadout, NULL, ScoreReadout
from ..sdes import AbstractSDE


class Batch(eqx.Module):
    r"""Noised data $x_t = m(t) x_0 + \mathrm{std}(t) z$, each sample at its own time.

    Training lowers the mean square of `scale` times the prediction minus `target`.

    Args:
        t: Diffusion times, `(samples,)`.
        x: Noised data, `(dim, samples)`.
        scale: The readout's factor on predictions, `(samples,)`.
        target: The readout's target, of the shape of `x`.
        label: Classes, `(samples,)`, -1 where the label was dropped; `None` for a
            network that is unconditional.
    """

    t: Times
    x: State
    scale: Times
    target: State
    label: Int[Array, " samples"] | None = None


def draw_batch(
    dataset: AbstractDataset,
    sde: AbstractSDE,
    num_samples: int,
    t_min: float,
    readout: AbstractReadout = ScoreReadout(),
    *,
    dropout: float | None = None,
    key: Key,
) -> Batch:
    r"""A batch of fresh data and noise, at times spread evenly over [`t_min`, 1].

    Args:
        dataset: The data to learn.
        sde: The forward process, whose marginals give $m$ and std.
        num_samples: Number of samples in the batch.
        t_min: The smallest time.
        readout: The meaning of the network's output, which gives scale and target.
        dropout: Fraction of the labels that become the null label; `None` takes no
            labels.
        key: Key of data, times and noise.
    """
    data_key, time_key, noise_key = jr.split(key, 3)
    if dropout is None:
        points, label = dataset.sample(num_samples, key=data_key), None
    else:
        own = jr.fold_in(key, BatchStream.DROPPED)
        points, label = _labelled(dataset, num_samples, dropout, keys=(data_key, own))
    data = points.T
    t = stratified_times(num_samples, t_min, key=time_key)
    noise = jr.normal(noise_key, data.shape, data.dtype)
    mean_factor, std = jax.vmap(sde.marginal)(t)
    x = mean_factor[None] * data + std[None] * noise
    scale = jax.vmap(lambda t: readout.scale(sde, t))(t)
    target = jax.vmap(lambda *one: readout.target(sde, *one), (0, 1, 1), 1)
    return Batch(t, x, scale, target(t, data, noise), label)


def _labelled(
    dataset: AbstractDataset, num_samples: int, dropout: float, *, keys: tuple[Key, Key]
) -> tuple[Points, Int[Array, " samples"]]:
    """Fresh points with labels, of which a fraction is dropped."""
    if not isinstance(dataset, AbstractLabelledDataset):
        raise ValueError(
            f"a conditional network needs data with labels; {type(dataset).__name__} "
            "has none: set `network.classes` to 0."
        )
    points, label = dataset.sample_labelled(num_samples, key=keys[0])
    dropped = jr.uniform(keys[1], (num_samples,)) < dropout
    return points, jnp.where(dropped, NULL, label)


def stratified_times(num_samples: int, t_min: float, *, key: Key) -> Times:
    r"""$t_i = t_{min} + (1 - t_{min})((u + i / n) \bmod 1)$ with one $u \sim U[0, 1)$.

    Each time is uniform on [`t_min`, 1], and together they leave no gap, so that an
    average over a batch varies less than with independent times.

    Source: Kingma et al. 2021, arXiv 2107.00630, appendix I.1.
    """
    even = jnp.linspace(0.0, 1.0, num_samples, endpoint=False)
    return t_min + (1 - t_min) * ((jr.uniform(key) + even) % 1.0)


def assign(batch: Batch, num_parts: int) -> Batch:
    """`batch` with a leading axis of `num_parts` equal parts, each over all times.

    `num_parts` must divide the number of samples.
    """

    def split(leaf: Shaped[Array, "*features samples"]) -> Shaped[Array, "..."]:
        parts = leaf.reshape(*leaf.shape[:-1], -1, num_parts)
        return jnp.moveaxis(parts, -1, 0)

    return jax.tree.map(split, batch)
