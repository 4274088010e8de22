"""Trims of multipliers on the bench: what they undo, and to which resolution."""

import dataclasses
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import BendSpread, FeedbackIntegrator, MultiplierSpread
from rram_ode.chip import (
    Bench,
    Blueprint,
    ColumnTrim,
    Design,
    KnownInputs,
    MultiplierTrim,
    Process,
    Ranges,
    TemperatureLaw,
)
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.scores import fourier_mlp, NetworkScore


RANGE = ConductanceRange(8e-6, 90e-6)
SCORE = NetworkScore(fourier_mlp(2, (6, 4), key=jr.key(0)))
RANGES = Ranges(3.0, (4.0, 4.0), 6.0)
NUM = 64
TIMES, STATES = jr.uniform(jr.key(1), (NUM,)), jr.normal(jr.key(2), (2, NUM))
RC, AVERAGING = 5e4 * 30e-12, 20e-6
RATES = jnp.stack([-1e5 * (1 + TIMES), 2e5 * TIMES**2])
ERRORS = MultiplierSpread(0.01, 3e-3, 2e-3, 2e-3)
OFFSETS, GAINS = 0.02, 0.1  # ranges of the DACs
STEP, GAIN_STEP = 2 * OFFSETS / 2**14, 2 * GAINS / 2**14


def bench_of(averaging=AVERAGING, noise=0.0, v_rail=math.inf, **kwargs):
    dacs = ColumnTrim(OFFSETS, GAINS, offset_bits=14, gain_bits=14, **kwargs)
    return MultiplierTrim(RATES, averaging, dacs, noise, v_rail)


def program(spread, trim=None, key=jr.key(3), hot=None, tracks=False) -> Any:
    integrator = FeedbackIntegrator(5e4, 30e-12)
    mapping = DifferentialPair(RANGE)
    design = Design(Cell(RANGE), mapping, integrator, multiplier=spread, process=hot)
    bench = None
    if trim is not None:
        cold = None if hot is None else hot.at_trim()
        tested = dataclasses.replace(design, process=cold)
        bench = Bench(
            tested, KnownInputs(TIMES, STATES), multipliers=trim, tracks=tracks
        )
    return Blueprint(SCORE, design, RANGES, bench=bench).program(key)


@pytest.mark.long
def test_gain_feed_through_and_offset_are_undone_to_a_code():
    """Bit for bit: the errors of the bare chip, times the gain's code, plus codes."""
    bare, trimmed = program(ERRORS).multipliers, program(ERRORS, bench_of())
    assert np.abs(bare.signal).max() > 20 * STEP
    left = trimmed.multipliers
    assert np.abs(left.gain).max() <= 0.51 * GAIN_STEP
    assert np.abs(left.signal).max() <= 0.51 * STEP
    assert np.abs(left.factor).max() <= 0.51 * STEP
    # The offset's DAC takes what the codes of the feed-through leave, too.
    assert np.abs(left.offset.sum(axis=0)).max() <= 2 * STEP
    gain = (1 + left.gain) / (1 + bare.gain)
    codes = [(left.signal - gain * bare.signal) / STEP, (gain - 1) / GAIN_STEP]
    for code in codes:
        np.testing.assert_allclose(code, np.round(code), atol=1e-6)
    residues = trimmed.trims.residues
    assert residues["multipliers"] < 2e-3 * residues["before_multipliers"]


@pytest.mark.long
def test_a_trim_at_small_factors_takes_the_slope_of_a_bend():
    """The cubic bend of d has the slope 1 + 2.6 d at 0, and none on the average."""
    bend = BendSpread(4e-3, 4e-3, 1.0, 1.0)
    bent = dataclasses.replace(MultiplierSpread(), bend=bend)
    trimmed = program(bent, bench_of())
    found = trimmed.multipliers
    slopes = 1.5 * np.sqrt(3.0) * (found.bend.signal + found.bend.factor)
    assert np.abs(slopes).max() > 5e-3
    np.testing.assert_allclose(found.gain, -slopes, atol=0.25 * np.abs(slopes).max())
    residues = trimmed.trims.residues
    assert residues["multipliers"] < 0.2 * residues["before_multipliers"]


def test_exact_multipliers_stay_exact():
    assert program(None, bench_of()).multipliers is None
    left = program(MultiplierSpread(), bench_of()).multipliers
    for error in (left.gain, left.signal, left.factor, left.offset):
        assert not np.any(np.asarray(error))


