"""The cells of one layer as an array: with its noise, and folded with its wires."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._arrays import root
from .._core._types import Cells, Conductances, Key, Scalar
from ..crossbar import Crossbar, fold_tiles, FoldedArray, Wires, Wiring
from ..devices import LinearIV
from ..noise import AbstractReadNoise, TelegraphReadNoise, Traps, WhiteReadNoise
from ._design import Design


Slopes = Float[Array, "2 rows cols"]


class LayerArray(eqx.Module):
    """A layer in hardware.

    Args:
        crossbar: Its array.
        traps: Of its pairs on one axis; `None` without telegraph noise.
        share: Of an array's current, what its wires leave.
    """

    crossbar: Crossbar
    traps: Traps | None
    share: Scalar


def make_array(
    cells: list[Cells],
    g_neg: Conductances,
    design: Design,
    v_bias: Scalar,
    *,
    key: Key,
) -> LayerArray:
    """An array from what was written.

    Args:
        cells: The cells that add and, in a differential pair, those that subtract.
        g_neg: What subtracts, in siemens: the sum of its cells, or a reference.
        design: Of the chip.
        v_bias: Of the constant row, in volts.
        key: Of traps.
    """
    read, iv = design.cell.read, design.cell.iv
    crossbar = Crossbar(
        jnp.sum(cells[0], axis=0),
        g_neg,
        v_bias,
        _spread(read.white, cells),
        _spread(read.flicker, cells),
        read.thermal,
        iv=iv,
        iv_neg=iv if len(cells) == 2 else LinearIV(),
    )
    slopes, share = None, jnp.ones(())
    if design.wires is not None:
        crossbar, share, slopes = _with_wires(crossbar, design.wires, cells, design)
    traps = None
    if read.telegraph is not None:
        traps = _traps(read.telegraph, cells, slopes, key=key)
    return LayerArray(crossbar, traps, share)


def _with_wires(
    crossbar: Crossbar, wires: Wires, cells: list[Cells], design: Design
) -> tuple[Crossbar, Scalar, Slopes]:
    """`crossbar` folded, the share of current that is left, and the cells' slopes."""
    read = design.cell.read
    both: FoldedArray = jax.vmap(fold_tiles, in_axes=(0, None, None))(
        jnp.stack([crossbar.g_pos, crossbar.g_neg]), wires, design.tiling
    )
    white, gain = _spread(read.white, cells, both.slope), None
    if crossbar.white_std.shape[1] == 1:
        white, gain = _separate(white)
    folded = eqx.tree_at(
        lambda c: (
            c.g_pos,
            c.g_neg,
            c.white_std,
            c.flicker_std,
            c.wiring,
            c.white_gain,
        ),
        crossbar,
        (
            *both.g,
            white,
            _spread(read.flicker, cells, both.slope),
            Wiring(
                crossbar.g_pos,
                crossbar.g_neg,
                wires,
                design.tiling,
                both.input[0] + both.input[1],
                both.output[0] + both.output[1],
            ),
            gain,
        ),
        is_leaf=lambda x: x is None,
    )
    return folded, jnp.min(both.fraction), both.slope


def _separate(
    std: Conductances,
) -> tuple[Float[Array, "rows 1"], Float[Array, " cols"]]:
    r"""$\sigma_{ij} \approx r_i c_j$: a read then needs no second product.

    The spread of every column is exact for rows of equal voltage; wires take from a
    cell's current by its place along both lines, which is nearly such a product.
    """
    rows, cols = (jnp.mean(std**2, axis=k, keepdims=True) for k in (1, 0))
    return root(rows), root(cols / jnp.mean(rows))[0]


def _spread(
    noise: AbstractReadNoise | None, cells: list[Cells], slopes: Slopes | None = None
) -> Float[Array, "rows _"]:
    """Spread of the sum of all cells of a weight, in siemens, `(rows, cols or 1)`.

    Args:
        noise: The law.
        cells: Those that add, and those that subtract.
        slopes: Of both arrays, how much of it their wires let pass.
    """
    if noise is None:
        return jnp.zeros_like(cells[0][0])
    if slopes is None and isinstance(noise, WhiteReadNoise) and noise.std_rel is None:
        # The same in all cells, so one column of it serves all columns.
        cells = [g[..., :1] for g in cells]
    spreads = [noise.spread(g) for g in cells]
    if slopes is not None:
        spreads = [s * passed[None] for s, passed in zip(spreads, slopes, strict=False)]
    if len(spreads) == 1 and spreads[0].shape[0] == 1:
        return spreads[0][0]
    variances = [jnp.sum(s**2, axis=0) for s in spreads]
    return root(sum(variances[1:], variances[0]))


def _traps(
    noise: TelegraphReadNoise,
    cells: list[Cells],
    slopes: Slopes | None,
    *,
    key: Key,
) -> Traps:
    """Of all cells of each weight, `(traps, weights)`; those of `cells[1]` subtract."""
    found = []
    for half, g in enumerate(cells):
        passed = 1.0 if slopes is None else slopes[half].reshape(1, -1)
        sign = 1.0 if half == 0 else -1.0
        own = jr.fold_in(key, half)
        for number, one in enumerate(g):
            traps = noise.traps(one.reshape(-1), key=jr.fold_in(own, number))
            found.append((sign * passed * traps.jump, traps.high, traps.low))
    return Traps(*map(jnp.concatenate, zip(*found, strict=True)))
