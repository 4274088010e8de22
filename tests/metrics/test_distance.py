"""The distance that decides: unbiased, with an honest error, and hard to flatter."""

import itertools
import pathlib
import sys
import tracemalloc

import numpy as np
import pytest
from rram_ode.metrics import (
    distance,
    Embedding,
    Kernel,
    paired_distance,
    squared_distance,
)
from rram_ode.metrics._distance import _trace_of_square
from rram_ode.metrics._embedding import MAX_GROUPS


ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks._distortions import ring


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def kernel():
    return Kernel.of(ring(4_000, np.random.default_rng(99)))


def double_sum(kernel, samples, data, blocks=None):
    """The statistic as Gretton et al. define it, pair by pair."""
    x, y = kernel.features(samples), kernel.features(data)
    label = np.arange(len(x)) if blocks is None else np.asarray(blocks)
    others = label[:, None] != label
    apart = ~np.eye(len(y), dtype=bool)
    mean = lambda gram, pairs: gram[pairs].mean()
    return mean(x @ x.T, others) + mean(y @ y.T, apart) - 2 * np.mean(x @ y.T)


def test_value_is_its_double_sum(kernel, rng):
    x, y = ring(240, rng, width=0.06), ring(200, rng)
    expected = double_sum(kernel, x, y)
    assert np.isclose(distance(x, y, kernel=kernel).value, expected, rtol=1e-9)
    blocks = rng.integers(0, 40, 240)
    expected = double_sum(kernel, x, y, blocks)
    found = distance(x, y, kernel=kernel, blocks=blocks)
    assert np.isclose(found.value, expected, rtol=1e-9)


def test_features_are_those_of_the_kernel(rng):
    """Coarse and fine part from the formula of the docstring, over the reference."""
    points = ring(500, rng)
    kernel = Kernel.of(points)
    z = kernel.landmarks * kernel.spread + kernel.centre
    squares = np.sum((points[:, None] - z) ** 2, axis=2)
    parts = [np.exp(-squares / (2 * h**2)) for h in kernel.widths]
    raw = np.concatenate(parts, axis=1)
    raw -= raw.mean(axis=0)
    grams = []
    for part in parts[-2:]:
        part = part - part.mean(axis=0)
        grams.append(part @ part.T / np.linalg.norm(part.T @ part))
    coarse = grams[0] + grams[1]
    covariance = raw.T @ raw / 500
    ridge = 0.01 * np.trace(covariance) / len(covariance)
    fine = raw @ np.linalg.solve(covariance + ridge * np.eye(len(covariance)), raw.T)
    # The null norm of a part is the Frobenius norm of its centred Gram matrix, over n.
    norm = lambda gram: gram / (np.linalg.norm(gram) / 500)
    expected = (norm(coarse) + norm(fine)) / 2
    found = kernel.features(points)
    np.testing.assert_allclose(found @ found.T, expected, atol=1e-7)


def test_the_mean_over_all_exchanges_of_labels_is_zero(rng):
    """Under the null each split of the pool is as likely: the bias is exactly 0.

    This needs a kernel that no exchange changes, and pairs of equal points left out.
    """
    pool = rng.normal(size=(8, 2))
    values = []
    for side in itertools.combinations(range(8), 4):
        other = np.setdiff1d(np.arange(8), side)
        values.append(distance(pool[list(side)], pool[other]).value)
    assert len(values) == 70
    assert np.std(values) > 0.01
    assert abs(np.mean(values)) < 1e-12


def test_kernel_is_that_of_the_set_of_points(rng):
    points = rng.normal(size=(9_000, 3))
    first, second = Kernel.of(points), Kernel.of(rng.permutation(points))
    assert np.array_equal(first.landmarks, second.landmarks)
    assert np.array_equal(first.mix, second.mix)


@pytest.mark.parametrize("dim", [1, 2, 8, 64, 200])
def test_the_unit_and_origin_of_the_data_do_not_matter(dim, rng):
    x, y = rng.normal(size=(2, 60, dim)) * 1.2
    found, other = distance(x, y), distance(1e3 * x - 5e3, 1e3 * y - 5e3)
    assert np.isclose(found.value, other.value, rtol=0, atol=1e-9)
    assert found.p_value == other.p_value
    np.testing.assert_allclose(other.scales, 1e3 * np.array(found.scales))


def test_trace_of_square_is_unbiased():
    """Exactly: over all 3^5 equally likely samples of a skewed law on three points."""
    points = np.array([[0.0, 0.0], [1.0, 0.5], [3.0, -1.0]])
    counts = np.ones(5, int)
    found = [
        _trace_of_square(Embedding(points[list(draw)], counts).residuals)
        for draw in itertools.product(range(3), repeat=5)
    ]
    covariance = np.cov(points.T, bias=True) / 5  # of the mean of five
    assert np.isclose(np.mean(found), np.sum(covariance**2), rtol=1e-12)


def test_p_value_is_uniform_for_equal_laws(rng):
    """P(p <= q) = q for independent points, at any number of them."""
    found = np.array(
        [distance(*rng.normal(size=(2, 12, 2))).p_value for _ in range(99)]
    )
    for level in (0.1, 0.5):
        share = np.mean(found <= level)
        assert abs(share - level) < 3.5 * np.sqrt(level * (1 - level) / 99)


