"""Measured laws of the RRAM of the NeuRRAM chip.

Source: Wan et al., Nature 608, 504 (2022), Extended Data Fig. 3: spread of the
conductance 1 s, 1 day and 2 days after programming, to 39.26 uS. The fits are those
that CrossSim 3.2 (at 1 s) and aihwkit 1.2 (at the three times) publish.
"""

from typing import Literal

from ...noise import ReadNoise, WhiteReadNoise
from .._cell import Cell
from .._programming_noise import PolynomialNoise
from .._range import valid_range


DAY = 86_400.0


_CROSSSIM = (1.053, 2.374e-1, -1.167e-2, 1.536e-4)


# In x = g / 40 uS.
_AIHWKIT = {
    1.0: (0.348, 16.030, -43.853, 45.393, -16.815),
    DAY: (0.701, 22.086, -50.773, 47.095, -16.458),
    2 * DAY: (0.782, 20.274, -43.507, 37.062, -11.934),
}


def wan(
    *,
    g_min: float = 1e-6,
    g_max: float = 39.26e-6,
    age: float = 1.0,
    fit: Literal["crosssim", "aihwkit"] | None = None,
    read_bandwidth: float | None = None,
) -> Cell:
    r"""A cell with the spread at one of three times after programming, in uS.

    CrossSim, 1 s: $\max(1.053 + 0.2374 g - 0.01167 g^2 + 1.536\cdot 10^{-4} g^3, 0)$;
    aihwkit: quartics in $g / 40\,\mu S$. CrossSim's spread at 1 s is 7 to 22 % above
    aihwkit's from 4 to 35 uS, 43 % at 39 uS and 77 % at 1 uS.

    Args:
        g_min: Lower end of the range that is used, in siemens: 1 uS is an assumption.
        g_max: Upper end of that range, in siemens.
        age: 1 s, 1 day (86400) or 2 days (172800): nothing between them is known. An
            age of 0 is taken as 1 s, the first measurement.
        fit: Source of the fit; `None` takes CrossSim's at 1 s and aihwkit's later.
        read_bandwidth: Bandwidth of read noise of 1 %, in hertz; `None` leaves that
            noise out. The 1 % is aihwkit's advice, which names no bandwidth.

    Raises:
        ValueError: If the range goes beyond 39.26 uS, or the age is another one.
    """
    range = valid_range("Wan (NeuRRAM)", g_min, g_max, valid=(0.0, 39.26e-6))
    seconds = age or 1.0
    if seconds not in _AIHWKIT:
        raise ValueError(
            "Wan et al. measured at 1 s, 86400 s and 172800 s after programming, and "
            f"nothing between is known: `age` must be one of these; got {age:g} s."
        )
    if fit == "crosssim" and seconds != 1.0:
        raise ValueError(
            f"CrossSim's fit of Wan et al. is at 1 s; got {age:g} s: take `aihwkit`."
        )
    if fit == "aihwkit" or seconds != 1.0:
        scaled = enumerate(_AIHWKIT[seconds])
        coefficients = tuple(c / 40.0**k for k, c in scaled)
    else:
        coefficients = _CROSSSIM
    white = None
    if read_bandwidth is not None:
        white = WhiteReadNoise(0.0, read_bandwidth, 0.01)
    law = PolynomialNoise.in_microsiemens(*coefficients)
    return Cell(range, (law,), ReadNoise(white=white))
