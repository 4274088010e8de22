"""What bent cells draw beyond linear ones, seen through the wires of their array."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.tree_util as jtu
from jaxtyping import Array, Float

from .._core._types import ColumnVoltages, Conductances, Currents, Voltages
from ..devices import AbstractIV
from ._nonlinear import Lines
from ._wires import Wires


ROUNDS = 2


# Cells. A read of 32 x 31 takes 40 us on one core, one of 65 x 64 would take 190 us.
LARGEST_ARRAY = 1024


def excess_currents(
    g: Conductances,
    iv: AbstractIV,
    wires: Wires,
    fields: Float[Array, "rows cols ports"],
    v: Voltages,
    v_m: ColumnVoltages | None = None,
) -> Currents:
    r"""Currents of columns beyond those of the folded linear array, in amperes.

    A cell is the conductance g beside a source of $e = I(g, u) - g u$. With $U$ the
    cells' voltages for one volt at each end, the linear array gives $u = U v$, and by
    reciprocity the column j gets $-\sum_{kl} U_{kl,j} e_{kl}$, both exactly. The
    sources' own effect on u is $-(1 + R G)^{-1} R e$, with R the resistances that paths
    have in common: $-R e$ is taken, `ROUNDS` times. What is left out is, relative to
    the current, of the order of the square of the bend $I' / g - 1$ times the square
    of the drop $R G$.

    Args:
        g: Conductances of the cells at 0 V, `(rows, cols)`, in siemens.
        iv: The law; its arrays with two axes belong to single cells.
        wires: Resistances, and the ends that are driven and sensed.
        fields: U, from `cell_voltages`: the drivers, then the sensed ends.
        v: Voltages of the drivers, `(rows, *samples)`, in volts.
        v_m: What the sensed ends add to the voltage of a cell without wires,
            `(cols, *samples)`, in volts; `None` for 0 V.
    """
    rows, cols = g.shape
    flat = v.reshape(rows, -1)
    linear = jnp.tensordot(fields[..., :rows], flat, axes=1)
    if v_m is not None:
        ends = v_m.reshape(cols, -1)
        linear = linear - jnp.tensordot(fields[..., rows:], ends, axes=1)
    is_cells = lambda leaf: eqx.is_array(leaf) and leaf.ndim == 2
    law = jtu.tree_map(lambda x: x[..., None] if is_cells(x) else x, iv)
    lines = Lines.of(wires, rows, cols)
    drop = jax.vmap(lines.drop, in_axes=-1, out_axes=-1)
    beyond = lambda u: law.current(g[..., None], u) - g[..., None] * u
    e = beyond(linear)
    for _ in range(ROUNDS):
        e = beyond(linear - drop(e))
    i = -jnp.tensordot(fields[..., rows:], e, axes=((0, 1), (0, 1)))
    return i.reshape(cols, *v.shape[1:])