@pytest.mark.parametrize("bench", ["reads", "ranges"])
def test_what_a_bench_cannot_do_stays(bench):
    """An ADC's error, and an error beyond the range of its DAC."""
    if bench == "reads":
        loud = program(ERRORS, bench_of(read_std=1e-2)).trims.residues
        fine = program(ERRORS, bench_of()).trims.residues
        assert loud["multipliers"] > 5 * fine["multipliers"]
        return
    far = MultiplierSpread(offset=1.0)
    bare, left = program(far).multipliers, program(far, bench_of()).multipliers
    moved = np.abs(np.asarray(left.offset - bare.offset).sum(axis=0))
    np.testing.assert_allclose(moved, OFFSETS, rtol=1e-6)


@pytest.mark.long
def test_the_error_of_an_offset_is_that_of_a_mean_of_ramps():
    r"""The mean of what is left has the spread $\sigma R C / (t \sqrt{N})$."""
    read_std, num = 5e-3, 400
    trim = bench_of(read_std=read_std)
    keys = jr.split(jr.key(4), num)
    chips = eqx.filter_vmap(lambda key: program(ERRORS, trim, key))(keys)
    h = jax.vmap(SCORE.network, in_axes=(0, 1), out_axes=1)(TIMES, STATES)

    def rest(chip):
        u_x, u_s = chip.score.volts_in, chip.score.volts_out
        k = RC * jnp.stack([RATES[0], RATES[1] * u_x / u_s])
        v, v_s = u_x * STATES, u_s * h
        return jnp.mean(chip.multiply(k, v, v_s) - k[:1] * v - k[1:] * v_s, axis=1)

    found = np.asarray(eqx.filter_vmap(rest)(chips))
    wanted = read_std * RC / AVERAGING / np.sqrt(NUM)
    assert STEP < 0.1 * wanted
    error = 4 / np.sqrt(2 * found.size)
    assert abs(np.sqrt(np.mean(found**2)) / wanted - 1) < error


@pytest.mark.long
def test_a_trim_at_27_c_leaves_the_drift_of_offsets_and_one_in_use_does_not():
    drift, kelvin = 30e-6, 100.0
    law = TemperatureLaw(kelvin, multiplier_drift=drift)
    hot = Process(0.0, 0.0, (1, 1), law)
    cold = program(ERRORS).multipliers
    moved = np.asarray(program(ERRORS, hot=hot).multipliers.offset - cold.offset)
    assert 0.2 < np.sqrt(np.mean(moved**2)) / (drift * kelvin) < 2
    once = program(ERRORS, bench_of(), hot=hot).multipliers
    used = program(ERRORS, bench_of(), hot=hot, tracks=True).multipliers
    gain = (1 + np.asarray(once.gain)) / (1 + np.asarray(cold.gain))
    left = np.sum(gain * moved, axis=0)
    np.testing.assert_allclose(once.offset.sum(axis=0), left, atol=2 * STEP)
    assert np.abs(used.offset.sum(axis=0)).max() <= 2 * STEP
    assert np.abs(left).max() > 20 * STEP


def test_a_longer_read_has_more_ramps_where_the_rail_ends_them():
    """Below the rail the ADC's error falls as 1 / t, at it as 1 / sqrt(t)."""
    rc, peak = jnp.asarray(RC), jnp.asarray(0.01)
    std = lambda t, **kwargs: float(
        bench_of(t, read_std=1e-3, **kwargs).read_std(rc, peak)
    )
    assert np.isclose(std(20e-6), 1e-3 * RC / 20e-6)
    assert np.isclose(std(20e-6, v_rail=1.0), std(20e-6))
    longest = RC / 0.01  # of a ramp of 10 mV to 1 V
    assert np.isclose(std(4 * longest, v_rail=1.0), std(longest) / 2)
    # White noise of 50 nV / sqrt(Hz) over 20 us: 7.9 uV.
    both = std(20e-6, noise=50e-9) ** 2 - std(20e-6) ** 2
    assert np.isclose(np.sqrt(both), 50e-9 / np.sqrt(2 * 20e-6))


def test_codes_at_an_end_are_counted():
    far = program(MultiplierSpread(offset=1.0), bench_of()).trims.residues
    assert float(far["clipped_multipliers"]) >= 2
    near = program(ERRORS, bench_of()).trims.residues
    assert float(near["clipped_multipliers"]) == 0
