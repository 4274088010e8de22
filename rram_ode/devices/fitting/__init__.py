"""A device, or a map of conductances, from a user's file."""

from ._conductance_map import read_map as read_map
from ._device_fit import DeviceFit as DeviceFit
from ._fit import fit as fit, fit_device as fit_device
from ._groups import Groups as Groups
from ._outliers import Stuck as Stuck
from ._regression import Regression as Regression
from ._table import MeasuredTable as MeasuredTable, read_table as read_table
