"""The variance of a mean over a time, against the law's own density."""

import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.noise import (
    FlickerReadNoise,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
)
from scipy.special import betainc


LAWS = {
    "white": WhiteReadNoise(1e-6, 1e6),
    "thermal": ThermalNoise(300.0, 1e6),
    "flicker": FlickerReadNoise(1e-7, 1.0, 1e5),
    "steep": FlickerReadNoise(1e-7, 1.0, 1e5, exponent=1.3),
    "telegraph": TelegraphReadNoise(
        LogNormal(0.1), LogUniform(1e-6, 1e-2), LogUniform(1e-5, 1e-2)
    ),
}


def steep(f, a=1.3, low=1.0, high=1e5):
    """The density of 1/f^a by SciPy, which is faster here."""
    upper, lower = (
        betainc(1 - a / 2, a / 2, corner**2 / (corner**2 + f**2))
        for corner in (high, low)
    )
    level = (1 - a) / (high ** (1 - a) - low ** (1 - a))
    return level * (upper - lower) / (f**a * np.sin(np.pi * a / 2))


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_it_is_the_integral_of_the_density_over_the_window(law):
    """Of the density times sinc^2(f t), on a grid that resolves both."""
    f, fine = np.geomspace(1e-3, 2e8, 401), np.geomspace(1e-3, 2e8, 200_001)
    if isinstance(law, WhiteReadNoise | ThermalNoise):
        psd = np.sinc(fine / 2e6) ** 2 / 1e6
    else:
        psd = steep(f) if law is LAWS["steep"] else np.asarray(law.psd(jnp.asarray(f)))
        psd = np.exp(np.interp(np.log(fine), np.log(f), np.log(psd)))
    for time in (1e-7, 2e-5, 1e-3, 0.3):
        # The mean of sinc^2 over many turns, where the grid cannot follow it.
        turns = np.pi * fine * time
        window = np.where(turns < 300, np.sinc(fine * time) ** 2, 0.5 / turns**2)
        wanted = np.trapezoid(psd * window * fine, np.log(fine))
        found = float(law.averaged(jnp.asarray(time)))
        assert found == pytest.approx(wanted, rel=3e-3), time


def test_a_short_time_has_all_of_the_variance_and_the_sum_is_of_all_laws():
    g = jnp.asarray([20e-6, 80e-6])
    read = ReadNoise(LAWS["white"], LAWS["flicker"], LAWS["telegraph"], LAWS["thermal"])
    parts = [getattr(read, name) for name in ("white", "flicker", "telegraph")]
    wanted = sum(part.spread(g) ** 2 for part in parts)
    found = read.averaged(g, jnp.asarray(1e-12))
    assert found is not None
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert ReadNoise(thermal=LAWS["thermal"]).averaged(g, jnp.asarray(1.0)) is None
