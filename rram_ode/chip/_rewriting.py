"""When a chip is rewritten: every so many samples, or when a monitor has moved."""

import functools
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float

from .._core._streams import ChipStream
from .._core._types import Key
from ..devices import Cell
from ._ageing import aged_cell, Ageing, Cycle, CycleOf


TEN_YEARS = 10 * 365.25 * 86400.0  # seconds


MONITOR_CELLS = 64  # of the column whose mean tells when to rewrite; assumed


NUM_TYPICAL = 4  # cycles whose mean stands for all of a monitored chip


def find_cycles(ageing: Ageing, cell: Cell, key: Key) -> CycleOf:
    """The cycle of each sample of the chip with this identity.

    A monitor column is looked at as each block of age begins.

    Args:
        ageing: How chips of the kind age.
        cell: The resistive cell.
        key: The chip's identity.
    """
    if (every := ageing.every) is not None:
        return lambda sample: _even(sample // every, every)
    if ageing.monitor is None:
        return lambda sample: Cycle(0, 0, None)
    begun = [0]

    @functools.cache
    def length(number: int) -> int | None:
        return _monitored_length(ageing, cell, number, key)

    def cycle_of(sample: int) -> Cycle:
        while begun[-1] <= sample:
            num = length(len(begun) - 1)
            if num is None:
                return Cycle(len(begun) - 1, begun[-1], None)
            begun.append(begun[-1] + num)
        number = int(np.searchsorted(begun, sample, side="right")) - 1
        return Cycle(number, begun[number], begun[number + 1])

    return cycle_of


def typical_cycle(ageing: Ageing, cell: Cell, key: Key) -> float | None:
    """Mean number of samples of a cycle after a rewriting; `None` for no rewriting."""
    if ageing.every is not None:
        return float(ageing.every)
    if ageing.monitor is None:
        return None
    found = [_monitored_length(ageing, cell, n + 1, key) for n in range(NUM_TYPICAL)]
    longest = TEN_YEARS / ageing.period
    return float(np.mean([longest if num is None else num for num in found]))


def _even(number: int, every: int) -> Cycle:
    return Cycle(number, number * every, (number + 1) * every)


def _monitored_length(ageing: Ageing, cell: Cell, cycle: int, key: Key) -> int | None:
    """Samples until the monitor has moved; `None` if it does not in ten years."""
    assert ageing.monitor is not None  # by the caller
    first_age, edges, j = ageing.first_age(cycle), [0], 1
    while first_age * math.exp((j - 0.5) * ageing.width) < TEN_YEARS:
        edges.append(ageing.edge(first_age, j))
        j += 1
    starts = np.unique(edges)
    ages = jnp.asarray(first_age + ageing.period * starts)
    moves = np.asarray(monitor_moves(cell, ageing, ages, cycle, key=key))
    passed = np.flatnonzero(moves > ageing.monitor)
    return int(starts[passed[0]]) if passed.size else None


def monitor_moves(
    cell: Cell, ageing: Ageing, ages: Float[Array, " ages"], cycle: int, *, key: Key
) -> Float[Array, " ages"]:
    """Relative change of the monitor column's mean since the first of `ages`.

    The column has `MONITOR_CELLS` cells in the middle of the range, written with the
    chip; nothing reads it but the monitor, so that no read disturbs it.

    Args:
        cell: The resistive cell.
        ageing: How chips of the kind age.
        ages: Seconds since the writing, rising.
        cycle: Number of times that the chip was rewritten.
        key: The chip's identity.
    """
    own = jr.fold_in(key, ChipStream.MONITOR)
    number = jnp.asarray(cycle, jnp.uint32)
    means = _column_means(cell, ageing.acceleration * ages, number, own)
    return jnp.abs(means / means[0] - 1)


@eqx.filter_jit
def _column_means(
    cell: Cell, ages: Float[Array, " ages"], cycle: Array, key: Key
) -> Float[Array, " ages"]:
    middle = (cell.range.g_min + cell.range.g_max) / 2
    target = jnp.full((max(cell.numbers_of_cells), MONITOR_CELLS), middle)
    cell = eqx.tree_at(lambda c: c.cycle, cell, cell.cycle + cycle)

    def mean(age):
        aged = aged_cell(cell, age.astype(middle.dtype))
        return jnp.mean(aged.program(target, key=key))

    return jax.vmap(mean)(ages)