def blocky(rng, num, size=20):
    """A normal law whose points share most of their value within a block."""
    common = np.repeat(rng.normal(size=(num // size, 2)), size, axis=0)
    return 0.8 * common + 0.6 * rng.normal(size=(num, 2)), np.arange(num) // size


@pytest.mark.long
def test_blocks_of_lab_time(rng):
    """Correlated samples of the right law: 0 on average, and p is no alarm.

    Taken as independent, the same samples are too far from the data on average.
    """
    kernel = Kernel.of(rng.normal(size=(2_000, 2)))
    found, wrong = [], []
    for _ in range(60):
        x, blocks = blocky(rng, 400, 10)
        y = rng.normal(size=(400, 2))
        found.append(distance(x, y, blocks=blocks, kernel=kernel)[:3])
        a, b = Embedding.of(kernel, x), Embedding.of(kernel, y)
        wrong.append(squared_distance(a, b)[0] / found[-1][1])
    value, error, p = np.array(found).T
    assert abs(value.mean()) < 3 * value.std() / np.sqrt(60)
    assert 0.7 < error.mean() / value.std() < 1.3
    assert np.mean(p < 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)
    assert np.mean(wrong) > 4 * np.std(wrong) / np.sqrt(60)


def test_many_blocks_and_unequal_ones(kernel, rng):
    """More blocks than groups are merged with their neighbours; pairs stay out."""
    x = ring(3_000, rng)
    blocks = np.sort(rng.integers(0, 1_200, 3_000))
    order = rng.permutation(3_000)
    found = Embedding.of(kernel, x[order], blocks=blocks[order])
    assert len(found.counts) == MAX_GROUPS
    assert found.counts.sum() == 3_000
    np.testing.assert_allclose(found.mean, kernel.features(x).mean(axis=0), atol=1e-12)
    _, label = np.unique(blocks, return_inverse=True)
    group = label * MAX_GROUPS // (label.max() + 1)
    expected = [kernel.features(x[group == g]).sum(axis=0) for g in (0, 7, 249)]
    np.testing.assert_allclose(found.sums[[0, 7, 249]], expected, atol=1e-9)


def test_paired_points_cancel(kernel):
    """Pairs of points: the same expectation with a smaller error, 0 for equal ones."""
    rng = np.random.default_rng(3)
    x = ring(20_000, rng)
    y = x * (1 + 0.01)
    a, b = Embedding.of(kernel, y), Embedding.of(kernel, x)
    apart = squared_distance(Embedding.of(kernel, 1.01 * ring(20_000, rng)), b)
    paired = paired_distance(a, b)
    assert paired[1] < 0.5 * apart[1]
    assert abs(paired[0] - apart[0]) < 3 * np.hypot(paired[1], apart[1])
    assert paired_distance(b, b) == (0.0, 0.0)


def test_memory_is_bounded(kernel):
    """200,000 points: their features all at once would take 576 MB."""
    x = ring(200_000, np.random.default_rng(0))
    tracemalloc.start()
    try:
        Embedding.of(kernel, x)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "points",
    [
        np.repeat(np.arange(6.0)[:, None], 20, axis=0),
        np.random.default_rng(0).integers(0, 2, (40, 1)).astype(float),
        np.stack([np.arange(20.0), np.full(20, 3.0)], axis=1),
        np.concatenate([np.random.default_rng(0).normal(size=(30, 2)), [[1e300, 0]]]),
    ],
    ids=["repeated", "two values", "constant coordinate", "far outlier"],
)
def test_odd_data(points):
    x = np.random.default_rng(1).permutation(points)
    found = distance(x[::2], x[1::2])
    assert np.isfinite(found[:3]).all()
    assert found.p_value > 0.01


def test_refusals(kernel, rng):
    x = rng.normal(size=(9, 2))
    bad = x.copy()
    bad[2:5, 0] = np.nan
    cases = [
        ((bad, x), {}, "3 NaN or infinite values in 3 of 9 rows"),
        ((x, bad), {}, "`data` must be finite"),
        ((x, x[:, :1]), {}, "must have one dimension; got 2 and 1"),
        ((x[:0], x), {}, "`samples` must have shape"),
        ((x[:1], x), {}, "4 independent points or more; got 1"),
        ((0 * x, 0 * x), {}, "two distinct points or more; all 18 are equal"),
        ((1e300 * x, x), {}, "must be positive and finite"),
        ((x, x), {"blocks": np.zeros(8, int)}, "a whole number for each of 9 samples"),
        ((x, x), {"blocks": np.zeros(9)}, "a whole number for each of 9 samples"),
        ((x, x), {"blocks": np.zeros(9, int)}, "4 independent `blocks` or more; got 1"),
        ((x[:, :1], x[:, :1]), {"kernel": kernel}, "the dimension of the kernel, 2"),
    ]
    for args, options, message in cases:
        with pytest.raises(ValueError, match=message) as error:
            distance(*args, **options)
        assert "\n" not in str(error.value)


def test_a_shell_in_space_must_be_more_wrong_than_a_ring():
    """40 % too wide is found at 8,000 points, as the docstring says."""

    def shell(rng, width):
        x = rng.normal(size=(8_000, 3))
        radius = 0.7 + width * rng.normal(size=(8_000, 1))
        return radius * x / np.linalg.norm(x, axis=1, keepdims=True)

    rng = np.random.default_rng(11)
    data = shell(rng, 0.04)
    assert distance(shell(rng, 0.056), data).p_value < 0.01
    assert distance(shell(rng, 0.04), data).p_value > 0.01
