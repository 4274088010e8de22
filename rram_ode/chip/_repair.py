"""Stuck cells found by read-back, and what a test bench does about them."""

import dataclasses
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Bool, Float, Int

from .._core._arrays import scalar
from .._core._checks import positive
from .._core._compile import compiled_quickly
from .._core._linear import solve
from .._core._streams import BenchStream
from .._core._types import Cells, Conductances, Key, Scalar
from ..crossbar import AbstractMapping
from ._design import Design
from ._program import program_arrays, write_cells
from ._reads import Reads
from ._targets import Targets


RIDGE = 1e-6  # of the mean square voltage, so that silent rows stay harmless


ROUNDS = 3  # of fitting: a weight at the end of its range then stays there


Moment = Float[Array, "_ _"]


class Repair(eqx.Module):
    r"""How a chip with stuck cells is mended, once, after its first read-back.

    A cell whose error exceeds `threshold` counts as stuck. First, the other cell of its
    pair takes a new target, so that their difference is the weight's as far as the
    range goes. With `refits`, the other weights of the column take what is left: with
    $E$ the column's error in siemens and $M$ the second moment of the rows' voltages,
    they move by the $\delta$ that minimises $(E + \delta)^T M (E + \delta)$ within
    their range. Last, the worst columns of each layer move to `spares`, columns of the
    same rows with errors and stuck cells of their own, if they are better there.

    Args:
        threshold: Error of a cell at read-back above which it is stuck, in siemens.
        refits: Whether the other weights of a column are fitted again.
        spares: Number of spare columns of each layer.
    """

    threshold: Float[Array, ""] = eqx.field(converter=scalar)
    refits: bool = eqx.field(static=True, default=False)
    spares: int = eqx.field(static=True, default=0)

    def __check_init__(self):
        positive("trim.fault_threshold", self.threshold, "S")


class SpareColumns(NamedTuple):
    """Columns of a layer that lie on spare ones.

    Args:
        columns: Number of the column that each spare replaces.
        used: Whether it does.
        g: Targets of the spares' cells, those that add and that subtract, in siemens.
    """

    columns: Int[Array, " spares"]
    used: Bool[Array, " spares"]
    g: tuple[Float[Array, "rows spares"], Float[Array, "rows spares"]]


class Mended(NamedTuple):
    """The targets of a chip's second writing.

    Args:
        targets: Of all cells.
        spares: Of each layer's spare columns; empty without any.
        stuck: Number of cells that were found stuck.
        rewritten: Number of cells that are written again.
        before: Root mean square error of the worst column's output as first written,
            over the largest output that its weights can give.
        after: The same of the mended chip, before its cells are written again.
    """

    targets: Targets
    spares: tuple[SpareColumns, ...]
    stuck: Scalar
    rewritten: Scalar
    before: Scalar
    after: Scalar


class _Column(NamedTuple):
    g: tuple[Conductances, Conductances]
    first: Float[Array, " cols"]
    cost: Float[Array, " cols"]
    num: Scalar


@compiled_quickly
def mend(
    targets: Targets,
    design: Design,
    repair: Repair,
    moments: tuple[Moment, ...],
    *,
    key: Key,
    spare_key: Key,
    reads: Reads,
    read_key: Key,
) -> Mended:
    """What to write on a chip after the read-back of its first writing.

    Args:
        targets: What was written first.
        design: Of the chip as it is on the test bench.
        repair: What is done.
        moments: Second moments of each layer's row voltages, the constant row's last.
        key: Of the cells, as `write_cells` takes it.
        spare_key: Of the spare columns' cells.
        reads: How cells are read back.
        read_key: Of the noise of that.
    """
    back = lambda stream, cells: reads.of_cells(cells, key=jr.fold_in(read_key, stream))
    written = back(BenchStream.READ_BACK, write_cells(targets, design, key=key))
    mapping, layers = design.mapping, len(targets.g)
    found = [
        _mend(pair, written[number::layers], mapping, repair, moment)
        for number, (pair, moment) in enumerate(zip(targets.g, moments, strict=True))
    ]
    left, spares = [each.cost for each in found], []
    if repair.spares:
        worst = [jax.lax.top_k(cost, min(repair.spares, cost.size))[1] for cost in left]
        asked = [
            (pair[0][:, columns], pair[1][:, columns])
            for pair, columns in zip(targets.g, worst, strict=True)
        ]
        written_too = _write_spares(asked, design, key=spare_key)
        cells = back(BenchStream.SPARE_BACK, written_too)
        for number, columns in enumerate(worst):
            own = asked[number], cells[number::layers]
            other = _mend(*own, mapping, repair, moments[number])
            cost = left[number]
            used = other.cost < cost[columns]
            spares.append(SpareColumns(columns, used, other.g))
            least = jnp.where(used, other.cost, cost[columns])
            left[number] = cost.at[columns].set(least)
    changed, counts = [], design.cell.parallel_of(layers)
    for pair, each, parallel in zip(targets.g, found, counts, strict=True):
        moved = [jnp.sum(a != b) for a, b in zip(pair, each.g, strict=True)]
        changed.append(parallel * sum(moved[1:], moved[0]))
    total = lambda xs: jnp.sum(jnp.stack(xs)).astype(moments[0].dtype)
    largest = lambda xs: jnp.sqrt(jnp.max(jnp.stack([jnp.max(x) for x in xs])))
    return Mended(
        dataclasses.replace(targets, g=[each.g for each in found]),
        tuple(spares),
        total([each.num for each in found]),
        total(changed),
        largest([each.first for each in found]),
        largest(left),
    )


