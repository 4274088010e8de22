"""Samples of many chips, spread over devices."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int32, Integer

from .._core._types import Key
from ..chip import Chip, chip_at, num_chips
from ..sdes import Prior
from ._base import AbstractLoop
from ._devices import Device, Devices
from ._draw import chunk_size, solve_chunk


def draw_population(
    loop: AbstractLoop,
    chips: Chip,
    num_samples: int,
    *,
    key: Key,
    prior: Prior = Prior(),
    devices: Devices | None = None,
) -> Float[Array, "chips dim samples"]:
    """`num_samples` samples of each chip, all chips from the same starts.

    Chip n's are those of `draw` on it, to rounding, and the same bits on any number of
    devices and processes. A device takes its chips one after the other, so that the
    noise of one chip at a time is in its memory. With `chip_yield` of a distance of
    each to the data: the yield. All samples meet cells of one age, also on chips that
    `System.sample` would age.

    Args:
        loop: The circuit around each chip.
        chips: A batch, as `Blueprint.program_many` makes it.
        num_samples: How many of each.
        key: Seeds the starts and the injected noise.
        prior: The law of the starts.
        devices: Devices that share the chips; `None` takes all that JAX shows.

    Returns:
        Dimensionless, `(chips, dim, samples)`.

    Raises:
        ValueError: If a multiplier factor of a chip passes its full scale, or
            `num_samples` is less than 1, or `chips` is no batch or an empty one. Each
            process checks the chips of its own devices.

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
    if not (num := num_chips(chips)):
        found = "one chip" if num is None else "none"
        raise ValueError(f"`chips` must be a batch of one chip or more; got {found}.")
    devices = Devices.all() if devices is None else devices
    for number in (n for place in devices.mine for n in devices.run(place, num)):
        loop.check(chip_at(chips, number))
    chunk = chunk_size(loop, chip_at(chips, 0), num_samples)
    arrays, form = eqx.partition(chips, eqx.is_array)
    firsts = jnp.arange(0, num_samples, chunk, dtype=jnp.uint32)
    common, rest = eqx.partition((loop.padded(), key, prior, firsts), eqx.is_array)

    def work(run: range, device: Device) -> Float[Array, "share chunks dim chunk"]:
        # Where a run is short, copies of the last chip fill it; none of them is solved.
        which = np.minimum(run.start + np.arange(devices.share(num)), num - 1)
        own = jax.tree.map(lambda leaf: leaf[which], arrays)
        own, shared, count = jax.device_put((own, common, np.int32(len(run))), device)
        return _solve(own, form, shared, rest, count, chunk)

    x0 = jnp.moveaxis(devices.map(work, num), 1, 2)
    return x0.reshape(*x0.shape[:2], -1)[:, :, :num_samples]


@eqx.filter_jit
def _solve(
    arrays: Chip,
    form: Chip,
    common: tuple,
    rest: tuple,
    count: Int32[Array, ""],
    chunk: int,
) -> Float[Array, "share chunks dim chunk"]:
    """Samples of the first `count` chips of a device, one chip after the other.

    Neither the number of turns nor, behind the barrier, that of the chips is known to
    the program, which would round in another way for each number.
    """
    loop, key, prior, firsts = eqx.combine(common, rest)

    def draw(number: Integer[Array, ""]) -> Float[Array, "chunks dim chunk"]:
        own = jax.tree.map(lambda leaf: leaf[number], arrays)
        chip = eqx.combine(jax.lax.optimization_barrier(own), form)
        solve = lambda first: solve_chunk(loop, chip, key, prior, first, chunk, 0).x0
        return jax.lax.map(solve, firsts)

    one = jax.eval_shape(draw, count)
    share = jax.tree.leaves(arrays)[0].shape[0]
    return jax.lax.fori_loop(
        0,
        count,
        lambda number, found: found.at[number].set(draw(number)),
        jnp.zeros((share, *one.shape), one.dtype),
    )
