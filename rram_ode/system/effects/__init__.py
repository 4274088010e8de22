"""Everything that a chip's simulation has on, has off, or neglects, with sizes."""

from ._advice import what_acts as what_acts
from ._effect import Condition as Condition, Effect as Effect
from ._neglected import Neglected as Neglected, Size as Size
from ._neglected_chip import PACKAGE as PACKAGE
from ._scale import (
    find_scale as find_scale,
    PER_ACTIVATION as PER_ACTIVATION,
    PER_GAIN as PER_GAIN,
    Scale as Scale,
    scale_of as scale_of,
)
from ._settings import SETTINGS as SETTINGS
from ._table import (
    error_table as error_table,
    ErrorTable as ErrorTable,
    LEFT_OUT as LEFT_OUT,
    Line as Line,
    SIMULATED as SIMULATED,
    SMALL as SMALL,
)
