"""Published devices, one per file, with paper, figure and valid range."""

from ._cmo_hfox import cmo_hfox as cmo_hfox
from ._joshi import joshi as joshi
from ._macro_180nm import macro_180nm as macro_180nm
from ._milo import milo as milo
from ._registry import (
    has_age as has_age,
    list_devices as list_devices,
    measured as measured,
    PRESETS as PRESETS,
)
from ._wan import wan as wan
