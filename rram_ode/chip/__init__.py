"""A network in hardware: design, programming, the chip, corrections, saved cells."""

from ._ageing import (
    AgeBlock as AgeBlock,
    Ageing as Ageing,
    CellState as CellState,
    Cycle as Cycle,
    CycleOf as CycleOf,
    Stress as Stress,
)
from ._base import (
    AbstractAnalogScore as AbstractAnalogScore,
    Node as Node,
    ScoreBlock as ScoreBlock,
)
from ._bench import (
    Bench as Bench,
    RCTrim as RCTrim,
    ScaleTrim as ScaleTrim,
    with_scales as with_scales,
)
from ._blueprint import Blueprint as Blueprint
from ._cell_files import (
    load_cells as load_cells,
    load_record as load_record,
    save_cells as save_cells,
)
from ._chip import Chip as Chip
from ._columns import (
    ColumnCodes as ColumnCodes,
    ColumnTrim as ColumnTrim,
    trim_columns as trim_columns,
    with_column_trim as with_column_trim,
)
from ._compensate import compensate as compensate
from ._crossbar_network import (
    AbstractChain as AbstractChain,
    AbstractCrossbarNetwork as AbstractCrossbarNetwork,
    Place as Place,
)
from ._design import Design as Design, Ranges as Ranges, STATIC as STATIC
from ._guided import GuidedNetwork as GuidedNetwork
from ._known_inputs import KnownInputs as KnownInputs
from ._layer import AnalogLayer as AnalogLayer
from ._multipliers import MultiplierTrim as MultiplierTrim
from ._network import AnalogNetwork as AnalogNetwork
from ._op_amps import integrator_loads as integrator_loads, OpAmps as OpAmps
from ._population import chip_at as chip_at, num_chips as num_chips
from ._process import (
    CORNERS as CORNERS,
    Die as Die,
    Process as Process,
    TemperatureLaw as TemperatureLaw,
)
from ._program import OnDie as OnDie
from ._reads import Reads as Reads
from ._remap import assign_rows as assign_rows
from ._repair import mend as mend, Mended as Mended, Repair as Repair
from ._rescale import rescale as rescale, row_factors as row_factors
from ._rewriting import (
    find_cycles as find_cycles,
    monitor_moves as monitor_moves,
    TEN_YEARS as TEN_YEARS,
    typical_cycle as typical_cycle,
)
from ._switched import array_of as array_of, SwitchedNetwork as SwitchedNetwork
from ._trim_record import TrimRecord as TrimRecord
from ._trims import (
    no_trims as no_trims,
    TrimmedNetwork as TrimmedNetwork,
    Trims as Trims,
)
from ._written import WrittenCells as WrittenCells
