"""Published cells: mean and spread of what is written, against numbers typed here.

The tables are spreads in uS at ten targets in uS, evaluated in decimal arithmetic from
the laws as published, outside of this package.
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.devices import (
    Cell,
    cmo_hfox,
    joshi,
    LinearIV,
    macro_180nm,
    measured,
    milo,
    PRESETS,
    wan,
)


US = 1e-6
DAY = 86_400.0
NUM = 40_000
CMO_G = (8, 12, 20, 28, 37, 45, 55, 66, 78, 90)
MILO_G = (50, 65, 80, 100, 120, 140, 160, 180, 200, 225)
WAN_G = (1, 3, 6, 10, 14, 18, 23, 28, 34, 39.26)
JOSHI_G = (0.25, 1, 2, 4, 7, 10, 13, 17, 21, 25)
MACRO_G = (20, 25, 30, 38, 45, 50, 58, 66, 73, 80)
# fmt: off
TABLES = {
    "Falcone et al. 2025, acceptance 0.2 %": (
        lambda: cmo_hfox(), CMO_G,
        (0.009361, 0.013637, 0.022187, 0.030737, 0.040356,
         0.048907, 0.059595, 0.071351, 0.084177, 0.097002),
    ),
    "Falcone et al. 2025, acceptance 2 %": (
        lambda: cmo_hfox(acceptance=0.02), CMO_G,
        (0.101541, 0.146702, 0.237024, 0.327346, 0.428959,
         0.519281, 0.632183, 0.756376, 0.89186, 1.027343),
    ),
    "Milo et al. 2021, Fig. 4": (
        lambda: milo(), MILO_G,
        (4.326971, 4.190366, 4.053761, 3.871621, 3.689481,
         3.507341, 3.325201, 3.143061, 2.960921, 2.733246),
    ),
    "Wan et al. 2022, Extended Data Fig. 3, 1 s, CrossSim's fit": (
        lambda: wan(), WAN_G,
        (1.278884, 1.664317, 2.090458, 2.4136, 2.510758,
         2.440915, 2.208621, 1.922747, 1.671174, 1.680641),
    ),
    "Wan et al. 2022, Extended Data Fig. 3, 1 s, aihwkit's fit": (
        lambda: wan(fit="aihwkit"), WAN_G,
        (0.722045, 1.322195, 1.910496, 2.25827, 2.280402,
         2.128185, 1.85789, 1.613547, 1.389149, 1.15121),
    ),
    "Wan et al. 2022, Extended Data Fig. 3, 1 day": (
        lambda: wan(age=DAY), WAN_G,
        (1.222146, 2.091199, 3.022121, 3.720758, 3.983633,
         3.974819, 3.767756, 3.484449, 3.121646, 2.722427),
    ),
    "Wan et al. 2022, Extended Data Fig. 3, 2 days": (
        lambda: wan(age=2 * DAY), WAN_G,
        (1.262233, 2.073081, 2.963235, 3.663789, 3.958241,
         3.983039, 3.796342, 3.502283, 3.112171, 2.736588),
    ),
    "Joshi et al. 2020, Fig. 3b": (
        lambda: joshi(), JOSHI_G,
        (0.305239, 0.360456, 0.43095, 0.561212, 0.729791,
         0.866191, 0.970414, 1.059322, 1.091026, 1.065523),
    ),
    "180 nm macro, assumption of 2 uS": (lambda: macro_180nm(), MACRO_G, (2.0,) * 10),
}
# Seconds, mean shift and spread of the relaxation in uS: Falcone et al. 2025.
RELAXATION = (
    (1.0, 0.0, 0.41183342),
    (60.0, -0.3644051, 0.58384244),
    (3600.0, -0.7288102, 0.75585147),
    (DAY, -1.0116635, 0.88936586),
)
# fmt: on


@eqx.filter_jit
def write(cell, g, key):
    return cell.program(g, key=key)


def censored(mean, std):
    """Mean and spread of max(N(mean, std^2), 0)."""
    a = mean / std
    first = mean * st.norm.cdf(a) + std * st.norm.pdf(a)
    second = (mean**2 + std**2) * st.norm.cdf(a) + mean * std * st.norm.pdf(a)
    return first, np.sqrt(second - first**2)


def deviations(cell: Cell, g, mean, std, key):
    """Of sample means and spreads from `mean` and `std`, in their standard errors."""
    targets = jnp.broadcast_to(jnp.asarray(g)[:, None] * US, (len(g), NUM))
    found = np.asarray(write(cell, targets, key)) / US
    wanted, spread = censored(np.asarray(mean), np.asarray(std))
    s = np.std(found, axis=1)
    m4 = np.mean((found - found.mean(axis=1, keepdims=True)) ** 4, axis=1)
    return np.concatenate(
        [
            (found.mean(axis=1) - wanted) / (s / np.sqrt(NUM)),
            (s - spread) / (np.sqrt((m4 - s**4) / NUM) / (2 * s)),
        ]
    )


@pytest.mark.parametrize("source", TABLES)
def test_programming_is_the_sources(source, getkey):
    """Twenty numbers a source within 4.5 standard errors; 3 % more spread fails."""
    make, g, std = TABLES[source]
    cell, key = make(), getkey()
    g, std = np.array(g, float), np.array(std)
    z = deviations(cell, g, g, std, key)
    assert np.abs(z).max() < 4.5, z
    assert 1e-3 < st.chi2.cdf(np.sum(z**2), z.size) < 1 - 1e-3
    assert np.abs(deviations(cell, g, g, 1.03 * std, key)).max() > 4.5


@pytest.mark.parametrize(("age", "shift", "spread"), RELAXATION)
def test_relaxation_is_the_sources(age, shift, spread, getkey):
    """Programming and relaxation are independent: their variances add."""
    g = np.array(CMO_G, float)
    total = np.hypot(TABLES["Falcone et al. 2025, acceptance 0.2 %"][2], spread)
    z = deviations(cmo_hfox(age=age), g, g + shift, total, getkey())
    assert np.abs(z).max() < 4.5, z


def test_current_of_milo_is_the_sources():
    """Milo et al. 2021, Fig. 1 by CrossSim's fit: decimal arithmetic at 6 points."""
    iv = milo(g_min=62.5 * US, g_max=110 * US, measured_iv=True).iv
    for g, v, current in (
        (70 * US, 0.1, 6.818869803608919e-06),
        (70 * US, 0.5, 3.109689741546657e-05),
        (70 * US, -0.5, -4.046598339764242e-05),
        (100 * US, 0.1, 9.9174e-06),
        (100 * US, 0.5, 4.7875e-05),
        (100 * US, -0.5, -5.1975e-05),
    ):
        found = float(iv.current(jnp.asarray(g), jnp.asarray(v)))
        assert abs(found - current) < 1e-9 * abs(current)
    assert isinstance(milo().iv, LinearIV)


