"""Samples of many chips, spread over the devices that JAX shows."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Float, Integer

from .._core._types import Key
from ..chip import Chip, chip_at
from ..sdes import Prior
from ._base import AbstractLoop
from ._draw import chunk_size, solve_chunk


def draw_population(
    loop: AbstractLoop,
    chips: Chip,
    num_samples: int,
    *,
    key: Key,
    prior: Prior = Prior(),
) -> Float[Array, "chips dim samples"]:
    """`num_samples` samples of each chip, all chips from the same starts.

    Chip n's are those of `draw` on it, to rounding, on any number of devices. Each
    device takes an equal part of the chips, one after the other, so that the noise of
    one chip at a time is in its memory; the last chip fills up uneven shares. With
    `chip_yield` of a distance of each to the data: the yield. All samples meet cells of
    one age, also on chips that `System.sample` would age.

    Args:
        loop: The circuit around each chip.
        chips: A batch, as `Blueprint.program_many` makes it.
        num_samples: How many of each.
        key: Seeds the starts and the injected noise.
        prior: The law of the starts.

    Returns:
        Dimensionless, `(chips, dim, samples)`.

    Raises:
        ValueError: If a multiplier factor of a chip passes its full scale, or
            `num_samples` is less than 1.

    Example:
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-ideal")
        >>> chips, key = system.program_many(range(3)), jr.key(0)
        >>> rr.draw_population(
        ...     system.chip_loop, chips, 4, key=key, prior=system.prior
        ... ).shape
        (3, 2, 4)
    """
    if num_samples < 1:
        raise ValueError(f"`num_samples` must be 1 or more; got {num_samples}.")
    arrays, form = eqx.partition(chips, eqx.is_array)
    num = jax.tree.leaves(arrays)[0].shape[0]
    for number in range(num):
        loop.check(chip_at(chips, number))
    mesh = Mesh(np.array(jax.devices()), ("chips",))
    share = -(-num // mesh.size)
    which = np.minimum(np.arange(share * mesh.size), num - 1)
    filled = eqx.combine(jax.tree.map(lambda leaf: leaf[which], arrays), form)
    chunk = chunk_size(loop, chip_at(chips, 0), num_samples)
    firsts = jnp.arange(0, num_samples, chunk, dtype=jnp.uint32)
    x0 = _solve(loop.padded(), filled, key, prior, firsts, chunk, mesh)
    x0 = jnp.moveaxis(x0, 1, 2).reshape(*x0.shape[:1], x0.shape[2], -1)
    return x0[:num, :, :num_samples]


@eqx.filter_jit
def _solve(
    loop: AbstractLoop,
    chips: Chip,
    key: Key,
    prior: Prior,
    firsts: Integer[Array, " chunks"],
    chunk: int,
    mesh: Mesh,
) -> Float[Array, "chips chunks dim chunk"]:
    arrays, form = eqx.partition(chips, eqx.is_array)
    common, rest = eqx.partition((loop, key, prior, firsts), eqx.is_array)

    def share(arrays, common):
        loop, key, prior, firsts = eqx.combine(common, rest)

        def one(arrays):
            chip = eqx.combine(arrays, form)
            solve = lambda first: (
                solve_chunk(loop, chip, key, prior, first, chunk, 0).x0
            )
            return jax.lax.map(solve, firsts)

        return jax.lax.map(one, arrays)

    chip, whole = PartitionSpec(mesh.axis_names[0]), PartitionSpec()
    # The checker does not know the loops of diffrax; nothing is summed over devices.
    spread = jax.shard_map(
        share, mesh=mesh, in_specs=(chip, whole), out_specs=chip, check_vma=False
    )
    return spread(arrays, common)
