import json

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats
from rram_ode.datasets import Ring
from rram_ode.metrics import (
    floor,
    floor_subtracted,
    hist_l2,
    interval,
    kl_1d,
    kl_2d,
    mmd,
    non_finite_fraction,
    outside_fraction,
    quality,
    sliced_wasserstein,
)


DISTANCES = [kl_1d, kl_2d, hist_l2, sliced_wasserstein, mmd]


@pytest.fixture
def rng():
    return np.random.default_rng(2024)


def repeated(*points_and_counts):
    """Rows `(point, count)`, laid out as samples."""
    points, counts = zip(*points_and_counts, strict=True)
    return np.repeat(np.array(points, float), counts, axis=0)


@pytest.mark.parametrize("distance", [kl_1d, kl_2d, hist_l2, sliced_wasserstein])
def test_nothing_between_equal_samples(distance, rng):
    points = rng.normal(size=(200, 2)) / 2
    assert abs(distance(points, points[::-1])) < 1e-9


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.lowest
def test_takes_jax_arrays_in_single_precision(distance, rng):
    x, y = rng.normal(size=(2, 200, 2)).astype(np.float32) / 2
    assert distance(jnp.asarray(x), jnp.asarray(y)) == distance(x, y)


@pytest.mark.parametrize("distance", DISTANCES)
def test_bad_input_is_refused(distance, rng):
    good = rng.normal(size=(10, 2))
    bad = good.copy()
    bad[3, 1] = np.nan
    with pytest.raises(ValueError, match="`samples` must be finite; got 1 NaN"):
        distance(bad, good)
    with pytest.raises(ValueError, match="`data` must be finite"):
        distance(good, bad)
    with pytest.raises(ValueError, match="`samples` must have shape.*not empty"):
        distance(good[:0], good)


def test_kl_1d_is_the_entropy_of_a_hand_made_histogram():
    """Shares 3/4, 1/4 against 1/2, 1/2, in two bins; coordinates count alike."""
    samples = repeated(((-1.0, -1.0), 2), ((-1.0, 1.0), 2))
    data = repeated(((-1.0, 1.0), 7))
    expected = scipy.stats.entropy([3 / 4, 1 / 4], [1 / 2, 1 / 2])
    assert np.isclose(kl_1d(samples, data), expected, rtol=1e-7)


def test_kl_1d_normalises_inside_its_range():
    data = repeated(((-1.0, 1.0), 7))
    strays = repeated(((-1.0, 1.0), 4), ((9.0, -9.0), 4))
    assert abs(kl_1d(strays, data)) < 1e-12
    assert outside_fraction(strays) == 0.5
    assert kl_1d(strays[4:], data) == float("inf")


def test_kl_2d_is_of_the_data_and_clips():
    """KL(data || samples): shares 3/4, 1/4 against 1/2, 1/2."""
    data = repeated(((0.0, 0.0), 3), ((1.19, 1.19), 1))
    samples = repeated(((0.0, 0.0), 3), ((50.0, 7.0), 3))
    expected = scipy.stats.entropy([3 / 4, 1 / 4], [1 / 2, 1 / 2])
    assert np.isclose(kl_2d(samples, data), expected, rtol=1e-6)


def test_kl_2d_of_a_missed_bin():
    """Half of the data where no sample is costs 1/2 log(1/2 / 1e-10)."""
    data, samples = repeated(((0.0, 0.0), 1), ((0.5, 0.5), 1)), np.zeros((4, 2))
    expected = 0.5 * np.log(0.5 / 1e-10) + 0.5 * np.log(0.5)
    assert np.isclose(kl_2d(samples, data), expected, rtol=1e-6)


def test_hist_l2_counts_points_outside():
    """Shares 1/2 (and 1/2 outside) against 1 elsewhere: sqrt(1/4 + 1)."""
    samples = repeated(((0.5, 0.5), 3), ((1.5, 0.0), 3))
    assert np.isclose(hist_l2(samples, np.zeros((5, 2))), np.sqrt(1.25))


@pytest.mark.parametrize("distance", [kl_2d, hist_l2])
def test_histograms_of_the_plane_refuse_other_dimensions(distance, rng):
    with pytest.raises(ValueError, match="needs dim 2; got 3"):
        distance(rng.normal(size=(10, 3)), rng.normal(size=(10, 3)))


@pytest.mark.parametrize("num_data", [300, 450, 317])
def test_sliced_wasserstein_in_one_dimension(num_data, rng):
    """W1's quantile coupling is W2's: compare with scipy on |x - y| for two shifts.

    For samples and data apart (no crossing of quantiles) W1 is the difference of the
    means, and W2^2 = W1^2 + the squared distance of the centred quantiles.
    """
    x, y = rng.normal(size=(300, 1)), rng.normal(size=(num_data, 1)) + 9.0
    w1 = scipy.stats.wasserstein_distance(x[:, 0], y[:, 0])
    centred = sliced_wasserstein(x - x.mean(), y - y.mean(), num_directions=3)
    assert np.isclose(sliced_wasserstein(x, y) ** 2, w1**2 + centred**2)


