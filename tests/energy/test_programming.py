"""Pulses, joules and seconds of writing a chip: against draws and published counts."""

import dataclasses

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.config import CellConfig, replace, WriteConfig
from rram_ode.devices import ProgrammingNoise, WriteVerify
from rram_ode.energy import (
    analog_energy,
    Integrated,
    Programming,
)
from rram_ode.system import build_programming
from small_circuit import CIRCUIT, POWER, VALUES


def test_neurram_takes_8_5_pulses():
    """+-1 uS of 40 uS, W. Wan et al. 2022."""
    assert Programming(1 / 40 / np.sqrt(3)).pulses(VALUES) == pytest.approx(
        8.5, rel=0.01
    )


def test_pulses_are_those_of_write_verify(getkey):
    """Try by try with `WriteVerify`: the count, and the spread that is left."""
    spread, g_max = VALUES["programming.spread"], 100e-6
    limit = 5e-6
    law = WriteVerify(ProgrammingNoise(spread * g_max), limit, 1000)
    g = jnp.full((100, 100), 50e-6)
    found, pulses = law.write(g, key=getkey())
    left = float(jnp.std(found))
    pulses = np.asarray(pulses, float)
    # The error that is left is even within the limit but for the Gaussian's curve.
    assert left == pytest.approx(limit / np.sqrt(3), rel=0.03)
    want = Programming(limit / np.sqrt(3) / g_max).pulses(VALUES)
    error = pulses.std() / np.sqrt(pulses.size)
    assert abs(pulses.mean() - want) < 4 * error
    assert abs(pulses.mean() - 1.1 * want) > 4 * error  # the mutant


def test_half_the_error_takes_twice_the_pulses():
    counts = [float(Programming(s).pulses(VALUES)) for s in (1e-3, 0.5e-3, 0.25e-3)]
    np.testing.assert_allclose(np.divide(counts[1:], counts[:-1]), 2, rtol=1e-3)
    assert Programming(10.0).pulses(VALUES) == pytest.approx(1.0)


def test_more_levels_take_finer_reads():
    made = [Programming(1e-3, n) for n in (2, 16, 1024, 2**14, 2**16)]
    energies, times = (
        [f(VALUES) for f in fs]
        for fs in zip(*((m.energy, m.duration) for m in made), strict=True)
    )
    assert np.all(np.diff(energies) >= 0)
    assert energies[-1] > energies[-2] > energies[1]
    assert np.all(np.diff(times) > 0)


def test_an_analog_target_is_read_to_a_tenth_of_the_error():
    coarse, fine = Programming(1e-5, None), Programming(1e-6, None)
    assert coarse.bits == 19  # 1 / (sqrt(12) / 1e6) = 289,000 steps
    assert Programming(0.01, None).bits == 16  # as every continuous converter
    assert fine.bits - coarse.bits in (3, 4)
    # No error at all is the resolution of single precision, and has a price.
    assert Programming(0.0, None).bits == 26
    assert np.isfinite(Programming(0.0, None).energy(VALUES))
    assert Programming(0.0).energy(VALUES) > 1e4 * Programming(1e-3).energy(VALUES)


def of(**settings):
    config = CellConfig()
    for name, value in settings.items():
        config = replace(config, name.replace("__", "."), value)
    return build_programming(config)


def test_what_a_configuration_asks_for():
    """The default law: 0.00106879 g + 0.00081107 uS over 9 to 89 uS of CMO/HfOx."""
    assert of().spread == pytest.approx(0.00106879 * 0.55, rel=0.02)
    assert of(write__factor=0.5).pulses(VALUES) == pytest.approx(
        2 * of().pulses(VALUES), rel=1e-3
    )
    assert of(write__acceptance=0.02).pulses(VALUES) < 0.2 * of().pulses(VALUES)
    assert of(write__factor=0.0, levels=None).energy(VALUES) > 1.0


def test_a_continuous_target_is_read_as_finely_as_any():
    """Whatever the write error, `levels` None is no cheaper than 16 bits."""
    for spread in (1e-3, 1 / 40, 0.3):
        finest = dataclasses.replace(Programming(spread), levels=2**16)
        analog = dataclasses.replace(finest, levels=None)
        assert analog.energy(VALUES) >= finest.energy(VALUES)
        assert analog.duration(VALUES) >= finest.duration(VALUES)
    assert of(stuck__remap=True).pulses(VALUES) == of().pulses(VALUES) + 2
    # The age is no cheaper way of programming.
    aged = build_programming(
        replace(replace(CellConfig(device="wan"), "age", 86400.0), "levels", 16)
    )
    fresh = build_programming(replace(CellConfig(device="wan"), "levels", 16))
    assert aged == fresh


def test_verify_counts_its_own_tries(getkey):
    """The mean of tries, cut at the largest number, against the cells' own counts."""
    write = WriteConfig(std=1e-6, factor=0.0, verify=0.1e-6, max_pulses=20)
    made = build_programming(CellConfig(write=write))
    assert made.is_pulse
    assert made.pulses(VALUES) == made.tries
    law = WriteVerify(ProgrammingNoise(1e-6), 0.1e-6, 20)
    _, pulses = law.write(jnp.full((100, 100), 50e-6), key=jr.key(3))
    pulses = np.asarray(pulses, float)
    error = pulses.std() / np.sqrt(pulses.size)
    assert abs(pulses.mean() - made.tries) < 4 * error
    assert of().tries == 1.0


def test_a_loop_of_pulses_pays_for_those_that_it_takes():
    """2 uS a pulse within 0.02 uS: the 69 pulses of the loop, of 100 at most.

    The mutant pays each of them as a write to 2 uS, of 5.6 pulses.
    """
    made = of(write__std=2e-6, write__verify=0.02e-6)
    assert made.pulses(VALUES) == pytest.approx(69.1, rel=0.01)
    mutant = dataclasses.replace(made, is_pulse=False)
    assert mutant.pulses(VALUES) > 100
    # The law of cmo-hfox is that after its own loop, which a second one repeats: a
    # wide limit is no cheaper than none.
    wide = of(write__verify=0.3e-6)
    assert not wide.is_pulse
    assert wide.pulses(VALUES) >= of().pulses(VALUES)
    assert of(write__verify=0.02e-6).pulses(VALUES) > 2 * of().pulses(VALUES)


def test_a_sample_pays_its_part():
    energy = lambda made: analog_energy(
        Integrated(), CIRCUIT, POWER, VALUES, num_samples=1e6, programming=made
    ).breakdown["programming"]
    made = Programming(1e-3)
    assert energy(made) == pytest.approx(made.energy(VALUES) * 40 / 1e6)
    assert energy(Programming(0.5e-3)) > 1.9 * energy(made)
