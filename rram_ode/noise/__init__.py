"""Noise processes in lab time, realised as paths before a solve.

A process is a function of (key, lab time) alone; a solver's step reads the mean of its
path.
"""

from .._core._random import standard_normal as standard_normal
from ._base import (
    AbstractNoise as AbstractNoise,
    AbstractReadNoise as AbstractReadNoise,
)
from ._flicker import FlickerReadNoise as FlickerReadNoise
from ._lab_time import LabClock as LabClock
from ._laws import LogNormal as LogNormal, LogUniform as LogUniform
from ._own_poles import OwnPoles as OwnPoles
from ._path import HeldPath as HeldPath, LazyPath as LazyPath
from ._read_noise import ReadNoise as ReadNoise
from ._telegraph import TelegraphReadNoise as TelegraphReadNoise
from ._thermal import ThermalNoise as ThermalNoise
from ._traps import Traps as Traps
from ._white import (
    AbstractHeldNoise as AbstractHeldNoise,
    FEWEST_HOLDS as FEWEST_HOLDS,
    WhiteReadNoise as WhiteReadNoise,
    with_own_pole as with_own_pole,
)
