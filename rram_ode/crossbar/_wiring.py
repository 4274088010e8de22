"""What a folded array is made of, for circuits whose virtual grounds move."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._types import Conductances
from ._tiles import Tiling
from ._wires import Wires


class Wiring(eqx.Module):
    r"""Cells and wires behind the effective conductances of a `Crossbar`.

    Args:
        g_pos: Cells that add, in siemens, as programmed.
        g_neg: Cells or references that subtract, in siemens.
        wires: Of both arrays, each its own.
        tiling: Largest array with wires of its own.
        input: $Y_\text{in}$ of both arrays between the rows' drivers, in siemens.
        output: $Y_\text{out}$ of both between the summing nodes, in siemens.
    """

    g_pos: Conductances
    g_neg: Conductances
    wires: Wires
    tiling: Tiling
    input: Float[Array, "rows rows"]
    output: Float[Array, "cols cols"]
