"""The cells and wires of a folded array, for circuits whose virtual grounds move."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._types import Conductances
from ._tiles import Tiling
from ._wires import Wires


class Wiring(eqx.Module):
    r"""Cells and wires behind the effective conductances of a `Crossbar`.

    Args:
        g_pos: Conductances of the cells that add, as programmed, in siemens.
        g_neg: Conductances of the cells or references that subtract, in siemens.
        wires: Wires of each of the two arrays.
        tiling: Sizes of the tiles, each with its own wires.
        input: $Y_\text{in}$ of both arrays between the rows' drivers, in siemens.
        output: $Y_\text{out}$ of both arrays between the summing nodes, in siemens.
        fields: Voltages of the cells of both arrays, as `cell_voltages` gives them,
            where cells are not linear; else `None`.
    """

    g_pos: Conductances
    g_neg: Conductances
    wires: Wires
    tiling: Tiling
    input: Float[Array, "rows rows"]
    output: Float[Array, "cols cols"]
    fields: tuple[Float[Array, "rows cols _"], ...] | None = None
