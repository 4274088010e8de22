"""Measured laws of the RRAM of Milo et al.

Source: Milo et al., IRPS 2021: Fig. 4 (programming by IGVVA-100), Fig. 1 (I-V). The
fits are those that CrossSim 3.2 publishes. Programming is valid from 50 to 225 uS, the
I-V from 62.5 to 110 uS and to 0.5 V; a fifth point of the I-V fit (linear at 225 uS)
was assumed by the fit's authors, so the range ends before it.
"""

import jax.numpy as jnp

from .._cell import Cell
from .._iv import LinearIV, PolynomialIV
from .._programming_noise import PolynomialNoise
from .._range import ConductanceRange, valid_range


_QUADRATIC = (0.007063, 0.005711, 0.001541, 0.0001388)


_CUBIC = (1.2968e-3, 6.7919e-4, 8.8710e-5)


def milo(
    *, g_min: float = 50e-6, g_max: float = 225e-6, measured_iv: bool = False
) -> Cell:
    r"""A cell with $\sigma = \max(4.782321 - 0.009107\, g, 0)$ in uS.

    The measured I-V is $I = g v + N_2 v^2 + N_3 v^3$. With $L = \log_{10}(g / S)$,
    $N_2 = 0.0001388 L^3 + 0.001541 L^2 + 0.005711 L + 0.007063$ and
    $N_3 = 8.8710\cdot 10^{-5} L^2 + 6.7919\cdot 10^{-4} L + 1.2968\cdot 10^{-3}$.

    Args:
        g_min: Lower end of the range that is used, in siemens.
        g_max: Upper end of that range, in siemens.
        measured_iv: Whether the cell has the measured I-V instead of a linear one.

    Raises:
        ValueError: If the range is not within 50 to 225 uS, or 62.5 to 110 uS with the
            I-V.
    """
    fitted = ConductanceRange(62.5e-6, 110e-6)
    bent = PolynomialIV(jnp.array(_QUADRATIC), jnp.array(_CUBIC), fitted, 0.5)
    return Cell(
        valid_range("Milo", g_min, g_max, valid=(50e-6, 225e-6)),
        (PolynomialNoise.in_microsiemens(4.782321, -0.009107),),
        iv=bent if measured_iv else LinearIV(),
    )
