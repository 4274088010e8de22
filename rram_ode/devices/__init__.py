"""The resistive cell: range, levels, programming noise, stuck faults, read noise.

Errors that are made once compose into a chain (`Cell.errors`); read noise is a process
in lab time, realised as a path before a solve.
"""

from ._base import (
    AbstractConductanceError as AbstractConductanceError,
    AbstractNoise as AbstractNoise,
    AbstractReadNoise as AbstractReadNoise,
)
from ._cell import Cell as Cell, ReadNoise as ReadNoise
from ._clock import LabClock as LabClock
from ._cmo_hfox import cmo_hfox as cmo_hfox
from ._fixed_noise import FixedReadNoise as FixedReadNoise
from ._flicker_noise import FlickerReadNoise as FlickerReadNoise
from ._laws import LogNormal as LogNormal, LogUniform as LogUniform
from ._iv import (
    AbstractIV as AbstractIV,
    LinearIV as LinearIV,
    PolynomialIV as PolynomialIV,
    SinhIV as SinhIV,
)
from ._levels import Levels as Levels
from ._path import HeldPath as HeldPath
from ._programming_noise import (
    PolynomialNoise as PolynomialNoise,
    ProgrammingNoise as ProgrammingNoise,
    ProportionalNoise as ProportionalNoise,
)
from ._range import ConductanceRange as ConductanceRange
from ._stuck import StuckFaults as StuckFaults
from ._telegraph_noise import TelegraphReadNoise as TelegraphReadNoise
from ._thermal_noise import ThermalNoise as ThermalNoise
from ._traps import Traps as Traps
from ._white_noise import WhiteReadNoise as WhiteReadNoise
