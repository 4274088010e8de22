"""The cells of one layer as an array: with its noise, and folded with its wires."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._arrays import root
from .._core._types import Cells, Conductances, Key, Scalar
from ..crossbar import (
    cell_voltages,
    Crossbar,
    fold_tiles,
    FoldedArray,
    LARGEST_ARRAY,
    Wiring,
)
from ..devices import AbstractIV, LinearIV
from ..noise import AbstractReadNoise, TelegraphReadNoise, Traps, WhiteReadNoise
from ._design import Design


# How much of a small change of each cell reaches its column, for each half.
Slopes = list[Float[Array, "_ rows cols"]]


class LayerArray(eqx.Module):
    """A layer in hardware.

    Args:
        crossbar: The array.
        traps: The traps of its pairs on one axis; `None` without telegraph noise.
        share: Fraction of the array's current that remains after the drop along its
            wires.
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
    access_key: Key,
) -> LayerArray:
    """An array from what was written.

    Args:
        cells: The cells that add and, in a differential pair, those that subtract.
        g_neg: What subtracts, in siemens: the sum of its cells, or a reference.
        design: The design of the chip.
        v_bias: Voltage of the constant row, in volts.
        key: Seeds the traps.
        access_key: Seeds the access transistors.
    """
    read, iv = design.cell.read, design.cell.iv
    laws, slopes, share = [iv, iv], None, jnp.ones(())
    if len(cells) == 1:
        laws[1] = LinearIV()
    if design.access is not None:
        series, laws, slopes = _with_access(cells, laws, design, key=access_key)
        g_pos = jnp.sum(series[0], axis=0)
        if len(cells) == 2:
            g_neg = jnp.sum(series[1], axis=0)
    else:
        g_pos = jnp.sum(cells[0], axis=0)
    crossbar = Crossbar(
        g_pos,
        g_neg,
        v_bias,
        _spread(read.white, cells, slopes),
        _spread(read.flicker, cells, slopes),
        read.thermal,
        iv=laws[0],
        iv_neg=laws[1],
    )
    if design.wires is not None:
        crossbar, share, slopes = _with_wires(crossbar, cells, design, slopes)
    traps = None
    if read.telegraph is not None:
        traps = _traps(read.telegraph, cells, slopes, key=key)
    return LayerArray(crossbar, traps, share)


def _with_access(
    cells: list[Cells], laws: list[AbstractIV], design: Design, *, key: Key
) -> tuple[list[Cells], list[AbstractIV], Slopes | None]:
    """Cells in series with their transistors, laws of both halves, cells' slopes.

    A small change of a cell's own conductance G changes that of both by $(g / G)^2$.
    """
    access, series, slopes = design.access, [], []
    assert access is not None  # by the caller
    laws = list(laws)
    for half, own in enumerate(cells):
        drawn = jr.fold_in(key, half)
        law = access.fabricate(design.cell.iv, own.shape, key=drawn)
        g = access.series(own, law, design.v_max)
        series.append(g)
        slopes.append((g / jnp.where(own > 0, own, 1.0)) ** 2)
        if not design.is_linear:
            laws[half] = jax.tree.map(
                lambda leaf, law=law: leaf[0] if leaf.ndim == 3 else leaf, law
            )
    return series, laws, None if access.verified else slopes


def _with_wires(
    crossbar: Crossbar, cells: list[Cells], design: Design, slopes: Slopes | None
) -> tuple[Crossbar, Scalar, Slopes]:
    """The folded array, the fraction of current that remains, the cells' slopes."""
    read, wires = design.cell.read, design.wires
    assert wires is not None  # by the caller
    both: FoldedArray = jax.vmap(fold_tiles, in_axes=(0, None, None))(
        jnp.stack([crossbar.g_pos, crossbar.g_neg]), wires, design.tiling
    )
    passed = [slope[None] for slope in both.slope]
    if slopes is not None:
        passed = [a * b for a, b in zip(passed, slopes, strict=False)]
    white, gain = _spread(read.white, cells, passed), None
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
            _spread(read.flicker, cells, passed),
            Wiring(
                crossbar.g_pos,
                crossbar.g_neg,
                wires,
                design.tiling,
                both.input[0] + both.input[1],
                both.output[0] + both.output[1],
                _fields(crossbar, design),
            ),
            gain,
        ),
        is_leaf=lambda x: x is None,
    )
    return folded, jnp.min(both.fraction), passed


def _fields(
    crossbar: Crossbar, design: Design
) -> tuple[Float[Array, "rows cols _"], ...] | None:
    """Voltages of all cells, where those are not linear.

    Raises:
        ValueError: If the array is too large for that.
    """
    if crossbar.is_linear:
        return None
    size, wires = crossbar.g_pos.size, design.wires
    assert wires is not None  # by the caller
    if size > LARGEST_ARRAY:
        raise ValueError(
            f"an array with wires and non-linear cells has {LARGEST_ARRAY} cells at "
            f"most; got {size}: set `cell.iv.law` to `linear` and "
            "`cell.access.saturates` to False, or `crossbar.wires.*` to 0."
        )
    return tuple(cell_voltages(g, wires) for g in (crossbar.g_pos, crossbar.g_neg))


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
        slopes: How much of the noise transistors and wires of both arrays let pass.
    """
    if noise is None:
        return jnp.zeros_like(cells[0][0])
    if slopes is None and isinstance(noise, WhiteReadNoise) and noise.std_rel is None:
        # The same in all cells, so one column of it serves all columns.
        cells = [g[..., :1] for g in cells]
    spreads = [noise.spread(g) for g in cells]
    if slopes is not None:
        spreads = [s * passed for s, passed in zip(spreads, slopes, strict=False)]
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
        sign = 1.0 if half == 0 else -1.0
        own = jr.fold_in(key, half)
        for number, one in enumerate(g):
            passed = 1.0
            if slopes is not None:
                passed = slopes[half][min(number, len(slopes[half]) - 1)].reshape(1, -1)
            traps = noise.traps(one.reshape(-1), key=jr.fold_in(own, number))
            found.append((sign * passed * traps.jump, traps.high, traps.low))
    return Traps(*map(jnp.concatenate, zip(*found, strict=True)))
