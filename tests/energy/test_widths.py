"""The law of integer widths beside Horowitz's rows, which it was not fixed to."""

import numpy as np
import pytest
from rram_ode.energy import add_energy, CONSTANTS, multiply_energy, nominals


VALUES = nominals(CONSTANTS)


def test_rows_of_eight_bits_are_exact():
    np.testing.assert_allclose(multiply_energy((8, 8), VALUES), VALUES["int8.mult"])
    np.testing.assert_allclose(add_energy(8, VALUES), VALUES["int8.add"])


def test_wider_rows_are_near():
    """Within 5 % of INT32's product and 20 % of its sum, and of INT16's sum."""
    np.testing.assert_allclose(
        multiply_energy((32, 32), VALUES), VALUES["int32.mult"], rtol=0.05
    )
    for bits in (16, 32):
        row = VALUES[f"int{bits}.add"]
        np.testing.assert_allclose(add_energy(bits, VALUES), row, rtol=0.21)


@pytest.mark.parametrize(("exponent", "share"), [(2.0, 1 / 4), (1.0, 1 / 2)])
def test_half_the_bits(exponent, share):
    """A quarter of the energy, or half of it where it is linear in bits."""
    values = {**VALUES, "width.exponent": exponent}
    ratio = multiply_energy((4, 4), values) / multiply_energy((8, 8), values)
    np.testing.assert_allclose(ratio, share)
