"""Blocks of age: what samples meet which cells, and how far from the truth they are."""

import dataclasses
import math

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.chip import Ageing, find_cycles, monitor_moves, typical_cycle
from rram_ode.chip._ageing import aged_cell, disturb_cells
from rram_ode.devices import Cell, measured
from rram_ode.noise import FlickerReadNoise


US = 1e-6
ERROR = 0.01 * US
RATE = math.hypot(0.08900206, 0.04201137) * US  # of the source, per e-fold
PLAIN = Ageing(age=1.0, period=32e-6, width=2 * ERROR / RATE)
DEVICE = measured("cmo-hfox", g_min=None, g_max=None, acceptance=0.002, age=1.0)
RULES = {
    "no rewriting": PLAIN,
    "reads": dataclasses.replace(PLAIN, disturb=1e-3, duration=20e-6, reads=1001),
    "rewriting": dataclasses.replace(PLAIN, every=12_345, settle=0.5),
}


def cycles(ageing, key=0):
    return find_cycles(ageing, DEVICE, jr.key(key))


@pytest.mark.parametrize("rule", RULES)
def test_a_sample_meets_the_same_cells_wherever_a_run_begins(rule):
    ageing = RULES[rule]
    of = cycles(ageing)
    whole = list(ageing.blocks(0, 60_000, of))
    assert whole[0].state == ageing.start
    assert [b.stop for b in whole[:-1]] == [b.first for b in whole[1:]]
    assert (whole[0].first, whole[-1].stop) == (0, 60_000)
    starts = np.array([block.first for block in whole])
    for first, num in ((0, 1), (3_342, 3), (12_344, 2), (40_000, 20_000)):
        for part in ageing.blocks(first, num, of):
            for sample in (part.first, part.stop - 1):
                block = whole[np.searchsorted(starts, sample, side="right") - 1]
                assert part.state == block.state
    # An edge is one of age, of reads, or of a cycle, and nothing else.
    middles = lambda first, num: int(
        math.log1p(num * 32e-6 / first) / PLAIN.width + 0.5
    )
    expected = {
        "no rewriting": 1 + middles(1.0, 60_000),
        "reads": 1 + middles(1.0, 60_000) + 60,
        "rewriting": 5
        + middles(1.0, 12_345)
        + 3 * middles(0.5, 12_345)
        + middles(0.5, 60_000 - 4 * 12_345),
    }
    assert len(whole) == expected[rule]


def test_ages_of_a_block_are_within_half_its_width():
    of = cycles(RULES["rewriting"])
    for block in RULES["rewriting"].blocks(0, 40_000, of):
        for sample in (block.first, block.stop - 1):
            cycle = of(sample)
            age = RULES["rewriting"].age_at(sample, cycle)
            since = sample - cycle.number * 12_345
            first = 1.0 if cycle.number == 0 else 0.5
            assert age == pytest.approx(first + since * 32e-6)
            gap = abs(math.log(age / block.state.age))
            assert gap <= PLAIN.width / 2 + 32e-6 / age
            assert block.state.cycle == cycle.number


def test_an_age_does_not_run_backwards():
    with pytest.raises(ValueError, match="an age cannot run backwards; got -3"):
        list(PLAIN.blocks(-3, 5, cycles(PLAIN)))


def rms_change(first: float, second: float) -> float:
    """Of many cells of the device, between two ages, in siemens."""
    g = jnp.full((1, 20_000), 50 * US)
    a, b = (aged_cell(DEVICE, age).program(g, key=jr.key(3)) for age in (first, second))
    return float(jnp.sqrt(jnp.mean((a - b) ** 2)))


def test_the_error_of_a_block_is_the_stated_one():
    """From its middle to its edge; a block of 4 times the width is beyond it."""
    for first in (1.0, 1e4, 3e8):
        for sign in (-1, 1):
            edge = first * math.exp(sign * PLAIN.width / 2)
            # The rate is a root mean square: its sample has an error of 1 / sqrt(2 n).
            assert rms_change(first, edge) == pytest.approx(ERROR, rel=0.02)
    wide = math.exp(4 * PLAIN.width / 2)
    assert rms_change(1.0, wide) > 3 * ERROR  # mutant


@pytest.mark.parametrize("age", [1.0, 3600.0, 86400.0, 3.156e8])
def test_cells_keep_the_sources_mean_and_spread_at_each_age(age):
    num = 40_000
    drift = next(e for e in DEVICE.errors if hasattr(e, "per_efold"))
    alone = dataclasses.replace(DEVICE, errors=(drift,))
    g = jnp.full((1, num), 50 * US)

    def z(seconds):
        cell = aged_cell(alone, seconds)
        found = np.asarray(cell.program(g, key=jr.key(5))).ravel() / US - 50
        mean = -0.08900206 * math.log(age)
        std = 0.04201137 * math.log(age) + 0.41183342
        standard = (found - mean) / std
        return max(
            abs(standard.mean()) * math.sqrt(num),
            abs(standard.std() - 1) * math.sqrt(2 * num),
        )

    assert z(age) < 4
    assert z(1.5 * age) > 4  # mutant: another age


