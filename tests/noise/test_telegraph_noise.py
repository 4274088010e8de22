"""Telegraph noise: dwell times, density, one chip's lab time; and that off is exact."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from _spectra import contiguous, density_ratio
from rram_ode.noise import LabClock, LogNormal, LogUniform, TelegraphReadNoise


HIGH, LOW = 20e-6, 30e-6
RATE, SHARE = 1 / HIGH + 1 / LOW, HIGH / (HIGH + LOW)


def fixed(high=HIGH, low=LOW, amplitude=0.1, **options):
    """The same dwell times for all traps."""
    dwell = LogUniform(high, high), LogUniform(low, low)
    return TelegraphReadNoise(LogNormal(amplitude), *dwell, **options)


def realise(law, clock, shape, num, key, first=0):
    first = jnp.asarray(first, jnp.uint32)
    return _realise(law, clock, law.plan(clock), shape, num, key, first)


@eqx.filter_jit
def _realise(law, clock, plan, shape, num, key, first):
    path = law.sample_path(clock, plan, shape, first=first, num_samples=num, key=key)
    return path.values, path.interval


# Dwell times, of `path`.


def dwells(states):
    """Lengths of the whole runs of true and of false, in values, over all rows."""
    found = {True: [], False: []}
    for row in states:
        edges = np.flatnonzero(np.diff(row)) + 1
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            found[bool(row[start])].append(stop - start)
    return np.array(found[True]), np.array(found[False])


def test_dwell_times(getkey):
    """10,000 and more in each state: means within 3 %, exponential.

    On a grid of 1 / 200 of the shorter dwell: what hides between two of its times
    lengthens the mean by 0.4 %, and a window of 10 ms favours short dwells by 0.3 %.
    The mutant is the law with a mean 10 % longer.
    """
    law, spacing = fixed(), HIGH / 200
    taus = jnp.arange(100_000.0) * spacing
    key, rng = getkey(), np.random.default_rng(0)
    values = np.asarray(eqx.filter_jit(lambda: law.path(key, taus, (60,)))()).T
    for lengths, mean in zip(dwells(values > 0), (HIGH, LOW), strict=True):
        assert lengths.size > 10_000
        # A run of n values is a dwell of n steps, give or take one.
        seconds = (lengths + rng.triangular(-1, 0, 1, lengths.size)) * spacing
        assert abs(seconds.mean() / mean - 1) < 0.03
        assert st.kstest(seconds, st.expon(scale=mean).cdf).pvalue > 1e-3
        assert st.kstest(seconds, st.expon(scale=1.1 * mean).cdf).pvalue < 1e-6


@pytest.mark.slow
def test_path_at_uneven_times(getkey):
    """Two-point means at steps from a thousandth to ten times the time constant."""
    law, num = fixed(), 400_000
    steps = np.array([1e-3, 0.3, 0.1, 3.0, 0.0, 1.0, 0.03, 10.0]) / RATE
    taus = jnp.asarray(np.concatenate([[5e-3], 5e-3 + np.cumsum(steps)]))
    values = np.asarray(law.path(getkey(), taus, (num,)))
    assert np.all(np.abs(np.mean(values**2, axis=1) - 1) < 4.5 / np.sqrt(num))
    assert np.all(np.abs(np.mean(values, axis=1)) < 4.5 / np.sqrt(num))
    found = np.mean(values[1:] * values[:-1], axis=1)
    error = np.std(values[1:] * values[:-1], axis=1) / np.sqrt(num)
    assert np.all(np.abs(found - np.exp(-RATE * steps)) < 4.5 * error + 1e-12)


# Paths of consecutive samples.


@pytest.mark.long
@pytest.mark.parametrize(
    ("law", "bands"),
    [
        (fixed(), [1e2, 1e3, 3e3, 1e4, 3e4, 1e5]),
        pytest.param(
            TelegraphReadNoise(
                LogNormal(0.1, 0.3),
                LogUniform(10e-6, 200e-6),
                LogUniform(20e-6, 100e-6),
                num_traps=3,
            ),
            [1e2, 1e3, 3e3, 1e4, 3e4, 1e5],
            marks=pytest.mark.slow,
        ),
    ],
    ids=["one pair of dwell times", "a law of them"],
)
def test_density(law, bands, getkey):
    """Within 5 % of the law over three decades, contiguous in lab time.

    The mutant runs twice as fast.
    """
    values, dt = realise(law, LabClock(200e-6), (5200,), 100, getkey())
    series = contiguous(values)
    ratio, error = density_ratio(law, series, float(dt), np.array(bands))
    assert np.all(error < 0.01)
    assert np.all(np.abs(ratio - 1) < 0.05)
    ratio, _ = density_ratio(law, series, float(dt) / 2, np.array(bands))
    assert np.max(np.abs(ratio - 1)) > 0.2


def law_correlation(law, lags):
    """Mean over both dwell times by a sum over even parts of their logarithms."""
    part = (np.arange(400) + 0.5) / 400
    high, low = (
        float(x.low) * (float(x.high) / float(x.low)) ** part
        for x in (law.high, law.low)
    )
    high, low = high[:, None], low[None]
    variance, rate = high * low / (high + low) ** 2, 1 / high + 1 / low
    decay = [np.mean(variance * np.exp(-rate * lag)) for lag in lags]
    return np.array(decay) / np.mean(variance)


@pytest.mark.long
def test_correlation_runs_on_through_lab_time(getkey):
    """1,000 consecutive samples of one chip, with resets, and times within a solve.

    The mutant puts consecutive samples on different chips.
    """
    dwell = LogUniform(50e-6, 10e-3)
    law, clock = (
        TelegraphReadNoise(LogNormal(0.1), dwell, dwell),
        LabClock(20e-6, 12e-6),
    )
    values, dt = realise(law, clock, (4000,), 1000, getkey())
    values, holds = np.asarray(values), values.shape[0]
    assert holds > 2
    inner = (holds - 1) * float(dt)
    pairs = [
        (0, holds - 1, 0),
        (holds - 1, 0, 1),
    ]  # holds, and samples from one to next
    pairs += [(0, 0, n) for n in (1, 3, 10, 30, 100, 255, 256, 257)]
    lags = [inner, 32e-6 - inner, *(n * 32e-6 for _, _, n in pairs[2:])]
    wanted = law_correlation(law, lags)
    assert wanted[2] > 0.6
    for (i, j, n), target in zip(pairs, wanted, strict=True):
        products = values[i][:, : 1000 - n] * values[j][:, n:]
        each = products.mean(axis=1)
        error = each.std() / np.sqrt(each.size)
        assert error < 0.025
        assert abs(each.mean() - target) < 4 * error
        if n and target > 0.3:
            fresh = np.mean(
                np.roll(values[i], 1, axis=0)[:, : 1000 - n] * values[j][:, n:]
            )
            assert abs(fresh - target) > 8 * error


@pytest.mark.long
def test_samples_do_not_depend_on_their_chunk(getkey):
    """Sample 100 asked for alone is sample 100 of the first 101."""
    dwell = LogUniform(5e-6, 10.0)
    law, clock, key = (
        TelegraphReadNoise(LogNormal(0.1), dwell, dwell),
        LabClock(20e-6),
        getkey(),
    )
    whole, _ = realise(law, clock, (50,), 600, key)
    for first in (599, 256, 255, 37):
        alone, _ = realise(law, clock, (50,), 1, key, first)
        assert np.array_equal(alone[..., 0], whole[..., first])
    far, _ = realise(law, clock, (50,), 1, key, 3_000_000_000)
    assert np.all(np.isfinite(far))


@pytest.mark.long
def test_single_precision_resolves_rare_flips(getkey):
    """Dwell times a million holds long: as many flips as the law has, in float32."""
    law, clock = fixed(1.0, 1.0), LabClock(20e-6)
    to32 = lambda x: x.astype(jnp.float32) if eqx.is_inexact_array(x) else x
    law, clock = jax.tree_util.tree_map(to32, (law, clock))
    with jax.enable_x64(False):
        key = jax.random.key(0)
        plan = (20, law.plan(clock)[1])
        run = eqx.filter_jit(
            lambda law, clock, key, first: (
                law.sample_path(
                    clock, plan, (40_000,), first=first, num_samples=20, key=key
                ).values
            )
        )
        values = np.asarray(run(law, clock, key, jnp.uint32(10_000_000)))
    assert values.dtype == np.float32
    flips = np.sum(np.diff(contiguous(values), axis=1) != 0)
    expected = 40_000 * 400e-6 / 1.0
    assert abs(flips - expected) < 4.5 * np.sqrt(expected)


# Cells and traps.


def test_jumps_by_hand():
    """a g (g_ref / g)^m, at most g; traps that are not there do not jump."""
    g = jnp.array([10e-6, 50e-6, 90e-6])
    key = jax.random.key(0)
    for exponent, relative in ((0.0, [0.1, 0.1, 0.1]), (1.0, [0.5, 0.1, 5 / 90])):
        law = fixed(exponent=exponent)
        traps = law.traps(g, key=key)
        assert np.allclose(traps.jump / g[None], [relative], rtol=1e-6)
        assert np.allclose(
            law.spread(g) / g,
            np.array(relative) * np.sqrt(SHARE * (1 - SHARE)),
            rtol=1e-6,
        )
    assert np.allclose(fixed(amplitude=7.0).traps(g, key=key).jump, g[None], rtol=1e-6)
    assert not np.any(fixed(share=0.0).traps(g, key=key).jump)
    assert not np.any(fixed().traps(jnp.zeros(3), key=key).jump)


@pytest.mark.long
def test_no_amplitude_is_no_noise(getkey):
    """Bit for bit."""
    law = fixed(amplitude=0.0)
    values, _ = realise(law, LabClock(20e-6), (5,), 7, getkey())
    assert not np.any(values)
    assert float(law.spread(jnp.array(50e-6))) == 0


def test_a_chips_density_is_machlups(getkey):
    """Of each cell: the Lorentzian of its own trap, integrated by frequency."""
    law = TelegraphReadNoise(
        LogNormal(0.1, 0.5), LogUniform(1e-6, 1e-3), LogUniform(1e-5, 1e-4)
    )
    traps = law.traps(jnp.full(4, 50e-6), key=getkey())
    f = np.logspace(0, 9, 4000)
    area = np.trapezoid(np.asarray(traps.psd(jnp.asarray(f))), f, axis=0)
    share = traps.high / (traps.high + traps.low)
    wanted = np.sum(traps.jump**2 * share * (1 - share), axis=0)
    assert np.allclose(area, wanted, rtol=2e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fixed(share=1.2), "`read.telegraph.share` must be from 0 to 1"),
        (lambda: fixed(exponent=-0.1), "`read.telegraph.exponent` must be from 0 to 1"),
        (lambda: fixed(num_traps=0), "`read.telegraph.traps` must be 1 or more; got 0"),
        (lambda: fixed(amplitude=-1.0), "`read.telegraph.amplitude` must be 0 or more"),
        (lambda: fixed(g_ref=0.0), "`read.telegraph.g_ref` must be positive"),
        (lambda: LogUniform(2.0, 1.0), "must be positive and not above the upper"),
        (
            lambda: fixed().path(jax.random.key(0), jnp.array([1.0, 0.0])),
            "must not fall: sort them",
        ),
    ],
)
def test_bad_values_name_the_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()
