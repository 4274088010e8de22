r"""Arrays of cells, and the mapping of weights to them.

Inputs are on rows, outputs on columns: `g[i, j]` joins row i to column j and
`i_col = g.T @ v_row`. A column's current into the summing node is positive where the
weight and the voltage have the same sign; the transimpedance amplifier's inversion is
undone by driving the positive cells with the inverted row voltage.
"""

from ._crossbar import CellNoise as CellNoise, Crossbar as Crossbar
from ._effective import (
    effective_conductance as effective_conductance,
    fold as fold,
    FoldedArray as FoldedArray,
    port_matrix as port_matrix,
    PortMatrix as PortMatrix,
)
from ._excess import (
    excess_currents as excess_currents,
    LARGEST_ARRAY as LARGEST_ARRAY,
)
from ._fields import cell_voltages as cell_voltages
from ._inverters import InverterErrors as InverterErrors
from ._line_delay import line_delays as line_delays
from ._low_rank import LowRank as LowRank
from ._mapping import (
    AbstractMapping as AbstractMapping,
    AbstractScale as AbstractScale,
    ColumnScale as ColumnScale,
    DifferentialPair as DifferentialPair,
    LayerScale as LayerScale,
    ReferenceColumn as ReferenceColumn,
)
from ._nonlinear import (
    NonlinearSolution as NonlinearSolution,
    solve_nonlinear as solve_nonlinear,
)
from ._own_conductances import HeldCells as HeldCells
from ._tiles import (
    fold_tiles as fold_tiles,
    tiled_currents as tiled_currents,
    Tiling as Tiling,
)
from ._wires import Wires as Wires
from ._wiring import Wiring as Wiring