@pytest.mark.lowest
def test_sliced_wasserstein_of_gaussians(rng):
    """W2^2 of N(0, 1) and N(a, b^2) is a^2 + (b - 1)^2, within sampling error."""
    n = 20_000
    x, y = rng.normal(size=(2, n, 1))
    w = sliced_wasserstein(x, 0.5 + 1.3 * y)
    # Standard error of the mean difference, and of the std difference, to first order.
    error = np.hypot(0.5 * np.sqrt((1 + 1.3**2) / n), 0.3 * np.sqrt(1.3**2 / n)) / w
    assert abs(w - np.hypot(0.5, 0.3)) < 4 * error


@pytest.mark.parametrize("dim", [1, 2, 3, 8])
def test_sliced_wasserstein_of_a_shift(dim, rng):
    """The mean over directions of (theta . d)^2 is |d|^2 / dim."""
    x, shift = rng.normal(size=(50, dim)), rng.normal(size=dim)
    expected = np.linalg.norm(shift) / np.sqrt(dim)
    assert np.isclose(sliced_wasserstein(x, x + shift), expected, rtol=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("dim", [3, 8])
def test_directions_are_spread_over_the_sphere(dim, rng):
    """For N(0, 1) against N(0, C), W2^2 along theta is (1 - sqrt(theta . C theta))^2.

    Along axis k, C is b^2 and 1 elsewhere. Of many directions the mean is that of a
    uniform sphere, by as many directions of another seed.
    """
    n, num, b = 4_000, 4_000, 3.0
    x = rng.normal(size=(n, dim))
    y = x * np.where(np.arange(dim) == dim - 1, b, 1.0)
    other = rng.normal(size=(num, dim))
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    squares = [np.mean((np.sort(x @ d) - np.sort(y @ d)) ** 2) for d in other]
    got = sliced_wasserstein(x, y, num_directions=num) ** 2
    error = np.std(squares) / np.sqrt(num)
    assert abs(got - np.mean(squares)) < 4 * np.sqrt(2) * error


def test_unequal_sizes_repeat_points(rng):
    """A data set laid out twice is the same distribution."""
    x, y = rng.normal(size=(2, 40, 2))
    twice = np.concatenate([y, y])
    assert np.isclose(sliced_wasserstein(x, twice), sliced_wasserstein(x, y))


def test_sliced_wasserstein_needs_a_direction(rng):
    with pytest.raises(ValueError, match="`num_directions` must be 1 or more; got 0"):
        sliced_wasserstein(np.zeros((2, 2)), np.zeros((2, 2)), num_directions=0)


def test_floor_subtracted():
    assert np.isclose(floor_subtracted(0.5, 0.3), 0.4)
    assert floor_subtracted(0.3, 0.5) == 0.0


def test_mmd_is_its_double_sum(rng):
    x, y = rng.normal(size=(700, 3)), rng.normal(size=(600, 3)) + 0.5

    def kernel(a, b):
        squares = np.sum((a[:, None] - b[None]) ** 2, axis=2)
        return np.exp(-squares / (2 * 0.7**2))

    off_diagonal = lambda k: (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))
    expected = off_diagonal(kernel(x, x)) + off_diagonal(kernel(y, y))
    expected -= 2 * kernel(x, y).mean()
    assert np.isclose(mmd(x, y, bandwidth=0.7), expected, rtol=1e-9)


