"""Scores: the gradient of the log density, digital, exact, and on a chip."""

from ._analog import AnalogLayer as AnalogLayer, AnalogNetwork as AnalogNetwork
from ._analog_base import (
    AbstractAnalogScore as AbstractAnalogScore,
    Node as Node,
    ScoreBlock as ScoreBlock,
)
from ._base import AbstractScore as AbstractScore
from ._cell_files import (
    load_cells as load_cells,
    load_record as load_record,
    save_cells as save_cells,
)
from ._chip import Chip as Chip
from ._compensate import compensate as compensate
from ._design import Design as Design, Ranges as Ranges
from ._dynamic import (
    Circuit as Circuit,
    CircuitState as CircuitState,
)
from ._exact import GaussianScore as GaussianScore, MixtureScore as MixtureScore
from ._network import (
    for_width as for_width,
    fourier_mlp as fourier_mlp,
    FourierMLP as FourierMLP,
    NetworkScore as NetworkScore,
)
from ._population import chip_at as chip_at, program_many as program_many
from ._program import program as program, stuck as stuck, write as write
from ._readout import (
    AbstractReadout as AbstractReadout,
    AbstractScoreReadout as AbstractScoreReadout,
    NoiseReadout as NoiseReadout,
    ScoreReadout as ScoreReadout,
    VelocityReadout as VelocityReadout,
)
from ._remap import assign_rows as assign_rows
from ._rescale import rescale as rescale, row_factors as row_factors
from ._trimmed import (
    no_trims as no_trims,
    TrimmedNetwork as TrimmedNetwork,
    Trims as Trims,
)
from ._wire_up import Parasitics as Parasitics, wire_up as wire_up
from ._written import WrittenCells as WrittenCells
