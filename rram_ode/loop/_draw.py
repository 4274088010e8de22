"""Many samples of a chip in bounded memory: chunks of one compiled program."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Int, Integer

from .._core._streams import RunStream
from .._core._types import Key, Scalar, State
from ..chip import AgeBlock, Chip
from ..sdes import Prior
from ._base import AbstractLoop, Trajectory
from ._circuit_paths import flicker_values


LARGEST_CHUNK, MANY = 8192, 16


PATH_BYTES, CACHE_BYTES = 2**26, 2**24  # in memory, and in the last-level cache


LEAST_CHUNK, OVERHEAD = 32, 128  # samples; the second is assumed


def draw(
    loop: AbstractLoop,
    chip: Chip,
    num_samples: int,
    *,
    key: Key,
    prior: Prior = Prior(),
    first: int = 0,
    skip: int = 0,
    num_observed: int = 0,
) -> Iterator[Trajectory]:
    """Solve `num_samples` samples on `chip`, a chunk at a time.

    Sample i starts from `prior`, as a function of (key, i), and runs at lab time
    i (duration + reset), whatever the size of a chunk.

    Args:
        loop: The circuit around the chip.
        chip: The hardware.
        num_samples: How many.
        key: Seeds the starts and the injected noise.
        prior: The law of the starts.
        first: Number of the first sample.
        skip: Samples to leave out at the beginning: whole chunks, done before.
        num_observed: Times at which nodes are looked at.

    Yields:
        One trajectory a chunk, cut to the samples that were asked for.

    Raises:
        ValueError: If a multiplier factor passes its full scale.
    """
    loop.check(chip)
    chunk, loop = chunk_size(loop, chip, num_samples), loop.padded()
    for done in range(skip, num_samples, chunk):
        number = jnp.asarray(first + done, jnp.uint32)
        seen = solve_chunk(loop, chip, key, prior, number, chunk, num_observed)
        yield seen.head(min(chunk, num_samples - done))


def draw_blocks(
    loop: AbstractLoop,
    blocks: Sequence[AgeBlock],
    chip_of: Callable[[AgeBlock], Chip],
    chunk: int,
    *,
    key: Key,
    prior: Prior = Prior(),
    num_observed: int = 0,
) -> Iterator[Trajectory]:
    """Solve the samples of `blocks`, each on its own chip, by one program.

    Args:
        loop: The circuit around the chips.
        blocks: Consecutive samples that meet the same cells.
        chip_of: The chip of a block; all have one structure.
        chunk: Number of samples of a chunk; what passes a block's end is thrown away.
        key: Seeds the starts and the injected noise.
        prior: The law of the starts.
        num_observed: Times at which nodes are looked at.

    Yields:
        One trajectory a chunk, cut to its block.

    Raises:
        ValueError: If a multiplier factor passes its full scale.
    """
    for place, block in enumerate(blocks):
        chip = chip_of(block)
        if place == 0:
            loop.check(chip)
            loop = loop.padded()
        for number in range(block.first, block.stop, chunk):
            first = jnp.asarray(number, jnp.uint32)
            seen = solve_chunk(loop, chip, key, prior, first, chunk, num_observed)
            yield seen.head(min(chunk, block.stop - number))


def chunk_of_blocks(loop: AbstractLoop, chip: Chip, sizes: Sequence[int]) -> int:
    """The chunk with which blocks of so many samples take the least work.

    All chunks are of one size, so that one program serves them. A chunk costs as much
    as `OVERHEAD` samples beside its own.
    """
    largest = chunk_size(loop, chip, sum(sizes))
    tried, found = max(largest, 1), []
    while tried >= min(LEAST_CHUNK, largest):
        work = sum(-(-size // tried) * (tried + OVERHEAD) for size in sizes)
        found.append((work, tried))
        tried //= 2
    return min(found)[1]


def chunk_size(loop: AbstractLoop, chip: Chip, num_samples: int) -> int:
    """Samples a chunk, so that noise paths take 16 MB, or 64 MB for a few samples."""
    arrays, plan = chip.arrays, loop.plan
    cols, cells = sum(c for _, c in arrays), sum(r * c for r, c in arrays)
    values = 0
    for sizes in (plan.white, plan.thermal):
        if isinstance(sizes, tuple):
            values += sizes[0] * cols
    if plan.flicker is not None:
        values += flicker_values(plan.flicker) * cells
    if plan.telegraph is not None and chip.traps is not None:
        values += plan.telegraph[0] * cells + 2 * chip.traps.jump.size
    if plan.injected is not None:
        values += plan.injected * chip.score.dim
    network = chip.crossbars
    if network is not None and network.num_classes and plan.waves is not None:
        values += plan.waves * (network.num_channels + 2)
    if plan.periods is not None:
        values += (2 + 2 * plan.periods) * chip.score.dim
    values += plan.circuit.values(cols, chip.score.dim) + (plan.late or 0)
    of_each = 4 * max(values, 1)
    largest = max(CACHE_BYTES // of_each, min(PATH_BYTES // of_each, OVERHEAD))
    return even_chunk(num_samples, min(max(largest, 32), LARGEST_CHUNK))


def even_chunk(num_samples: int, largest: int) -> int:
    """The smallest chunk that needs no more chunks than `largest` does.

    Where chunks are `MANY` or more, it is `largest` itself: runs of all such sizes then
    share a program, for at most one part in `MANY` of work that is thrown away.
    """
    if num_samples >= MANY * largest:
        return largest
    return -(-num_samples // -(-num_samples // largest))


@eqx.filter_jit
def solve_chunk(
    loop: AbstractLoop,
    chip: Chip,
    key: Key,
    prior: Prior,
    first: Integer[Array, ""],
    chunk: int,
    num_observed: int,
) -> Trajectory:
    r"""Samples `first`, `first + 1`, ... of `chip`, as many as `chunk`; see `draw`.

    Where converters have a `memory` $m$, sample k starts at $v + m (u - v)$, with $v$
    the volts of its own start and $u$ those of the end of sample k - 1 as the ADC read
    it. That sample is solved once more for it, from a start without memory and by a
    loop without noise of cells and circuits. So the result does not depend on the
    chunks; it is exact to the first order in $m$ but for $m$ times what that noise
    moves an end by. The chip is taken as at rest before sample 0.
    """
    asked = lambda first: with_labels(chip, prior.labels(key, first, chunk))
    noise = jr.fold_in(key, RunStream.INJECTED)
    memory = loop.converters.memory
    if memory is not None:
        before = jnp.maximum(first, 1) - 1
        both = prior.sample(key, before, chunk + 1, chip.score.dim)  # by one program
        starts = both[:, :-1]
        x1 = jax.lax.dynamic_slice_in_dim(both, first - before, chunk, axis=1)
        ends = loop.silenced().solve(asked(before), starts, key=noise, first=before).x0
        ends = jnp.where(first == 0, jnp.roll(ends, 1, axis=1), ends)
        kept = _kept(loop, chip, x1, ends, memory, first)
        kept = kept if chip.start is None else chip.start[:, None] + kept
        own = dataclasses.replace(asked(first), start=kept)
        return loop.solve(own, x1, key=noise, first=first, num_observed=num_observed)
    x1 = prior.sample(key, first, chunk, chip.score.dim)
    return loop.solve(
        asked(first), x1, key=noise, first=first, num_observed=num_observed
    )


def with_labels(chip: Chip, labels: Int[Array, "*samples"] | None) -> Chip:
    """`chip` whose DAC plays the classes `labels`, or as it is without them."""
    return chip if labels is None else chip.of_class(labels)


def _kept(
    loop: AbstractLoop,
    chip: Chip,
    x1: State,
    ends: State,
    memory: Scalar,
    first: Integer[Array, ""],
) -> State:
    """Volts of `ends`, those of the samples before, that are left in starts `x1`."""
    unit = chip.score.volts_in
    own = chip.precharged(loop.converters.play(x1, unit))
    has_before = first + jnp.arange(x1.shape[1], dtype=first.dtype) > 0
    return jnp.where(has_before[None], memory * (unit * ends - own), 0.0)
