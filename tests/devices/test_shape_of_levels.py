"""A level of another distribution than the others is named."""

import numpy as np
import pytest
from rram_ode.devices.fitting import _shape
from rram_ode.devices.fitting._shape import shape_fits
from rram_ode.devices.fitting._table import MeasuredTable, MICRO
from rram_ode.devices.fitting._table_fit import fit_table


LEVELS = np.linspace(5.0, 100.0, 8)  # uS
SPREAD = 1.5  # uS
DRAWS = 40


def drawn(seed, num, sigma=None, decimals=6):
    """Eight levels of `num` reads; the lowest is log-normal if `sigma` is a number."""
    rng = np.random.default_rng(seed)
    target = np.repeat(LEVELS, num)
    read = target + SPREAD * rng.standard_normal(target.size)
    if sigma is not None:
        lowest = target == LEVELS[0]
        z = rng.standard_normal(num)
        read[lowest] = LEVELS[0] * np.exp(sigma * z - sigma**2 / 2)
    return MeasuredTable(target * MICRO, np.round(read, decimals) * MICRO)


def flagged(table):
    return shape_fits(fit_table(table, 2, None))


@pytest.mark.parametrize(("num", "sigma"), [(200, 0.5), (300, 0.3)])
def test_a_log_normal_level_is_named(num, sigma):
    found = [flagged(drawn(seed, num, sigma)) for seed in range(DRAWS)]
    assert sum(map(bool, found)) >= 0.95 * DRAWS
    at = [text for texts in found for text in texts if "(at 5" in text]
    assert len(at) >= 0.9 * DRAWS


@pytest.mark.long
def test_gaussian_levels_are_not():
    """At a rate of 0.5 % four of 100 have a chance of 0.2 %."""
    tables = [drawn(seed, num) for seed in range(25) for num in (25, 50, 100, 200)]
    assert sum(bool(flagged(table)) for table in tables) < 4


@pytest.mark.long
def test_a_meter_that_rounds_is_no_other_law(monkeypatch):
    """Mutant: without the rule, Shapiro's test takes steps for another law."""
    tables = [drawn(seed, 100, decimals=0) for seed in range(DRAWS)]
    assert not any(map(flagged, tables))
    monkeypatch.setattr(_shape, "_shows_shape", lambda reads: True)
    assert sum(map(bool, map(flagged, tables))) > DRAWS / 2
