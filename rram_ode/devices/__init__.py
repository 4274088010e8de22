"""The resistive cell: range, levels, programming noise, stuck faults, read noise.

Errors that are made once compose into a chain (`Cell.errors`); read noise is a process
in lab time, realised as a path before a solve.
"""

from ._base import (
    AbstractConductanceError as AbstractConductanceError,
    AbstractNoise as AbstractNoise,
    AbstractReadNoise as AbstractReadNoise,
    AbstractWriteNoise as AbstractWriteNoise,
)
from ._cell import Cell as Cell, ReadNoise as ReadNoise
from ._clock import LabClock as LabClock
from ._cmo_hfox import cmo_hfox as cmo_hfox
from ._conductance_drift import (
    AbstractConductanceDrift as AbstractConductanceDrift,
    arrhenius as arrhenius,
    LogarithmicDrift as LogarithmicDrift,
    PowerLawDrift as PowerLawDrift,
)
from ._conductance_map import read_map as read_map
from ._device_to_device import DeviceToDevice as DeviceToDevice
from ._fit import DeviceFit as DeviceFit, fit as fit, Groups as Groups
from ._fixed_noise import FixedReadNoise as FixedReadNoise
from ._flicker_noise import FlickerReadNoise as FlickerReadNoise
from ._iv import (
    AbstractIV as AbstractIV,
    LinearIV as LinearIV,
    PolynomialIV as PolynomialIV,
    SinhIV as SinhIV,
)
from ._joshi import joshi as joshi
from ._laws import LogNormal as LogNormal, LogUniform as LogUniform
from ._levels import Levels as Levels
from ._macro_180nm import macro_180nm as macro_180nm
from ._measured import measured as measured, PRESETS as PRESETS
from ._milo import milo as milo
from ._path import HeldPath as HeldPath
from ._programming_noise import (
    PolynomialNoise as PolynomialNoise,
    ProgrammingNoise as ProgrammingNoise,
    ProportionalNoise as ProportionalNoise,
    SumNoise as SumNoise,
    TabulatedNoise as TabulatedNoise,
)
from ._range import ConductanceRange as ConductanceRange
from ._regression import Regression as Regression
from ._scaled_error import ScaledError as ScaledError
from ._stuck import StuckFaults as StuckFaults
from ._systematic_error import SystematicError as SystematicError
from ._table import MeasuredTable as MeasuredTable, read_table as read_table
from ._telegraph_noise import TelegraphReadNoise as TelegraphReadNoise
from ._thermal_noise import (
    BOLTZMANN as BOLTZMANN,
    CHARGE as CHARGE,
    ThermalNoise as ThermalNoise,
)
from ._traps import Traps as Traps
from ._validity import valid_range as valid_range
from ._wan import wan as wan
from ._white_noise import WhiteReadNoise as WhiteReadNoise
from ._write_verify import WriteVerify as WriteVerify
