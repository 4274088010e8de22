r"""What physics asks of a sample, whatever the technology.

Each limit is an energy below which the stated job cannot be done at the temperature; no
constant of a machine is in it. They are drawn beside what machines need.
"""

import math


BOLTZMANN = 1.380649e-23  # J/K: SI 2019, exact


def capacitor_limit(dim: int, bits: float, temperature: float = 300.0) -> float:
    r"""Charging `dim` integrators whose noise is below their quantum, in joules.

    $kT / C$ equals the variance $(V / 2^b)^2 / 12$ of rounding to b bits of the full
    scale V, so $C V^2 = 12\, kT\, 2^{2b}$.

    Args:
        dim: Integrators.
        bits: Resolution of the state.
        temperature: In kelvin.
    """
    return dim * 12 * BOLTZMANN * temperature * 4.0**bits


def cell_limit(
    num_columns: int, bits: float, speed: float, temperature: float = 300.0
) -> float:
    r"""Reading `num_columns` columns above the thermal noise of their cells, in joules.

    A column of conductance G at the voltage V dissipates $G V^2 T$. Its signal
    $G V$ must stay $2^b$ above $\sqrt{4kTGB}$, so that $G V^2 \ge 4kTB\,2^{2b}$. With
    $B T$ resolved values a solve the energy is $4kT\,BT\,2^{2b}$ a column: no matter
    how many cells, and how long the solve.

    Args:
        num_columns: Of all layers.
        bits: Resolution of a column's current.
        speed: $B T$, bandwidth times duration.
        temperature: In kelvin.
    """
    return num_columns * 4 * BOLTZMANN * temperature * speed * 4.0**bits


def landauer_limit(macs: float, bits: float, temperature: float = 300.0) -> float:
    r"""Erasing what `macs` irreversible products leave behind, in joules.

    $kT \ln 2$ a bit (Landauer 1961). Assumption: a product of two b-bit numbers takes
    $b^2$ one-bit additions, each of which erases one bit.

    Args:
        macs: Products of a sample.
        bits: Of a factor.
        temperature: In kelvin.
    """
    return macs * bits**2 * BOLTZMANN * temperature * math.log(2)
