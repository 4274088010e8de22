"""What a small capacitor costs: the noise of its switch, and its mismatch."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode._core._random import normal
from rram_ode.blocks import FeedbackIntegrator
from rram_ode.config import override_all
from rram_ode.presets import find_preset
from rram_ode.system import build_design, System
from scipy.constants import Boltzmann
from scipy.stats import chi2


def spread_is(x, std):
    """Whether the sample's variance is that of `std`, within 99.9 % of chi-squared."""
    x = np.asarray(x, float).ravel()
    low, high = chi2.ppf([0.0005, 0.9995], x.size) / x.size
    return low < np.mean(x**2) / std**2 < high


def test_mismatch_falls_with_the_root_of_the_capacitor(getkey):
    for farads in (30e-12, 3e-12, 0.3e-12):
        made = FeedbackIntegrator(1e5, farads).fabricate(
            20_000, jnp.asarray(0.0), jnp.asarray(0.001), key=getkey()
        )
        want = 0.001 * np.sqrt(30e-12 / farads)
        assert spread_is(made.mismatch, want)
        assert not spread_is(made.mismatch, 1.1 * want)


def test_the_reference_capacitor_has_the_stated_mismatch():
    """30 pF draws what it drew when the spread was not a law: bit for bit."""
    key, std = jr.key(3), jnp.asarray(0.001)
    block = FeedbackIntegrator(1e5, 30e-12)
    made = block.fabricate(2, jnp.asarray(0.0), std, key=key)
    np.testing.assert_array_equal(made.mismatch, std * normal(key, (2, 2))[1])


@pytest.mark.parametrize("farads", [30e-12, 0.3e-12])
def test_the_switch_samples_kt_over_c(getkey, farads):
    block = FeedbackIntegrator(1e5, farads, temperature=350.0)
    v = jnp.full((2, 20_000), 0.1)
    noise = block.sampled(v, jr.normal(getkey(), v.shape)) - v
    want = np.sqrt(Boltzmann * 350.0 / farads)
    assert spread_is(noise, want)
    assert not spread_is(noise, 1.1 * want)


def test_no_temperature_is_no_noise():
    v = jnp.full((2, 3), 0.1)
    assert FeedbackIntegrator(1e5, 1e-15).sampled(v, 0 * v + 1) is v


SMALL = {
    "adc.bits": None,
    "cell.levels": None,
    "cell.write.factor": 0.0,
    "solve.solver": "euler",
    "solve.num_steps": 40,
    "dac.update_rate": 1e6,
    "cell.read.white.std": 0.0,
    "cell.read.flicker.slope": 0.0,
}


@pytest.fixture(scope="module")
def sampled():
    """Samples of one chip with and without the noise of the switch."""
    config = override_all(find_preset("ring-fresh"), SMALL)
    found = {}
    for on in (True, False):
        system = System.from_config(override_all(config, {"integrator.hold_noise": on}))
        chip = system.program(0)
        found[on] = np.concatenate(
            [system.sample(chip, n, first=f).x for f, n in ((0, 300), (300, 300))]
        )
        unit = float(chip.score.volts_in)
    return found[True], found[False], unit


def test_a_run_differs_by_the_noise_of_its_switches(sampled):
    noisy, exact, unit = sampled
    assert spread_is(noisy - exact, np.sqrt(Boltzmann * 300 / 30e-12) / unit)
    assert not spread_is(noisy - exact, 1.2 * np.sqrt(Boltzmann * 300 / 30e-12) / unit)
    # Each sample has a draw of its own.
    gap = noisy - exact
    assert abs(np.corrcoef(gap[:-1, 0], gap[1:, 0])[0, 1]) < 4 / np.sqrt(len(gap))


def test_the_ideal_machine_has_no_noise_at_its_switch():
    config = override_all(find_preset("ring-fresh"), {"fidelity": "ideal"})
    assert build_design(config).integrator.temperature is None
    warm = override_all(find_preset("ring-fresh"), {"cell.temperature": 350.0})
    temperature = build_design(warm).integrator.temperature
    assert temperature is not None
    assert float(temperature) == 350.0
