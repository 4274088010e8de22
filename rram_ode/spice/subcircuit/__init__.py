"""An op-amp from a SPICE subcircuit: measured, fitted, and run in the loop itself."""

from ._loop import with_part as with_part
from ._measure import measure as measure, Measurement as Measurement
from ._part import Part as Part, PINS as PINS, read_part as read_part