def test_a_cell_follows_one_path():
    """The same deviate at all ages: increments over equal ratios of age are equal."""
    g = jnp.full((1, 50), 50 * US)
    at = [
        np.asarray(aged_cell(DEVICE, age).program(g, key=jr.key(1)))
        for age in (1.0, 10.0, 100.0)
    ]
    np.testing.assert_allclose(at[1] - at[0], at[2] - at[1], atol=1e-12)
    other = aged_cell(DEVICE, 1.0, 1).program(g, key=jr.key(1))
    assert np.abs(np.asarray(other) - at[0]).max() > 0.1 * US  # rewritten: redrawn


@pytest.mark.long
def test_slow_change_counts_once():
    r"""Drift and 1/f noise together, at a few lags, against both laws.

    The mean square of a change over the lag d at the age t is
    $(m^2 + r^2) \ln^2(1 + d / t) + 2 A \int S (1 - \cos 2 \pi f d) df$: two independent
    parts that share no frequency, since the noise begins at 1 / t. A band that begins
    far below 1 / t moves more than that.
    """
    age, sigma, num = 1.0, 0.05 * US, 4_000
    lags = np.array([1e-3, 0.03, 0.3])
    noise = FlickerReadNoise(sigma, 1 / age, 1e3)
    f = np.geomspace(1e-4, 1e6, 200_001)
    psd = np.asarray(noise.psd(jnp.asarray(f))) * sigma**2 * math.log(1e3)

    def changes(law):
        taus = jnp.asarray(np.concatenate([[0.0], lags]))
        unit = np.asarray(law.path(jr.key(2), taus, (num,)))
        band = math.sqrt(math.log(float(law.f_max) / float(law.f_min)))
        g = jnp.full((1, num), 50 * US)
        drifts = [
            np.asarray(aged_cell(DEVICE, age + d).program(g, key=jr.key(4)))
            for d in (0.0, *lags)
        ]
        x = np.stack([each[0] for each in drifts]) + sigma * band * unit
        return x[1:] - x[0]

    kernel = 2 * psd * (1 - np.cos(2 * np.pi * f * lags[:, None]))
    wanted = (RATE * np.log1p(lags / age)) ** 2 + np.trapezoid(kernel, f, axis=1)
    square = changes(noise) ** 2
    error = square.std(axis=1) / math.sqrt(num)
    # The sum of states has a ripple of 0.3 % beside the law.
    assert np.all(np.abs(square.mean(axis=1) - wanted) < 4 * error + 0.01 * wanted)
    twice = changes(FlickerReadNoise(sigma, 0.01 / age, 1e3)) ** 2
    assert twice[-1].mean() > wanted[-1] + 4 * error[-1]  # mutant: counts twice


def test_reads_move_cells_by_their_polarity_and_stuck_cells_not():
    g = 50 * US * jnp.ones((1, 3, 2))
    stuck = jnp.full((1, 3, 2), jnp.nan).at[0, 0, 0].set(50 * US)
    stress = (jnp.array([0.01, -0.01, 0.04]),)
    pos, neg = disturb_cells(
        [g, g], [stuck, stuck], stress, jnp.asarray(2.0), jnp.asarray(52 * US)
    )
    grown = np.array([[1.0, np.exp(0.02)], [np.exp(-0.02)] * 2, [1.04, 1.04]])
    np.testing.assert_allclose(pos[0] / (50 * US), grown, rtol=1e-6)  # LRS is a bound
    shrunk = np.array([[1.0, np.exp(-0.02)], [np.exp(0.02)] * 2, [np.exp(-0.08)] * 2])
    np.testing.assert_allclose(neg[0] / (50 * US), shrunk, rtol=1e-6)


@pytest.mark.long
def test_a_monitor_rewrites_once_its_column_has_moved():
    ageing = dataclasses.replace(PLAIN, monitor=0.01)
    key, of = jr.key(7), cycles(ageing, 7)
    begun = 0
    for number in range(3):
        cycle = of(begun)
        assert cycle.stop is not None
        stop = begun = cycle.stop
        assert cycle.number == number
        samples = np.array([0.0, 0.8, 1.0]) * (stop - cycle.first)
        ages = 1.0 + 32e-6 * samples
        moved = np.asarray(
            monitor_moves(DEVICE, ageing, jnp.asarray(ages), number, key=key)
        )
        assert moved[1] < 0.01 < moved[2]
    # By hand: 1 % of 49 uS is 5.5 e-folds of the mean, give or take the spread of 64.
    mean = typical_cycle(ageing, DEVICE, key)
    efolds = 0.49 / 0.08900206
    assert mean is not None
    slack = 3 * 0.042 / 8 / 0.089 + PLAIN.width
    assert abs(math.log(mean * 32e-6 + 1.0) - efolds) < slack * efolds
    ages = jnp.array([1.0, 1e3])
    first, second = (monitor_moves(DEVICE, ageing, ages, n, key=key) for n in (0, 1))
    assert abs(float(first[1] - second[1])) > 1e-6  # each writing draws afresh


def test_a_threshold_out_of_reach_rewrites_never():
    ageing = dataclasses.replace(PLAIN, monitor=0.5)
    assert cycles(ageing)(10**9).stop is None


def test_the_programs_of_a_new_age_are_those_of_the_old_one():
    write = lambda cell, key: cell.program(jnp.ones((1, 4)) * US, key=key)
    written = eqx.filter_jit(eqx.debug.assert_max_traces(write, max_traces=1))
    for age in (1.0, 2.0, 1e8):
        written(aged_cell(Cell(DEVICE.range, DEVICE.errors), age), jr.key(0))