def test_mmd_is_unbiased(rng):
    """Zero on average between draws of one distribution."""
    values = [mmd(*rng.normal(size=(2, 50, 2)), bandwidth=0.5) for _ in range(200)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(200)
    assert min(values) < 0


def test_mmd_of_gaussians(rng):
    """E k(x, y) of two 1-D unit Gaussians at a distance d, width h, in closed form."""
    d, h, n = 1.0, 0.5, 20_000
    x, y = rng.normal(size=(n, 1)), rng.normal(size=(n, 1)) + d
    mean_kernel = lambda d: h / np.sqrt(h**2 + 2) * np.exp(-(d**2) / (2 * (h**2 + 2)))
    expected = 2 * mean_kernel(0) - 2 * mean_kernel(d)
    value = mmd(x, y, bandwidth=h)
    assert value == mmd(x, y, bandwidth=h)
    # Kernel values lie in [0, 1]: the witness's std is below 1, of 2,000 points each.
    assert abs(value - expected) < 3 * 2 * np.sqrt(2 / 2_000)


@pytest.mark.parametrize("dim", [1, 3, 8])
def test_mmd_in_any_dimension(dim, rng):
    """Without a width: 0 on average, and a shift of half a spread shows at once."""
    scale, num = 7.0, 100
    draw = lambda: scale * rng.normal(size=(num, dim))
    equal = [mmd(draw(), draw()) for _ in range(100)]
    error = np.std(equal) / np.sqrt(len(equal))
    assert error > 1e-5  # no kernel of zeros
    assert abs(np.mean(equal)) < 4 * error
    shifted = [mmd(draw() + scale / 2, draw()) for _ in range(20)]
    assert np.mean(shifted) > 4 * np.std(equal)


@pytest.mark.parametrize("dim", [1, 3, 8])
def test_the_usual_width_of_other_dimensions_goes_with_the_data(dim, rng):
    x, y = rng.normal(size=(2, 200, dim))
    y += 0.5
    assert np.isclose(mmd(x, y), mmd(1e3 * x, 1e3 * y), rtol=1e-9)


def test_the_usual_width_in_the_plane(rng):
    x, y = rng.uniform(-1.1, 1.1, size=(2, 200, 2))
    assert mmd(x, y) == mmd(x, y, bandwidth=0.2)


def test_mmd_refusals():
    with pytest.raises(ValueError, match="give `bandwidth`"):
        mmd(np.eye(3), np.ones((5, 3)))
    two = np.zeros((2, 2))
    with pytest.raises(ValueError, match="`bandwidth` must be positive"):
        mmd(two, two, bandwidth=0.0)
    with pytest.raises(ValueError, match="two points each; got 1 and 2"):
        mmd(two[:1], two)


def test_fractions():
    points = np.array([[0.0, 5.0], [np.nan, 0.0], [np.inf, -np.inf], [4.0, -4.0]])
    assert outside_fraction(points) == 4 / 8
    assert non_finite_fraction(points) == 2 / 4
    assert outside_fraction(points[:0]) == non_finite_fraction(points[:0]) == 0.0


def test_quality_drops_and_reports(rng):
    good, data = rng.normal(size=(2, 100, 2)) / 2
    spoilt = np.concatenate([good, np.full((25, 2), np.nan)])
    report = quality(spoilt, data)
    assert report.non_finite_fraction == report.outside_fraction == 0.2
    assert report.num_samples == 125
    clean = quality(good, data)
    for name in ("kl_1d", "kl_2d", "hist_l2", "sliced_wasserstein", "mmd"):
        assert report.as_dict()[name] == getattr(clean, name)
        assert type(getattr(clean, name)) is float
    with pytest.raises(ValueError, match="none of 25 is"):
        quality(spoilt[100:], data)


@pytest.mark.parametrize("dim", [1, 3, 8])
def test_quality_in_any_dimension(dim, rng):
    """What is defined in the plane is left out: `null` in strict JSON."""
    x, y = rng.normal(size=(2, 300, dim)) / 2
    report = quality(x, y).as_dict()
    assert report["kl_2d"] is None
    assert report["hist_l2"] is None
    assert report["kl_1d"] == kl_1d(x, y)
    assert report["sliced_wasserstein"] == sliced_wasserstein(x, y)
    assert report["mmd"] == mmd(x, y)
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_floor_is_the_papers():
    """Data against data, 20,000 samples of the ring, as the authors' code gives it."""
    first, second = floor(Ring(), 20_000, key=jr.key(0), repeats=2)
    for report in (first, second):
        assert np.isclose(report.kl_1d, 0.0002, atol=0.0001)
        assert report.kl_2d is not None
        assert report.hist_l2 is not None
        assert np.isclose(report.kl_2d, 0.063, atol=0.01)
        assert np.isclose(report.hist_l2, 0.010, atol=0.0005)
        assert report.non_finite_fraction == report.outside_fraction == 0
    assert first != second
    with pytest.raises(ValueError, match="`repeats`"):
        floor(Ring(), 10, key=jr.key(0), repeats=0)


@pytest.mark.lowest
def test_interval_is_students(rng):
    values = rng.normal(size=7)
    result = interval(values.tolist(), 0.9)
    error = scipy.stats.sem(values)
    expected = scipy.stats.t.interval(0.9, 6, loc=values.mean(), scale=error)
    assert np.allclose((result.low, result.high), expected)
    assert np.isclose(result.mean, values.mean())


def test_interval_covers(rng):
    hits = [
        low <= 1.0 <= high
        for _, low, high in (
            interval(rng.normal(1.0, size=4).tolist()) for _ in range(999)
        )
    ]
    assert abs(np.mean(hits) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 999)


def test_interval_refusals():
    for values in ([1.0], [1.0, float("nan")]):
        with pytest.raises(ValueError, match="two or more finite numbers"):
            interval(values)
    with pytest.raises(ValueError, match="`level` must lie between 0 and 1; got 95"):
        interval([1.0, 2.0], 95.0)
