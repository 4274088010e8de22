"""A product with conductances that each sample has for its own."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._arrays import broadcast_columns
from .._core._types import CellValues, Conductances, Currents, DrivenVoltages


LARGEST_BLOCK = 8  # rows that one pass over the columns adds


Row = Callable[[int | Array], Float[Array, "cols ..."]]


class HeldCells(eqx.Module):
    """Values of the cells of one array in one hold of a path.

    They stay in the path: a product that reads them row by row copies none.

    Args:
        values: The path's, `(holds, cells, *samples)`.
        hold: Number of the hold.
        first: Number of the array's first cell.
        shape: `(rows, cols)` of the array.
    """

    values: Float[Array, "holds cells ..."]
    hold: Integer[Array, ""]
    first: int = eqx.field(static=True)
    shape: tuple[int, int] = eqx.field(static=True)

    @classmethod
    def of(cls, values: CellValues) -> "HeldCells":
        """All of `values`, `(rows, cols, *samples)`."""
        rows, cols, *samples = values.shape
        one_hold = values.reshape(1, rows * cols, *samples)
        return cls(one_hold, jnp.zeros((), jnp.int32), 0, (rows, cols))

    @property
    def whole(self) -> CellValues:
        """All values, `(rows, cols, *samples)`."""
        rows, cols = self.shape
        now = jax.lax.dynamic_index_in_dim(self.values, self.hold, keepdims=False)
        mine = now[self.first : self.first + rows * cols]
        return mine.reshape(rows, cols, *mine.shape[1:])

    def row(self, number: int | Array) -> Float[Array, "cols ..."]:
        """The values of one row, `(cols, *samples)`."""
        cols = self.shape[1]
        samples = self.values.shape[2:]
        cell = self.first + jnp.asarray(number, jnp.int32) * cols
        at = (self.hold.astype(jnp.int32), cell, *(jnp.int32(0) for _ in samples))
        return jax.lax.dynamic_slice(self.values, at, (1, cols, *samples))[0]


@jax.custom_jvp
def product_of_held(
    g: Conductances, std: Conductances, unit: HeldCells, v: DrivenVoltages
) -> Currents:
    r"""$\sum_i (g_{ij} + \sigma_{ij} \xi_{ij}) v_i$ of each sample.

    Args:
        g: Conductances, `(rows, cols)`, in siemens.
        std: Spread of each, in siemens.
        unit: Fluctuations of each sample, of unit variance.
        v: Voltages of the rows, `(rows, *samples)`, in volts.
    """

    def row(n: int | Array) -> Float[Array, "cols ..."]:
        own = unit.row(n)
        return broadcast_columns(g[n], own) + broadcast_columns(std[n], own) * own

    return _sum_of_rows(row, v)


@product_of_held.defjvp
def _of_copied(primals: tuple, tangents: tuple):
    # In reverse each read of a part of a path would add to a gradient of all of it.
    def copied(g, std, unit, v):
        own = unit.whole[: g.shape[0]]  # the array may have more rows
        change = broadcast_columns(std, own, 2) * own
        return product_of_samples(broadcast_columns(g, change, 2) + change, v)

    return jax.jvp(copied, primals, tangents)


def product_of_samples(g: CellValues, v: DrivenVoltages) -> Currents:
    r"""$\sum_i g_{ij} v_i$ of each sample, in one pass over `g`.

    Args:
        g: Conductances of each sample, `(rows, cols, *samples)`, in siemens.
        v: Voltages of the rows, `(rows, *samples)`, in volts.
    """
    return _sum_of_rows(lambda n: g[n], v)


def _sum_of_rows(row: Row, v: DrivenVoltages) -> Currents:
    """The sum of `row(n)` times `v[n]`.

    A block of rows is one fused kernel, which reads each conductance once; XLA's own
    reduction and batched product are slower. The loop over two blocks or more keeps the
    voltages apart from what made them: without it XLA would compute them again in each
    row.
    """
    rows = v.shape[0]
    block = max(min(LARGEST_BLOCK, rows // 2), 1)
    turns = rows // block

    def add(i: Currents, first: int | Array, num: int) -> Currents:
        for n in range(num):
            i = i + v[first + n][None] * row(first + n)
        return i

    start = add(jnp.zeros_like(row(0)), turns * block, rows - turns * block)
    return jax.lax.fori_loop(0, turns, lambda n, i: add(i, n * block, block), start)
