"""Step-wise full scales of the waveform DAC: rounding, taps, switching, and cost."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.blocks import DAC
from rram_ode.config import override_all, RunConfig
from rram_ode.energy import ArrayPower, CONSTANTS, DigitalSide, nominals
from rram_ode.loop import UpdateErrors
from rram_ode.noise import ReadNoise
from rram_ode.presets import PRESETS
from rram_ode.sdes import VPSDE
from rram_ode.system import area_model, build_loop, circuit_parts, System
from test_dynamic import chip_of, quasi_static, solve, starts


BITS, UPDATES = 7, 10e6


def even(num: int = 200_001) -> jax.Array:
    """Values over the codes that are not clipped, at no preferred phase of a code."""
    return jnp.linspace(-0.97, 0.97, num)


def rounding(dac: DAC, x: jax.Array) -> float:
    """Mean square error of what `dac` plays, over that of one range."""
    one = np.asarray(DAC(dac.bits).quantise(x, 1.0) - x)
    own = np.asarray(dac.quantise(x, 1.0) - x)
    return float(np.mean(own**2) / np.mean(one**2))


def test_one_range_is_the_converter_without_ranges():
    """No leaf more, no bit changes; a spread of taps that do not exist is idle."""
    plain, one = DAC(BITS, UPDATES), DAC(BITS, UPDATES, ranges=1, range_std=0.1)
    x, of_chip = even(1001), one.of_chip(key=jr.key(0))
    assert of_chip.gains is None
    assert [float(leaf) for leaf in jax.tree.leaves(plain)] == [BITS, UPDATES]
    assert np.array_equal(plain.quantise(x, 1.0), of_chip.quantise(x, 1.0))
    setting = {"dac.range_error": 0.01}
    loops = [
        build_loop(override_all(RunConfig(), with_error), VPSDE(0.1, 8.0), ReadNoise())
        for with_error in ({}, setting)
    ]
    assert eqx.tree_equal(*loops)


@pytest.mark.parametrize("ranges", [1, 2, 3, 4])
def test_rounding_falls_as_the_closed_form_says(ranges):
    r"""Of values even up to E, $1 - \sum_k (1 - 1/16)\, 16^{1 - k}\, 4^{-k} / E$.

    A share $4^{-k} / E$ of them is below tap k, where the variance falls by 16 once
    more. The edges are off by half a code of the tap, 1 / 128 of it.
    """
    below = [4.0**-k / 0.97 for k in range(1, ranges)]
    falls = [share * 15 / 16 * 16.0**-n for n, share in enumerate(below)]
    assert rounding(DAC(BITS, ranges=ranges), even()) == pytest.approx(
        1 - sum(falls), abs=sum(falls) / 128 + 1e-3
    )


def test_small_values_are_played_as_by_a_finer_converter():
    """Four ranges below the smallest tap: six more bits, to the last one."""
    x = even() / 64
    assert np.array_equal(
        DAC(BITS, ranges=4).quantise(x, 1.0), DAC(BITS + 6).quantise(x, 1.0)
    )


@pytest.mark.long
def test_a_converter_that_switches_at_the_wrong_updates_fails():
    """The mutant holds the range of the update before: a rising wave is clipped."""
    dac, wave = (
        DAC(BITS, UPDATES, ranges=4),
        jnp.sin(jnp.linspace(0, np.pi, 200)) * 0.97,
    )
    asked = dac.range_of(wave, 1.0)

    def late(number):
        full = 4.0 ** -jnp.roll(number, 1).astype(wave.dtype)
        return jax.vmap(DAC(BITS).quantise)(wave, full)

    step = 2.0 ** (1 - BITS) * 4.0 ** -np.asarray(asked, float)
    played = np.abs(np.asarray(dac.quantise(wave, 1.0) - wave))
    assert np.all(played <= step / 2 * (1 + 1e-5))
    assert np.any(np.abs(np.asarray(late(asked) - wave)) > 2 * step)


@pytest.mark.long
def test_gains_of_taps_have_their_spread_and_are_none_at_zero():
    """Of many chips; the full scale itself has no error. A mutant of 1.1 fails."""
    law, std = DAC(BITS, ranges=4, range_std=1e-3), 1e-3
    gains = jax.vmap(lambda key: law.of_chip(key=key).gains)(jr.split(jr.key(0), 4000))
    assert gains is not None
    assert np.array_equal(gains[:, 0], np.ones(4000))
    errors = np.asarray(gains[:, 1:] - 1, float)
    total = np.sum((errors / std) ** 2)
    assert 1e-3 < st.chi2.cdf(total, errors.size) < 1 - 1e-3
    assert st.chi2.cdf(total / 1.1**2, errors.size) < 1e-3
    off = dataclasses.replace(law, range_std=0.0).of_chip(key=jr.key(0))
    x = even(1001)
    exact = DAC(BITS, ranges=4).quantise(x, 1.0)
    assert np.array_equal(off.quantise(x, 1.0), exact)
    one = law.of_chip(key=jr.key(1))
    assert one.gains is not None
    ratio = np.asarray(one.quantise(x, 1.0)) / np.where(exact == 0, 1, exact)
    wanted = np.asarray(one.gains)[np.asarray(one.range_of(x, 1.0))]
    assert np.allclose(ratio[exact != 0], wanted[exact != 0], rtol=1e-6)


@pytest.mark.long
def test_gradients_are_those_of_the_wave():
    """Straight through the codes and the taps, times the gain of the tap."""
    dac = DAC(BITS, ranges=4, gains=jnp.array([1.0, 1.1, 0.9, 1.2]))
    slopes = jax.vmap(jax.grad(dac.quantise), (0, None))(
        jnp.array([0.5, 0.1, 1e-3]), 1.0
    )
    assert np.allclose(slopes, [1.0, 1.1, 1.2], rtol=1e-6)


@pytest.mark.long
def test_ranges_act_in_a_solve():
    """Four ranges of 7 bits end nearer to the exact waveforms than one of 7 bits."""
    chip, x1 = chip_of(), starts()
    ends = lambda dac, **on: solve(quasi_static(dac=dac, **on), chip, x1)
    exact = ends(DAC(16, UPDATES))
    one, four = (
        np.abs(ends(DAC(BITS, UPDATES, ranges=n)) - exact).max() for n in (1, 4)
    )
    assert four < 0.85 * one
    off = ends(DAC(BITS, UPDATES, ranges=4, range_std=0.0))
    assert np.array_equal(off, ends(DAC(BITS, UPDATES, ranges=4)))
    wrong = ends(DAC(BITS, UPDATES, ranges=4, range_std=0.01))
    assert np.abs(wrong - off).max() > 0


@pytest.mark.long
def test_a_change_of_range_is_a_major_carry():
    """The code falls and the range rises: 40 to 12, of 7 bits; elsewhere as before."""
    values = jnp.array([[10.0], [11.0], [12.0]]) / 64 / 4
    scales = jnp.array([[0.25], [0.25], [1.0]])
    found = UpdateErrors(glitch=1e-9)(
        values, scales, jnp.asarray(1e-7), BITS, key=jr.key(0)
    )
    areas = (np.asarray(found - values) * 1e-7 / 1e-9)[:, 0]
    assert np.allclose(areas, [0.0, 1 / 64, 1.0], atol=1e-6)


@pytest.mark.long
def test_ranges_cost_words_settling_switches_and_area():
    """Two bits more a word, six in the settling, gates of switches, and their area."""
    values, base = nominals(CONSTANTS), PRESETS["ring-fresh"][0]
    systems = [
        System.from_config(override_all(base, {"dac.bits": BITS, "dac.ranges": n}))
        for n in (1, 4)
    ]
    chip = systems[0].program(0)
    loops = [system.loop_of(chip) for system in systems]
    one, four = (
        circuit_parts(system.config, loop, chip)
        for system, loop in zip(systems, loops, strict=True)
    )
    assert four.waveform_bits / one.waveform_bits == pytest.approx((BITS + 2) / BITS)
    waves = dataclasses.replace(loops[1].waveforms(chip), dac=DAC())
    middles = jnp.asarray((np.arange(200) + 0.5) * 1e-7)
    asked = np.abs(np.asarray(jax.vmap(waves)(middles)))
    taken = sum(asked * 4**k * 64 < 63.5 for k in (1, 2, 3))
    assert one.range_changes == 0
    assert four.range_changes == np.sum(taken != np.roll(taken, 1, 0))
    seen = ArrayPower(1e-4, 1e-3, 1e-3)
    joules = [s.energy_model(chip, seen)(values).breakdown for s in systems]
    gate = float(values["switch.gate"] * values["supply"] ** 2)
    assert "switches" not in joules[0]
    assert float(joules[1]["switches"]) == pytest.approx(gate * four.range_changes)
    powers = [
        DigitalSide(dac_bits=BITS, dac_ranges=n).dac_power(1, 2, values) for n in (1, 4)
    ]
    settled = 0.5 * float(values["dac.power"]) * 6 / 13
    assert float(powers[1] - powers[0]) == pytest.approx(settled)
    areas = [
        area_model(s.config, loop, chip)(values)["dac"]
        for s, loop in zip(systems, loops, strict=True)
    ]
    added = float(values["area.driver"]) * four.channels
    assert float(areas[1] - areas[0]) == pytest.approx(added)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dac.ranges": 5}, "`dac.ranges` must be 1 to 4 full scales; got 5."),
        ({"dac.ranges": 2, "dac.bits": None}, "set `dac.bits`, or `dac.ranges` to 1."),
        ({"dac.range_error": -1e-3}, "`dac.range_error` must be 0 or more"),
    ],
)
def test_bad_input_is_one_clear_line(settings, message):
    with pytest.raises(ValueError, match=message) as error:
        build_loop(override_all(RunConfig(), settings), VPSDE(0.1, 8.0), ReadNoise())
    assert "\n" not in str(error.value)
