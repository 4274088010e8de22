"""Delay along the lines of an array whose wires have a capacitance."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._linear import solve
from .._core._types import Conductances, Scalar
from ._tiles import Tiling
from ._wires import Wires


def line_delays(
    g: Conductances,
    wires: Wires,
    capacitance: Scalar,
    tiling: Tiling = Tiling(),
) -> Float[Array, " rows"]:
    r"""Mean delay from the driver of each row to the columns' currents, in seconds.

    With $Z_{kl}$ the resistance that the paths to places k and l of a line have in
    common, the place k of a word line has the voltage $v$ of
    $(1 + Z \mathrm{diag}(g)) v = 1 - s c Z v$, and its delay is the first moment of its
    step response (Elmore). Cells in proportion to their currents share the mean of it.
    Without loads it is $R_d n c + r c (n + 1) (2 n + 1) / 6$, a third of R C of a long
    line; the far end has half of R C. By reciprocity a bit line delays a cell's current
    as much as it would delay a voltage on its way to the cell: the mean over all cells
    is added. The other ends of a line's cells are taken as at 0 V.

    Args:
        g: Conductances of the cells, in siemens.
        wires: Resistances, and the ends that are driven and sensed.
        capacitance: c, that of a line from cell to cell to ground, in farads.
        tiling: Tiles, each with its own wires.
    """
    rows, cols = g.shape
    is_left = jnp.asarray(wires.is_driven_at_column_0(rows))[:, None]
    is_top = jnp.asarray(wires.is_sensed_at_row_0(cols))[None]
    word = jnp.where(is_left, g, g[:, ::-1])
    bit = jnp.where(is_top, g, g[::-1]).T
    word_parts = [
        _moments(word[:, part], wires.driver, wires.word_line, capacitance)
        for part in tiling.col_slices(cols)
    ]
    bit_parts = [
        _moments(bit[:, part], wires.sense, wires.bit_line, capacitance)
        for part in tiling.row_slices(rows)
    ]
    first, total = (sum(x[1:], x[0]) for x in zip(*word_parts, strict=True))
    late, all = (sum(x[1:], x[0]) for x in zip(*bit_parts, strict=True))
    return first / total + jnp.sum(late) / jnp.sum(all)


def _moments(
    g: Float[Array, "lines places"], end: Scalar, segment: Scalar, c: Scalar
) -> tuple[Float[Array, " lines"], Float[Array, " lines"]]:
    """Of the cells' current of each line: its delay times itself, and itself."""
    place = jnp.arange(1, g.shape[1] + 1, dtype=g.dtype)
    z = end + segment * jnp.minimum(place[:, None], place[None])

    def one(g):
        a = jnp.eye(g.size, dtype=g.dtype) + z * g[None]
        v = solve(a, jnp.ones_like(g))
        return g @ solve(a, c * (z @ v)), g @ v

    return jax.vmap(one)(g)
