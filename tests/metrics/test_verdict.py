"""Verdicts: calibrated on repeats of known laws, and not fooled by few noisy runs."""

import dataclasses

import numpy as np
import pytest
from rram_ode.datasets import Ring
from rram_ode.metrics import (
    compare_embeddings,
    compare_repeats,
    Difference,
    effective_number,
    Embedding,
    Kernel,
    squared_distance,
    Verdict,
)


def ring(rng, num, std=0.04, blur=0.0):
    """Points of the paper's ring, whose width is `std`, with a blur added."""
    angle = rng.uniform(0, 2 * np.pi, num)
    radius = 0.7 + std * rng.normal(size=num)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return x + blur * rng.normal(size=x.shape)


@pytest.fixture(scope="module")
def kernel():
    return Kernel.of(ring(np.random.default_rng(0), 8000))


def at(low, high, delta=1.0):
    return Difference((low + high) / 2, low, high, delta, 1.0).verdict


def test_the_four_values():
    assert at(-0.9, 0.9) == Verdict.EQUAL
    assert at(0.1, 0.9) == Verdict.EQUAL  # a difference that one would accept
    assert at(0.1, 1.1) == Verdict.WORSE
    assert at(-1.1, -0.1) == Verdict.BETTER
    assert at(-1.1, 0.5) == Verdict.UNDECIDED
    assert at(-0.5, 1.1) == Verdict.UNDECIDED
    found = Difference(-1.0, -2.0, 0.5, 1.0, 3.0)
    assert not found.is_as_good  # undecided never passes
    assert found.as_dict()["verdict"] == "undecided"
    wide = Difference(6.0, 2.0, 10.0, delta=4.0, factor=3.0)
    assert wide.as_dict()["difference"] == 1.5
    assert wide.as_dict(2.0)["low"] == 1.0


