"""A product with conductances that each sample has for its own."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._types import CellValues, Currents, DrivenVoltages


LARGEST_BLOCK = 8  # rows that one pass over the columns adds


def product_of_samples(
    g: CellValues, v: DrivenVoltages, start: Float[Array, "..."]
) -> Currents:
    r"""$\sum_i g_{ij} v_i$ of each sample, plus `start`, in one pass over `g`.

    A block of rows is one fused kernel, which reads each conductance once; XLA's own
    reduction and batched product are slower. The loop over two blocks or more keeps the
    voltages apart from what made them: without it XLA would compute them again in each
    row.

    Args:
        g: Conductances of each sample, `(rows, cols, *samples)`, in siemens.
        v: Voltages of the rows, `(rows, *samples)`, in volts.
        start: Currents to begin with, which broadcast to `(cols, *samples)`.
    """
    rows = v.shape[0]
    block = max(min(LARGEST_BLOCK, rows // 2), 1)
    turns = rows // block

    def add(i: Currents, first: int | Array, num: int) -> Currents:
        for row in range(num):
            i = i + v[first + row][None] * g[first + row]
        return i

    i = add(start, turns * block, rows - turns * block)
    i = jnp.broadcast_to(i, g.shape[1:])
    return jax.lax.fori_loop(0, turns, lambda n, i: add(i, n * block, block), i)