def test_fresh_is_exact(getkey):
    """An age of 0 adds no relaxation, bit for bit."""
    g, key = jnp.linspace(8 * US, 90 * US, 12)[None], getkey()
    fresh = cmo_hfox(age=0.0)
    (law, _) = fresh.errors
    alone = Cell(fresh.range, (law,))
    np.testing.assert_array_equal(write(fresh, g, key), write(alone, g, key))


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {"custom"}))
def test_the_registry_gives_the_functions_cell(name, getkey):
    """`None` keeps a default; the range can be narrowed, not left."""
    cell = measured(name, g_min=None, age=None)
    assert eqx.tree_equal(cell, PRESETS[name]())
    low, high = float(cell.range.g_min), float(cell.range.g_max)
    inner = measured(name, g_min=low * 1.5, g_max=high * 0.9)
    np.testing.assert_allclose(inner.range.g_min, low * 1.5)
    with pytest.raises(ValueError, match="fits are valid from"):
        measured(name, g_max=high * 1.01)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: milo(g_min=49 * US), "Milo fits are valid from 50 to 225 uS; got 49"),
        (lambda: milo(measured_iv=True), "I-V fit is valid from 62.5 to 110 uS; got"),
        (lambda: wan(g_max=40 * US), r"Wan \(NeuRRAM\) fits are valid .* 39.26 uS"),
        (lambda: wan(age=3600.0), "1 s, 86400 s and 172800 s .* got 3600 s"),
        (lambda: wan(age=DAY, fit="crosssim"), "CrossSim's fit .* is at 1 s"),
        (lambda: joshi(g_min=0.1 * US), r"Joshi \(PCM\) fits are valid from 0.25"),
        (lambda: macro_180nm(g_max=90 * US), "180 nm macro fits are valid from 20"),
        (lambda: cmo_hfox(age=1e-5), "at least 5.53e-05 s .* got 1e-05 s"),
        (lambda: cmo_hfox(age=-1.0), "`cell.age` must be None or 0"),
        (lambda: measured("hynix"), "no device `hynix`; there are cmo-hfox, milo"),
        (lambda: measured("milo", age=60.0), "`milo` has no measured `age`: leave it"),
        (lambda: measured("joshi", acceptance=0.02), "has no measured `acceptance`"),
        (lambda: measured("custom", g_min=1e-6), "`custom` needs `cell.g_max`"),
    ],
)
def test_what_was_not_measured_is_refused(act, message):
    with pytest.raises(ValueError, match=message):
        act()
