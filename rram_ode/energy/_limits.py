r"""Energy that physics requires of a sample, whatever the technology.

Each limit is an energy below which the stated job cannot be done at the temperature; it
contains no constant of a machine. Figures show the limits beside what machines need.
"""

import math

from scipy.constants import Boltzmann


def capacitor_limit(dim: int, bits: float, temperature: float = 300.0) -> float:
    r"""Energy to charge integrators whose noise is below their quantum, in joules.

    $kT / C$ equals the variance $(V / 2^b)^2 / 12$ of rounding to b bits of the full
    scale V, so $C V^2 = 12\, kT\, 2^{2b}$.

    Args:
        dim: Number of integrators.
        bits: Resolution of the state, in bits.
        temperature: Temperature, in kelvin.
    """
    return dim * 12 * Boltzmann * temperature * 4.0**bits


def cell_limit(
    num_columns: int, bits: float, speed: float, temperature: float = 300.0
) -> float:
    r"""Energy to read columns above the thermal noise of their cells, in joules.

    A column of conductance G at the voltage V dissipates $G V^2 T$. Its signal
    $G V$ must stay $2^b$ above $\sqrt{4kTGB}$, so that $G V^2 \ge 4kTB\,2^{2b}$. With
    $B T$ resolved values per solve the energy per column is $4kT\,BT\,2^{2b}$, whatever
    the number of cells and the duration of the solve.

    Args:
        num_columns: Number of columns in all layers.
        bits: Resolution of a column's current, in bits.
        speed: $B T$, bandwidth times duration.
        temperature: Temperature, in kelvin.
    """
    return num_columns * 4 * Boltzmann * temperature * speed * 4.0**bits


def landauer_limit(macs: float, bits: float, temperature: float = 300.0) -> float:
    r"""Energy to erase what `macs` irreversible products leave behind, in joules.

    An erased bit takes $kT \ln 2$ (Landauer 1961). Assumption: a product of two b-bit
    numbers takes $b^2$ one-bit additions, each of which erases one bit.

    Args:
        macs: Number of products per sample.
        bits: Number of bits of a factor.
        temperature: Temperature, in kelvin.
    """
    return macs * bits**2 * Boltzmann * temperature * math.log(2)
