"""Measured programming law of a phase-change memory.

Source: Joshi et al., Nat. Commun. 11, 2473 (2020), Fig. 3b: 27.36 s after programming,
0.25 to 25 uS. The fit is that of CrossSim 3.2. The mean does not drift; a
`PowerLawDrift` with an exponent of your own adds that (`reference` = 27.36 s).
"""

from .._cell import Cell
from .._programming_noise import PolynomialNoise
from .._range import valid_range


READ_AT = 27.36  # seconds after programming


def joshi(*, g_min: float = 0.25e-6, g_max: float = 25e-6) -> Cell:
    r"""A cell with $\sigma = \max(0.28638599 + 0.07585724 g - 0.00178767 g^2, 0)$, uS.

    Args:
        g_min: Lower end of the range that is used, in siemens.
        g_max: Upper end of that range, in siemens.

    Raises:
        ValueError: If the range is not within 0.25 to 25 uS.
    """
    return Cell(
        valid_range("Joshi (PCM)", g_min, g_max, valid=(0.25e-6, 25e-6)),
        (PolynomialNoise.in_microsiemens(0.28638599, 0.07585724, -0.00178767),),
    )
