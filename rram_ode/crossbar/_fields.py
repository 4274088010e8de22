"""The voltage over every cell of an array with wires."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._types import Conductances
from ._elimination import eliminate, Elimination
from ._wires import Wires


def cell_voltages(g: Conductances, wires: Wires) -> Float[Array, "rows cols ports"]:
    r"""Word line minus bit line at every cell, for one volt at each end in turn.

    The ports are the rows' drivers, then the columns' sensed ends. Row voltages v make
    the cell voltages `u[..., :rows] @ v`. With the sensed ends at 0 V,
    $\partial M_{ij} / \partial g_{kl} = -u_{kl,i} u_{kl,\text{rows}+j}$: the adjoint of
    a column's current is the array driven at that column.

    It keeps rows x cols x (rows + cols) numbers: 34 MB for 128 x 128 in float64.
    """
    return voltages_of(eliminate(g, wires, with_sense=True))


def voltages_of(elimination: Elimination) -> Float[Array, "rows cols ports"]:
    """Back through the columns of an array whose word lines are eliminated."""
    order, bit_lines = elimination.order, elimination.bit_lines
    cols, rows = bit_lines.g.shape
    left, ports, dtype = order.num_left, rows + cols, bit_lines.g.dtype
    sources = jnp.eye(ports, dtype=dtype)[left:]
    ends = sources[order.num_right :]

    def walk(state, inputs):
        line, (solved, node), end, r = inputs
        v, i = state[:left], state[left:]
        v = v - r * (solved @ jnp.concatenate([state, sources]))
        nodes = node @ jnp.concatenate([v, i, sources])
        w = jnp.concatenate([v, nodes])[order.back]
        line_v = line.impedances() @ (line.g[:, None] * w)
        u = w - line_v - line.gain[:, None] * end[None]
        taken = (line.g[:, None] * u)[order.rows[left:]]
        return jnp.concatenate([v, i - taken]), u

    start = jnp.eye(rows, ports, dtype=dtype).at[left:].set(0.0)
    columns = (bit_lines, elimination.columns, ends, elimination.resistances)
    u = jnp.moveaxis(jax.lax.scan(walk, start, columns)[1], 0, 1)
    return jnp.concatenate([u[..., order.back], u[..., rows:]], axis=-1)
