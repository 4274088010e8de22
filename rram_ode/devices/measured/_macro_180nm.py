"""A proxy for the paper's array: the 180 nm 128 x 128 1T1R macro of the same labs.

**Not the paper's own data**, whose device stack is not public. The range is that of
the macro, 20 to 80 uS with zero at 50 uS (`crossbar.mapping` = `reference`); its
programming error was swept from 0.5 to 10 uS, not measured.
"""

from .._cell import Cell
from .._programming_noise import ProgrammingNoise
from .._range import valid_range


ASSUMED_STD = 2e-6  # assumption: within the sweep of 0.5 to 10 uS; no measurement


def macro_180nm(
    *, g_min: float = 20e-6, g_max: float = 80e-6, std: float = ASSUMED_STD
) -> Cell:
    """A cell of 20 to 80 uS with constant programming noise.

    Args:
        g_min: Lower end of the range that is used, in siemens.
        g_max: Upper end of that range, in siemens.
        std: Spread of the programming noise, in siemens; the default is an assumption.

    Raises:
        ValueError: If the range is not within 20 to 80 uS.
    """
    range = valid_range("180 nm macro", g_min, g_max, valid=(20e-6, 80e-6))
    return Cell(range, (ProgrammingNoise(std),))
