"""Many digital samples in bounded memory, from the same starts as a chip's."""

from collections.abc import Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._core._streams import RunStream
from .._core._types import Key, State, Times
from ..formats import FixedPoint
from ..loop import even_chunk, LARGEST_CHUNK
from ..scores import AbstractScore, LabelledScore
from ..sdes import AbstractProcess, Prior
from ._base import AbstractDigitalSampler


def draw_digital(
    sampler: AbstractDigitalSampler,
    process: AbstractProcess,
    score: AbstractScore,
    ts: Times,
    num_samples: int,
    *,
    key: Key,
    prior: Prior = Prior(),
    first: int = 0,
    store: FixedPoint | None = None,
) -> Iterator[Float[Array, "dim samples"]]:
    """The same samples from the same starts by a digital sampler, a chunk at a time.

    Args:
        sampler: The method.
        process: What it integrates.
        score: The digital score; its `dim` is that of the samples.
        ts: Diffusion times, falling.
        num_samples: How many.
        key: Key of starts; a stochastic sampler's key for sample i is
            `fold_in(fold_in(key, RunStream.SAMPLER), i)`.
        prior: The law of the starts, and the classes that are asked for.
        first: Number of the first sample.
        store: How the state is stored between two steps, such as the `state_format` of
            an `IntegerScore`; `None` keeps its bits.
    """
    sampler.check(process)
    chunk = even_chunk(num_samples, LARGEST_CHUNK)
    for done in range(0, num_samples, chunk):
        number = jnp.asarray(first + done, jnp.uint32)
        x0 = _sample_chunk(
            sampler, process, score, ts, key, prior, number, chunk, store
        )
        yield x0[:, : min(chunk, num_samples - done)]


@eqx.filter_jit
def _sample_chunk(
    sampler: AbstractDigitalSampler,
    process: AbstractProcess,
    score: AbstractScore,
    ts: Times,
    key: Key,
    prior: Prior,
    first: Integer[Array, ""],
    chunk: int,
    store: FixedPoint | None,
) -> State:
    x1 = prior.sample(key, first, chunk, score.dim)
    labels = prior.labels(key, first, chunk)
    score = score if labels is None else LabelledScore(score, labels)
    indices = first + jnp.arange(chunk, dtype=first.dtype)
    stream = jr.fold_in(key, RunStream.SAMPLER)
    keys = jax.vmap(lambda i: jr.fold_in(stream, i))(indices)
    return sampler(process, score, x1, ts, keys=keys, store=store)
