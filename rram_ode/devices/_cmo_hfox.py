"""Measured laws of the CMO/HfOx ReRAM cell of IBM Research Zurich.

Sources: Falcone et al. 2025 (programming); Lombardo et al., DRC 2024 (read noise).
The fits are those that CrossSim 3.2 and aihwkit 1.2 publish.
Valid from about 8 to 90 uS.
"""

import jax.numpy as jnp

from ._cell import Cell, ReadNoise
from ._flicker_noise import FlickerReadNoise
from ._programming_noise import PolynomialNoise
from ._range import ConductanceRange


_MICRO = 1e-6
ACCEPTANCE = {
    0.002: (0.00081107 * _MICRO, 0.00106879),
    0.02: (0.01121854 * _MICRO, 0.01129027),
}


def cmo_hfox(
    *,
    acceptance: float = 0.002,
    g_min: float = 8e-6,
    g_max: float = 90e-6,
    f_min: float = 1.0,
    f_max: float = 100e3,
) -> Cell:
    r"""A cell with $\sigma(g) = c_0 + c_1 g$ and the measured 1/f read noise.

    Args:
        acceptance: Of the write-verify loop: 0.002 or 0.02.
        g_min: Lower end of the range that is used, in siemens.
        g_max: Upper end, in siemens.
        f_min: Lower corner of the read noise, in hertz: an assumption.
        f_max: Upper corner, in hertz: an assumption; the source reads from 1 us on.

    Raises:
        ValueError: If the range leaves 8 to 90 uS, or no fit has this acceptance.
    """
    if acceptance not in ACCEPTANCE:
        raise ValueError(
            f"`acceptance` must be one of {sorted(ACCEPTANCE)}; got {acceptance}."
        )
    if not (g_min >= 8e-6 * (1 - 1e-6) and g_max <= 90e-6 * (1 + 1e-6)):
        raise ValueError(
            "the CMO/HfOx fits are valid from 8 to 90 uS; got "
            f"{g_min * 1e6:g} to {g_max * 1e6:g} uS."
        )
    noise = FlickerReadNoise(0.0, f_min, f_max, slope=0.0277316483 * _MICRO)
    return Cell(
        ConductanceRange(g_min, g_max),
        (PolynomialNoise(jnp.array(ACCEPTANCE[acceptance])),),
        ReadNoise(flicker=noise),
    )