def verdicts(shift, num=10, spread=0.5, runs=2000, delta=1.0, seed=1):
    """Share of each verdict over repeats whose true difference is `shift`."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(runs):
        b = rng.normal(5.0, 1.0, num)
        found.append(
            compare_repeats(b + rng.normal(shift, spread, num), b, delta=delta)
        )
    return [d.verdict for d in found], [d.factor for d in found]


def share(verdicts, value):
    return sum(v == value for v in verdicts) / len(verdicts)


def test_repeats_at_the_margin_are_found_equal_in_five_percent():
    for shift in (1.0, -1.0):
        found, _ = verdicts(shift)
        error = np.sqrt(0.05 * 0.95 / len(found))
        assert share(found, Verdict.EQUAL) < 0.05 + 4 * error
    # The mutant, "no significant difference", would let most of them pass.
    rng, passed = np.random.default_rng(2), 0
    for _ in range(500):
        d = compare_repeats(rng.normal(1, 2, 3), np.zeros(3), delta=1.0)
        passed += d.low < 0 < d.high
    assert passed > 250


def test_equal_repeats_are_found_equal_at_the_number_that_is_asked_for():
    _, factors = verdicts(0.0, spread=1.5, runs=200)
    num = int(np.ceil(10 * np.median(factors)))
    assert num > 20
    found, after = verdicts(0.0, num=num, spread=1.5, runs=1000)
    assert share(found, Verdict.EQUAL) > 0.95 - 4 * np.sqrt(0.05 * 0.95 / 1000)
    wrong = share(found, Verdict.BETTER) + share(found, Verdict.WORSE)
    assert wrong <= 0.1
    assert np.median(after) < 1.1
    few, _ = verdicts(0.0, spread=1.5, runs=200)
    assert share(few, Verdict.EQUAL) < 0.5  # the number matters


def compare(kernel, a, b, data, delta):
    a, b, data = (Embedding.of(kernel, x) for x in (a, b, data))
    return compare_embeddings(a, b, data, delta=delta)


@pytest.mark.long
def test_samples_of_one_law_differ_by_nothing_and_the_error_is_right(kernel):
    """Two samples that are both too wide: the linear and the degenerate term matter."""
    rng, found = np.random.default_rng(3), []
    for _ in range(80):
        a, b = ring(rng, 1500, 0.055), ring(rng, 1500, 0.055)
        found.append(compare(kernel, a, b, ring(rng, 1500), 1.0))
    values = np.array([d.value for d in found])
    errors = np.array([d.high - d.value for d in found]) / 1.648
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))
    assert 0.85 < errors.mean() / values.std() < 1.2
    outside = np.mean([not d.low <= 0 <= d.high for d in found])
    assert outside < 0.1 + 3 * np.sqrt(0.1 * 0.9 / len(found))


def test_the_difference_is_that_of_two_distances(kernel):
    """Samples that are too wide and too narrow: value and error of what is compared."""
    rng, found = np.random.default_rng(8), []
    for _ in range(60):
        a, b, data = (
            Embedding.of(kernel, ring(rng, 150, std)) for std in (0.056, 0.03, 0.04)
        )
        got = compare_embeddings(a, b, data, delta=1.0)
        apart = squared_distance(a, data)[0] - squared_distance(b, data)[0]
        assert got.value == pytest.approx(apart, abs=1e-12)
        found.append((got.value, (got.high - got.value) / 1.655))
    value, error = np.array(found).T
    assert abs(error.mean() / value.std(ddof=1) - 1) < 3 / np.sqrt(2 * 60)


def test_shared_starts_make_the_interval_narrow(kernel):
    rng = np.random.default_rng(4)
    a, data = ring(rng, 2000, 0.055), ring(rng, 2000)
    near, other = a + 0.001 * rng.normal(size=a.shape), ring(rng, 2000, 0.055)
    paired, apart = (compare(kernel, a, b, data, 1.0) for b in (near, other))
    assert paired.high - paired.low < 0.2 * (apart.high - apart.low)


@pytest.mark.long
def test_a_blur_is_never_equal(kernel):
    """Fresh data with 0.02 of blur, delta half its distance: worse or undecided."""
    rng = np.random.default_rng(5)
    many = [Embedding.of(kernel, ring(rng, 40_000, blur=b)) for b in (0.02, 0.0)]
    half = squared_distance(*many)[0] / 2
    assert half > 0
    found = []
    for _ in range(30):
        args = ring(rng, 3000, blur=0.02), ring(rng, 3000), ring(rng, 3000)
        found.append(compare(kernel, *args, half).verdict)
    assert share(found, Verdict.EQUAL) == 0
    assert share(found, Verdict.BETTER) == 0


def test_slow_noise_lowers_the_effective_number(kernel):
    rng = np.random.default_rng(6)
    x = ring(rng, 4000)
    blocks = np.arange(4000) // 200
    number = lambda x: effective_number(
        Embedding.of(kernel, x, blocks=blocks), Embedding.of(kernel, x)
    )
    assert number(x) > 3000
    shifted = x + 0.1 * rng.normal(size=(20, 2))[blocks]
    assert number(shifted) < 1500


def test_the_ring_of_these_tests_is_that_of_the_data_set():
    assert dataclasses.astuple(Ring()) == pytest.approx((0.7, 0.04))


@pytest.mark.parametrize(
    ("a", "b", "delta", "text"),
    [
        ([1.0], [1.0], 1.0, "two or more repeats"),
        ([1.0, 2.0], [1.0], 1.0, "two or more repeats"),
        ([1.0, np.nan], [1.0, 2.0], 1.0, "must be finite"),
        ([1.0, 2.0], [1.0, 2.0], 0.0, "`delta` must be positive"),
        ([1.0, 2.0], [1.0, 2.0], -1.0, "`delta` must be positive"),
        ([1.0, 2.0], [1.0, 2.0], np.nan, "`delta` must be positive"),
    ],
)
def test_bad_repeats_are_refused(a, b, delta, text):
    with pytest.raises(ValueError, match=text):
        compare_repeats(np.array(a), np.array(b), delta=delta)


class Law:
    """Points of a ring, drawn from a pool of features: the law is known exactly."""

    def __init__(self, kernel, rng, std):
        self.pool = kernel.features(ring(rng, 6_000, std))
        self.mean = self.pool.mean(axis=0)

    def draw(self, rng, num):
        rows = rng.integers(0, len(self.pool), num)
        return Embedding(self.pool[rows], np.ones(num, int))


@pytest.fixture(scope="module")
def laws(kernel):
    rng = np.random.default_rng(9)
    return [Law(kernel, rng, std) for std in (0.055, 0.03, 0.04)]


def apart(a, b, data):
    """The difference of two squared distances of means to a mean."""
    return np.sum((a - data) ** 2) - np.sum((b - data) ** 2)


@pytest.mark.parametrize(
    "sizes",
    [
        (90, 140, 60),
        pytest.param((240, 90, 60), marks=pytest.mark.slow),
        pytest.param((60, 61, 200), marks=pytest.mark.slow),
    ],
)
def test_intervals_of_unequal_numbers_cover_the_difference(laws, sizes):
    """Pictures: other numbers of samples, of fresh data and of data to judge by."""
    rng, runs = np.random.default_rng(9), 120
    truth = apart(*(law.mean for law in laws))
    found = [
        compare_embeddings(
            *(law.draw(rng, n) for law, n in zip(laws, sizes, strict=True)), delta=1.0
        )
        for _ in range(runs)
    ]
    values = np.array([d.value for d in found])
    assert abs(values.mean() - truth) < 3 * values.std() / np.sqrt(runs)
    errors = np.array([(d.high - d.low) / 2 / 1.66 for d in found])
    ratio = np.sqrt((errors**2).mean()) / values.std(ddof=1)
    assert abs(ratio - 1) < 3.5 / np.sqrt(2 * runs)
    covered = np.mean([d.low <= truth <= d.high for d in found])
    assert covered > 0.9 - 3 * np.sqrt(0.9 * 0.1 / runs)


@pytest.mark.slow
def test_repeats_on_the_same_data_tell_of_these_data_alone(laws):
    """Their intervals cover the difference given the data, and not that of the law.

    The mutant is the claim that they hold it: repeats that share few data share their
    error. The interval of one run holds it.
    """
    rng, repeats, runs = np.random.default_rng(10), 12, 100
    wide, narrow, law = laws
    given, of_law, single = [], [], []
    for _ in range(runs):
        data = law.draw(rng, 60)
        pairs = [[one.draw(rng, 120) for one in (wide, narrow)] for _ in range(repeats)]
        distances = np.array([[squared_distance(x, data)[0] for x in p] for p in pairs])
        found = compare_repeats(distances[:, 0], distances[:, 1], delta=1.0)
        one = compare_embeddings(pairs[0][0], pairs[0][1], data, delta=1.0)
        truth = apart(wide.mean, narrow.mean, law.mean)
        given.append(
            found.low <= apart(wide.mean, narrow.mean, data.mean) <= found.high
        )
        of_law.append(found.low <= truth <= found.high)
        single.append(one.low <= truth <= one.high)
    error = np.sqrt(0.9 * 0.1 / runs)
    assert np.mean(given) > 0.9 - 3 * error
    assert np.mean(single) > 0.9 - 3 * error
    assert np.mean(of_law) < 0.9 - 3 * error


def test_as_many_samples_are_in_as_many_groups(kernel):
    rng = np.random.default_rng(7)
    a, b, data = (Embedding.of(kernel, ring(rng, 100)) for _ in range(3))
    blocks = Embedding.of(kernel, ring(rng, 100), blocks=np.arange(100) // 10)
    with pytest.raises(ValueError, match="must be in as many groups; got 100 and 10"):
        compare_embeddings(a, blocks, data, delta=1.0)
    assert compare_embeddings(a, b, data, delta=1.0).low < 0