@compiled_quickly
def write_mended(
    targets: Targets, mended: Mended, design: Design, *, key: Key, spare_key: Key
) -> list[Cells]:
    """The cells of a mended chip, its spare columns in the places of those replaced.

    Args:
        targets: What was written first, which chose the rows' places.
        mended: What is written now.
        design: Of the chip at the time of asking, which may be aged.
        key: Of the cells, as `write_cells` takes it.
        spare_key: Of the spare columns' cells.
    """
    arrays = write_cells(mended.targets, design, key=key, placed=targets)
    layers = len(targets.g)
    if not mended.spares:
        return arrays
    cells = _write_spares([spare.g for spare in mended.spares], design, key=spare_key)
    for at, g in enumerate(cells):
        spare = mended.spares[at % layers]
        old = arrays[at][:, :, spare.columns]
        new = jnp.where(spare.used[None, None], g, old)
        arrays[at] = arrays[at].at[:, :, spare.columns].set(new)
    return arrays


def _write_spares(
    g: list[tuple[Float[Array, "_ _"], Float[Array, "_ _"]]],
    design: Design,
    *,
    key: Key,
) -> list[Cells]:
    """Cells of all layers' spare columns, those that add first, as `write_cells`."""
    mapping, cell = design.mapping, design.cell
    arrays = [pair[0] for pair in g]
    if mapping.has_negative_cells:
        arrays += [pair[1] for pair in g]
    return program_arrays(cell, arrays, len(g), key=key)


def _mend(
    pair: tuple[Conductances, Conductances],
    cells: list[Cells],
    mapping: AbstractMapping,
    repair: Repair,
    moment: Moment,
) -> _Column:
    """New targets of columns, and their errors as first written and as mended."""
    g_pos, g_neg = pair
    over, parallel = mapping.range, cells[0].shape[0]
    read = [jnp.sum(g, axis=0) for g in cells]
    wanted = parallel * (g_pos - g_neg)
    each = [
        jnp.abs(g - one[None]) > repair.threshold
        for g, one in zip(cells, pair, strict=False)
    ]
    off = [jnp.any(one, axis=0) for one in each]
    num = jnp.sum(jnp.stack(each))
    if mapping.has_negative_cells:
        stuck_pos, stuck_neg = off
        first = jnp.where(stuck_pos, read[0], parallel * g_pos) - jnp.where(
            stuck_neg, read[1], parallel * g_neg
        )
        # The cell that moves takes what the other one misses.
        for_neg = jnp.clip((read[0] - wanted) / parallel, over.g_min, over.g_max)
        for_pos = jnp.clip((read[1] + wanted) / parallel, over.g_min, over.g_max)
        new_pos = jnp.where(stuck_neg & ~stuck_pos, for_pos, g_pos)
        new_neg = jnp.where(stuck_pos & ~stuck_neg, for_neg, g_neg)
        net = jnp.where(stuck_pos, read[0], parallel * new_pos) - jnp.where(
            stuck_neg, read[1], parallel * new_neg
        )
        fixed = stuck_pos | stuck_neg
    else:
        new_pos, new_neg, fixed = g_pos, g_neg, off[0]
        first = net = jnp.where(fixed, read[0], parallel * g_pos) - parallel * g_neg
    scale = (parallel * mapping.full_scale) ** 2 * jnp.trace(moment)
    error = jnp.where(fixed, net - wanted, 0.0)
    before = _cost(jnp.where(fixed, first - wanted, 0.0), moment) / scale
    if repair.refits:
        full = parallel * mapping.full_scale
        error = _refit(error, wanted, fixed, full, moment)
        moved = ~fixed & (error != 0)
        ones = jnp.ones(wanted.shape[1], wanted.dtype)
        other = mapping.to_conductance((wanted + error) / parallel, ones)
        new_pos = jnp.where(moved, other[0], new_pos)
        new_neg = jnp.where(moved, other[1], new_neg)
    return _Column((new_pos, new_neg), before, _cost(error, moment) / scale, num)


def _cost(error: Conductances, moment: Moment) -> Float[Array, " cols"]:
    return jnp.maximum(jnp.einsum("ic,ij,jc->c", error, moment, error), 0.0)


def _refit(
    error: Conductances,
    wanted: Conductances,
    fixed: Bool[Array, "rows cols"],
    full: Scalar,
    moment: Moment,
) -> Conductances:
    """Errors of all weights of columns that are fitted around those that are fixed."""
    rows = moment.shape[0]
    unit = moment * (rows / jnp.trace(moment)) + RIDGE * jnp.eye(rows)

    def around(error: Array, free: Array) -> Array:
        mask = free.astype(unit.dtype)
        inner = mask[:, None] * unit * mask[None] + jnp.diag(1 - mask)
        moved = solve(inner, -mask * (unit @ (error * (1 - mask))))
        return jnp.where(free, moved, error)

    def fit(_: Any, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        error, fixed = carry
        found = jax.vmap(around, in_axes=1, out_axes=1)(error, ~fixed)
        net = jnp.clip(wanted + found, -full, full)
        # Unchanged columns keep their targets to the last bit.
        clipped = jnp.where(found == 0, 0.0, net - wanted)
        error = jnp.where(fixed, error, clipped)
        return error, fixed | (jnp.abs(wanted + found) > full)

    # A loop: unrolled, each round would be compiled again.
    return jax.lax.fori_loop(0, ROUNDS, fit, (error, fixed))[0]
