"""Diode rectifiers and clamps: Kirchhoff's law, the ideal limit, scipy's omega.

`tests/spice/test_circuits.py` compares them with ngspice.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from rram_ode.blocks import Diode, DiodeClamp, DiodeRectifier
from rram_ode.blocks._rectifier import omega


DIODE = Diode(1e-14, 1.2, 330.0)
V = jnp.linspace(-2.0, 2.0, 401)


def current(diode, v):
    """Shockley's law with the constants of the SI, written out."""
    v_thermal = 1.380649e-23 * float(diode.temperature) / 1.602176634e-19
    scale = float(diode.ideality) * v_thermal
    return float(diode.saturation) * np.expm1(np.asarray(v, float) / scale)


@pytest.mark.parametrize(("dtype", "rtol"), [(jnp.float64, 1e-12), (jnp.float32, 2e-6)])
def test_omega_is_wrights(dtype, rtol):
    """Single precision rounds y itself: 2e-6 is some ten roundings of y = 200."""
    y = jnp.concatenate([jnp.linspace(-80.0, 200.0, 5001), jnp.asarray([1e4, 1e6])])
    y = y.astype(dtype)
    wanted = scipy.special.wrightomega(np.asarray(y, float))
    assert np.allclose(omega(y), wanted, rtol=rtol, atol=0)


@pytest.mark.parametrize("gain", [None, 1.0, 50.0])
def test_currents_meet(gain):
    """The diode's current is the resistor's; a diode half as wide does not fit."""
    block = DiodeRectifier(DIODE, 1e4, gain)
    out = np.asarray(block(V))
    anode = np.asarray(V) if gain is None else gain * (np.asarray(V) - out)
    on = out > 1e-6
    assert on.sum() > 100
    assert np.allclose(current(DIODE, anode - out)[on], out[on] / 1e4, rtol=1e-6)
    assert np.allclose(out[anode < -1], -1e-10, rtol=1e-6)
    thin = Diode(1e-14, 0.6, 330.0)
    assert not np.allclose(current(thin, anode - out)[on], out[on] / 1e4, rtol=0.5)


@pytest.mark.parametrize("v_clamp", [-0.3, 0.0, 0.2])
def test_currents_meet_at_a_clamp(v_clamp):
    out = np.asarray(DiodeClamp(DIODE, 1e4, v_clamp)(V))
    through = (np.asarray(V) - out) / 1e4
    on = through > 1e-9
    assert on.sum() > 100
    assert np.allclose(current(DIODE, out - v_clamp)[on], through[on], rtol=1e-6)
    assert np.allclose(out[np.asarray(V) < v_clamp - 1], V[V < v_clamp - 1], atol=2e-10)


def test_gain_makes_it_ideal():
    """At first order in 1 / gain, down to the leak of 1e-10 V."""
    ideal = np.maximum(np.asarray(V), 0)
    gaps = [
        np.abs(np.asarray(DiodeRectifier(DIODE, 1e4, gain)(V)) - ideal).max()
        for gain in (1e3, 1e4, 1e5)
    ]
    assert np.allclose(np.divide(gaps[:-1], gaps[1:]), 10, rtol=0.01)
    assert gaps[0] < 5e-3


def test_gradients_are_finite():
    """And those of a ReLU, far from the knee."""
    slope = jax.vmap(jax.grad(DiodeRectifier(DIODE, 1e4, 1e5)))
    found = np.asarray(slope(jnp.asarray([-2.0, -0.01, 0.0, 0.5, 2.0])))
    assert np.all(np.isfinite(found))
    assert np.allclose(found, [0, 0, found[2], 1, 1], atol=1e-4)
    assert 0 < found[2] < 1


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Diode(0.0), "`diode.saturation` must be positive"),
        (
            lambda: DiodeRectifier(DIODE, -1.0),
            "`rectifier.resistance` must",
        ),
        (lambda: DiodeRectifier(DIODE, 1.0, 0.0), "`rectifier.gain` must be positive"),
        (lambda: DiodeClamp(DIODE, 0.0), "`clamp.resistance` must be positive"),
    ],
)
def test_bad_values(make, text):
    with pytest.raises(ValueError, match=text):
        make()
