"""The resistive cell: range, levels, programming noise, stuck faults, read noise.

Errors that are made once compose into a chain (`Cell.errors`); read noise is a process
in lab time, realised as a path before a solve.
"""

from ._access import AccessIV as AccessIV, AccessTransistor as AccessTransistor
from ._base import (
    AbstractConductanceError as AbstractConductanceError,
    AbstractWriteNoise as AbstractWriteNoise,
)
from ._cell import Cell as Cell
from ._conductance_drift import (
    AbstractConductanceDrift as AbstractConductanceDrift,
    arrhenius as arrhenius,
    LogarithmicDrift as LogarithmicDrift,
    PowerLawDrift as PowerLawDrift,
)
from ._conductance_errors import (
    DeviceToDevice as DeviceToDevice,
    FixedReadNoise as FixedReadNoise,
    Levels as Levels,
    ScaledError as ScaledError,
    StuckFaults as StuckFaults,
    SystematicError as SystematicError,
)
from ._iv import (
    AbstractIV as AbstractIV,
    LinearIV as LinearIV,
    PolynomialIV as PolynomialIV,
    SinhIV as SinhIV,
)
from ._programming_noise import (
    PolynomialNoise as PolynomialNoise,
    ProgrammingNoise as ProgrammingNoise,
    ProportionalNoise as ProportionalNoise,
    SumNoise as SumNoise,
    TabulatedNoise as TabulatedNoise,
)
from ._range import ConductanceRange as ConductanceRange, valid_range as valid_range
from ._tabulated import (
    TabulatedError as TabulatedError,
    UnevenLevels as UnevenLevels,
)
from ._write_verify import WriteVerify as WriteVerify
from .fitting import (
    DeviceFit as DeviceFit,
    fit as fit,
    fit_device as fit_device,
    Groups as Groups,
    MeasuredTable as MeasuredTable,
    read_map as read_map,
    read_table as read_table,
    Regression as Regression,
)
from .measured import (
    cmo_hfox as cmo_hfox,
    has_age as has_age,
    joshi as joshi,
    list_devices as list_devices,
    macro_180nm as macro_180nm,
    measured as measured,
    milo as milo,
    PRESETS as PRESETS,
    wan as wan,
)
