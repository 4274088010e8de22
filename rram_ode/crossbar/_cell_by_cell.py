"""Currents of an array whose cells' law is no sum of products."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.tree_util as jtu

from .._core._arrays import broadcast_columns
from .._core._types import ColumnVoltages, Conductances, Currents, Voltages
from ..devices import AbstractIV


def cell_by_cell(
    g: Conductances, iv: AbstractIV, u: Voltages, v_m: ColumnVoltages | None = None
) -> tuple[Currents, Voltages]:
    """Currents of columns and of rows, `(rows, *samples)`, in amperes, row by row.

    Args:
        g: Slopes at 0 V, `(rows, cols)`, in siemens.
        iv: The law; its arrays with two axes belong to single cells.
        u: Voltages of the rows, `(rows, *samples)`, in volts.
        v_m: Added to them in each column, `(cols, *samples)`; `None` for 0 V.
    """
    is_cells = lambda leaf: eqx.is_array(leaf) and leaf.ndim == 2
    of_cells, of_all = eqx.partition(iv, is_cells)

    def row(i, inputs):
        g, u, own = inputs
        wide = lambda x: broadcast_columns(x, i)
        law = eqx.combine(jtu.tree_map(wide, own), of_all)
        seen = u[None] if v_m is None else u[None] + v_m
        new = law.current(wide(g), seen)
        return i + new, jnp.sum(new, axis=0)

    start = jnp.zeros((g.shape[1], *u.shape[1:]), u.dtype)
    return jax.lax.scan(row, start, (g, u, of_cells))
