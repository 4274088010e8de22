"""A matrix over several arrays of limited size."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.scipy as jsp
import jax.tree_util as jtu
from jaxtyping import Array

from .._core._types import Conductances, Currents, Voltages
from ._effective import fold, FoldedArray
from ._wires import Wires


class Tiling(eqx.Module):
    """Tiles of at most `rows` x `cols`; the last of each direction may be smaller.

    Each tile is an array of its own: it has its own wires, drivers and virtual grounds.

    Args:
        rows: Largest number of rows of a tile; `None` for no limit.
        cols: Largest number of columns; `None` for no limit.

    Raises:
        ValueError: If a number is below 1.
    """

    rows: int | None = eqx.field(static=True, default=None)
    cols: int | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        for name in ("rows", "cols"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(
                    f"`crossbar.tile_{name}` must be 1 or more, or None for one array; "
                    f"got {value}."
                )

    def row_slices(self, num: int) -> list[slice]:
        """Rows of each tile, for a matrix of `num` rows."""
        return _slices(num, self.rows)

    def col_slices(self, num: int) -> list[slice]:
        """Columns of each tile, for a matrix of `num` columns."""
        return _slices(num, self.cols)


def fold_tiles(g: Conductances, wires: Wires, tiling: Tiling = Tiling()) -> FoldedArray:
    r"""`fold` of each tile, put together.

    The currents of the tiles above each other are summed in analog: they meet at one
    virtual ground behind each tile's own sense resistance. Without limits on the tiles
    it is `fold`; with single cells a tile each keeps only the resistance of its own
    path, $1 / (1 / g + R)$.
    """
    rows, cols = tiling.row_slices(g.shape[0]), tiling.col_slices(g.shape[1])
    places = [(i, j) for i in rows for j in cols]
    shapes = sorted({g[place].shape for place in places})
    found: dict[tuple[int, int], FoldedArray] = {}
    for shape in shapes:
        same = [place for place in places if g[place].shape == shape]
        tiles = jnp.stack([g[place] for place in same])
        folded = jax.vmap(fold, in_axes=(0, None))(tiles, wires)
        for number, (i, j) in enumerate(same):
            one = jtu.tree_map(lambda x, n=number: x[n], folded)
            found[i.start, j.start] = one
    block = lambda name: jnp.block(
        [[getattr(found[i.start, j.start], name) for j in cols] for i in rows]
    )
    inputs = [_sum([found[i.start, j.start].input for j in cols]) for i in rows]
    outputs = [_sum([found[i.start, j.start].output for i in rows]) for j in cols]
    m = block("g")
    fraction = jnp.median(jnp.sum(m, axis=0) / jnp.sum(g, axis=0))
    input, output = jsp.linalg.block_diag(*inputs), jsp.linalg.block_diag(*outputs)
    return FoldedArray(m, block("slope"), input, output, fraction)


def tiled_currents(
    g: Conductances,
    v: Voltages,
    tiling: Tiling,
    convert: Callable[[Currents], Currents] | None = None,
) -> Currents:
    """Column currents whose parts are converted before they are summed.

    Args:
        g: Effective conductances of all tiles, such as `fold_tiles(...).g`.
        v: Of all rows, `(rows, *samples)`, in volts.
        tiling: Its rows are the parts.
        convert: Applied to the currents of each row of tiles, `(cols, *samples)`, such
            as an `ADC`; `None` sums in analog.
    """
    parts = [
        jnp.tensordot(g[rows].T, v[rows], axes=1)
        for rows in tiling.row_slices(g.shape[0])
    ]
    return _sum([part if convert is None else convert(part) for part in parts])


def _slices(num: int, largest: int | None) -> list[slice]:
    step = num if largest is None else largest
    return [slice(k, min(k + step, num)) for k in range(0, num, step)]


def _sum(xs: list[Array]) -> Array:
    return jnp.sum(jnp.stack(xs), axis=0)
