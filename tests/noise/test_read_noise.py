"""Read noise as a realised path: exact means, density, one chip's lab time."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from _spectra import contiguous, density_ratio
from rram_ode.noise import FlickerReadNoise, HeldPath, LabClock, WhiteReadNoise


DURATION = 20e-6
BANDS = np.array([1e3, 1e4, 3e4, 1e5, 3e5, 1e6])
WHITE = WhiteReadNoise(1e-6, 1e6)
FLICKER = FlickerReadNoise(1e-7, 1e3, 1e6)


def realise(law, clock, plan, shape, num, key, first=0):
    first = jnp.asarray(first, jnp.uint32)
    return _realise(law, clock, plan, shape, num, key, first)


@eqx.filter_jit
def _realise(law, clock, plan, shape, num, key, first):
    path = law.sample_path(clock, plan, shape, first=first, num_samples=num, key=key)
    return path.values, path.interval


@eqx.filter_jit
def means(path, edges):
    return jax.lax.map(lambda ends: path.mean(*ends), (edges[:-1], edges[1:]))


# The mean over a step.


def reference_mean(values, interval, start, stop):
    """By the antiderivative, a piecewise linear function; the last value holds on."""
    nodes = np.arange(len(values) + 1) * interval
    nodes[-1] = max(nodes[-1], stop)
    area = np.concatenate([[0.0], np.cumsum(values * np.diff(nodes))])
    return (np.interp(stop, nodes, area) - np.interp(start, nodes, area)) / (
        stop - start
    )


def test_mean_is_the_integral(getkey):
    """200 random intervals, within one hold, across many, and past the end."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal(37)
    path = HeldPath(jnp.asarray(values), jnp.asarray(0.3))
    ends = np.sort(rng.uniform(0, 37 * 0.3 + 1, (200, 2)), axis=1)
    ends[:50, 1] = ends[:50, 0] + rng.uniform(1e-3, 0.2, 50)
    run = eqx.filter_jit(lambda path, a, b: jax.vmap(path.mean)(a, b))
    found = run(path, jnp.asarray(ends[:, 0]), jnp.asarray(ends[:, 1]))
    wanted = [reference_mean(values, 0.3, *pair) for pair in ends]
    assert np.allclose(found, wanted, rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    ("holds", "steps"), [(200, 200), (200, 400), (400, 200), (160, 200), (37, 100)]
)
@pytest.mark.parametrize("duration", [1.0, 20e-6, 1.7e-3])
@pytest.mark.lowest
def test_each_hold_counts_once_in_float32(holds, steps, duration):
    """Edges on step boundaries: sum(mean dt) over any partition is the integral.

    Integer values, so that a hold counted twice or never shows as a whole number; and
    where steps divide holds each mean is one value, bit for bit.
    """
    f32 = np.float32
    values = jnp.arange(1, holds + 1, dtype=f32)
    path = HeldPath(values, jnp.asarray(f32(duration) / f32(holds)))
    edges = jnp.asarray((np.arange(steps + 1) / steps).astype(f32) * f32(duration))
    found = np.asarray(means(path, edges), np.float64)
    if steps % holds == 0:
        assert np.array_equal(found, np.repeat(np.arange(holds) + 1, steps // holds))
    if holds % steps == 0:
        wanted = np.reshape(np.arange(holds) + 1.0, (steps, -1)).mean(axis=1)
        assert np.allclose(found, wanted, rtol=0, atol=1e-3 * holds / steps)
    total = np.sum(found * np.diff(np.asarray(edges, np.float64)))
    wanted = duration * (holds + 1) / 2
    assert abs(total - wanted) < 1e-4 * wanted


def test_index_by_floor_would_miss_holds():
    """The mutant of the check above: `floor(tau / interval)` at the start of a step."""
    f32 = np.float32
    edges = (np.arange(201) / 200).astype(f32) * f32(DURATION)
    index = np.floor(edges[:-1] / (f32(DURATION) / f32(200))).astype(int)
    assert np.mean(index != np.arange(200)) > 0.01


# Spectral density: a contiguous path in lab time (no reset), many copies.


def white_series(key, num_samples=300, cells=760):
    clock = LabClock(DURATION)
    plan = WHITE.plan(clock)
    values, dt = realise(WHITE, clock, plan, (cells,), num_samples, key)
    assert values.shape == (40, cells, num_samples)
    return contiguous(values), float(dt)


def test_density_of_white_noise(getkey):
    """Three decades up to the band's edge; held values have S sinc^2(f dt)."""
    series, dt = white_series(getkey())
    assert dt == 0.5e-6
    ratio, error = density_ratio(WHITE, series, dt, BANDS)
    assert np.all(error < 0.01)
    assert np.all(np.abs(ratio - 1) < np.minimum(0.05, 4 * error + 1e-3))


def flicker_series(law, key, num_samples, cells, reset=0.0):
    clock = LabClock(DURATION, reset)
    plan = law.plan(clock)
    values, dt = realise(law, clock, plan, (cells,), num_samples, key)
    return contiguous(values), float(dt)


def fresh_each_sample(series, holds):
    """The mutant: consecutive samples are of different cells, so not related."""
    cells = series.reshape(series.shape[0], -1, holds)
    return np.stack(
        [np.roll(cells[:, n], n, axis=0) for n in range(cells.shape[1])], axis=1
    ).reshape(series.shape)


@pytest.mark.long
def test_density_of_flicker_noise(getkey):
    """Within 5 % over three decades between corners five decades apart.

    The slow half runs through many samples in lab time, the fast half within a sample.
    The mutant draws its noise afresh for each sample.
    """
    law = FlickerReadNoise(1e-7, 100.0, 1e6)
    # Two halves of the 460 cells, one after the other: half the memory.
    (first, dt), (second, _) = (flicker_series(law, getkey(), 512, 230) for _ in "ab")
    series = np.concatenate([first, second])
    del first, second
    holds = series.shape[1] // 512
    ratio, error = density_ratio(law, series, dt, BANDS)
    assert np.all(error < 0.01)
    assert np.all(np.abs(ratio - 1) < 0.05)
    mutant = fresh_each_sample(series, holds)
    ratio, _ = density_ratio(law, mutant, dt, BANDS)
    assert np.max(np.abs(ratio - 1)) > 0.2


def law_correlation(law, lags):
    """The cosine transform of the density: a mixture of exponentials over ln f_c."""
    log = np.log(float(law.f_max / law.f_min))
    corners = float(law.f_min) * np.exp((np.arange(4000) + 0.5) / 4000 * log)
    return np.array([np.mean(np.exp(-2 * np.pi * corners * lag)) for lag in lags])


def sample_correlation(values, distance):
    """Of the first value of samples k and k + distance, mean over k and cells."""
    first = np.asarray(values)[0]
    products = first[:, distance:] * first[:, : first.shape[1] - distance]
    each = products.mean(axis=1)
    return each.mean(), each.std() / np.sqrt(each.size)


@pytest.mark.long
def test_correlation_runs_on_through_lab_time(getkey):
    """1,000 samples of one chip, with a reset between two, 1 to 700 apart."""
    law, clock = FlickerReadNoise(1e-7, 10.0, 1e5), LabClock(DURATION, 12e-6)
    values, _ = realise(law, clock, law.plan(clock), (1000,), 1000, getkey())
    distances = [1, 3, 10, 30, 64, 100, 255, 256, 257, 700]
    wanted = law_correlation(law, [n * 32e-6 for n in distances])
    assert wanted[0] > 0.6
    assert wanted[5] > 0.1
    shuffled = fresh_each_sample(np.asarray(values)[0], 1)[None]
    for distance, target in zip(distances, wanted, strict=True):
        found, error = sample_correlation(values, distance)
        assert error < 0.012 if distance < 300 else error < 0.016
        # Ripple of the finite sum of states: 0.3 % of the density.
        assert abs(found - target) < 4 * error + 0.01
        if target > 0.1:
            fresh, error = sample_correlation(shuffled, distance)
            assert abs(fresh - target) > 6 * error


@pytest.mark.long
def test_variance_within_a_solve(getkey):
    """1 at every hold of every sample; so the noise never restarts."""
    law, clock = FLICKER, LabClock(DURATION, 12e-6)
    values, _ = realise(law, clock, law.plan(clock), (4000,), 3, getkey())
    variance = np.mean(np.asarray(values) ** 2, axis=1)
    assert np.all(np.abs(variance - 1) < 4.5 * np.sqrt(2 / 4000))
    assert abs(np.mean(np.asarray(values))) < 0.05


@pytest.mark.long
@pytest.mark.parametrize("law", [WHITE, FLICKER], ids=["white", "flicker"])
def test_samples_do_not_depend_on_their_chunk(law, getkey):
    """Sample 100 asked for alone is sample 100 of the first 101."""
    clock, key = LabClock(DURATION, 12e-6), getkey()
    plan = law.plan(clock)
    whole, _ = realise(law, clock, plan, (3,), 101, key)
    for first in (100, 64, 37):
        alone, _ = realise(law, clock, plan, (3,), 1, key, first)
        assert np.allclose(alone[..., 0], whole[..., first], rtol=0, atol=1e-5)
    far, _ = realise(law, clock, plan, (3,), 1, key, 3_000_000_000)
    assert np.all(np.isfinite(far))


@pytest.mark.long
def test_cells_and_keys_are_independent(getkey):
    clock = LabClock(DURATION, 12e-6)
    plan = FLICKER.plan(clock)
    a, _ = realise(FLICKER, clock, plan, (2000,), 1, getkey())
    b, _ = realise(FLICKER, clock, plan, (2000,), 1, getkey())
    a, b = np.asarray(a)[:, :, 0], np.asarray(b)[:, :, 0]
    for x, y in ((a, b), (a[:, 1:], a[:, :-1])):
        assert abs(np.mean(x[0] * y[0])) < 4 / np.sqrt(x.shape[1])


def test_too_few_holds_are_refused():
    """White noise slower than a solve is no white noise: the message says what is."""
    with pytest.raises(ValueError, match="fewer than 20: take 500000 Hz or more"):
        WhiteReadNoise(1e-6, 1e5).plan(LabClock(DURATION))
    (holds,) = WhiteReadNoise(1e-6, 5e5).plan(LabClock(DURATION))
    assert holds == 20
