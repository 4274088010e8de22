"""Measured laws of the CMO/HfOx ReRAM cell of IBM Research Zurich.

Sources: Falcone et al. 2025 (programming, relaxation); Lombardo et al., DRC 2024 (read
noise). The fits are those that CrossSim 3.2 and aihwkit 1.2 publish. They are valid
from about 8 to 90 uS.
"""

import jax.numpy as jnp

from ...noise import FlickerReadNoise, ReadNoise
from .._cell import Cell
from .._conductance_drift import LogarithmicDrift
from .._programming_noise import PolynomialNoise
from .._range import valid_range


_MICRO = 1e-6


ACCEPTANCE = {
    0.002: (0.00081107, 0.00106879),
    0.02: (0.01121854, 0.01129027),
}


# The source's spread 0.04201137 ln t + 0.41183342 would be negative before 55.3 us.
_FIRST_AGE = 5.53e-5


# All states were followed for one hour (arXiv 2502.04524, the figure of the array's
# relaxation); its distributions of one state at 50 uS go on to 10 years.
_LAST_AGE = 3600.0


def cmo_hfox(
    *,
    acceptance: float = 0.002,
    g_min: float = 8e-6,
    g_max: float = 90e-6,
    f_min: float = 1.0,
    f_max: float = 100e3,
    age: float = 0.0,
) -> Cell:
    r"""A cell with $\sigma(g) = c_0 + c_1 g$, relaxation, and the measured 1/f noise.

    t seconds after programming the mean has moved by $-0.08900206 \ln t$ uS and the
    spread is $0.04201137 \ln t + 0.41183342$ uS, whatever the conductance. Beyond one
    hour this is an extrapolation.

    Args:
        acceptance: Acceptance of the write-verify loop: 0.002 or 0.02.
        g_min: Lower end of the range that is used, in siemens.
        g_max: Upper end of that range, in siemens.
        f_min: Lower corner of the read noise, in hertz: an assumption.
        f_max: Upper corner of the read noise, in hertz: an assumption; the source reads
            from 1 us on.
        age: Time since programming, in seconds; 0 leaves the relaxation out.

    Raises:
        ValueError: If the range is not within 8 to 90 uS, there is no fit for this
            acceptance, or the fitted spread is negative at this age (below 55.3 us).
    """
    range = valid_range("CMO/HfOx", g_min, g_max, valid=(8e-6, 90e-6))
    if acceptance not in ACCEPTANCE:
        raise ValueError(
            f"`acceptance` must be one of {sorted(ACCEPTANCE)}; got {acceptance}."
        )
    relaxation = LogarithmicDrift(
        jnp.array([-0.08900206 * _MICRO]),
        jnp.array([0.41183342 * _MICRO]),
        jnp.array([0.04201137 * _MICRO]),
        age,
        _FIRST_AGE,
        last=_LAST_AGE,
    )
    noise = FlickerReadNoise(0.0, f_min, f_max, slope=0.0277316483 * _MICRO)
    return Cell(
        range,
        (PolynomialNoise.in_microsiemens(*ACCEPTANCE[acceptance]), relaxation),
        ReadNoise(flicker=noise),
    )
