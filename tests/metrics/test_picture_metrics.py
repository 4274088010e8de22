"""Metrics of pictures on laws whose answer is known, each with a sampler that fails."""

import numpy as np
import pytest
from rram_ode.metrics import (
    class_recall,
    frechet,
    memorised,
    precision_recall,
)
from scipy import stats


def normal(num, dim=8, seed=0, mean=0.0, std=1.0):
    return mean + std * np.random.default_rng(seed).normal(size=(num, dim))


# Recall.


def test_recall_counts_by_class():
    asked = np.array([0, 0, 0, 0, 1, 1, 2])
    read = np.array([0, 0, 0, 1, 1, 1, -1])
    found = class_recall(asked, read, 4)
    assert [c and c.mean for c in found.classes] == [0.75, 1.0, 0.0, None]
    assert found.balanced.mean == pytest.approx(1.75 / 3)
    assert found.counts == (4, 2, 1, 0)
    _, every, none, _ = found.classes
    assert every is not None
    assert none is not None
    assert (every.high, none.low) == (1.0, 0.0)


def test_jeffreys_interval_of_seven_of_ten():
    # Quantiles of beta(7.5, 3.5).
    found = class_recall(np.zeros(10, int), np.repeat([0, 1], [7, 3]), 2).classes[0]
    assert found is not None
    assert found[1:] == pytest.approx(stats.beta(7.5, 3.5).ppf([0.025, 0.975]))


@pytest.mark.parametrize("truth", [(0.97,) * 10, (0.5, 0.9, 1.0, 0.99, 0.8)])
def test_intervals_of_recall_cover_it(truth):
    """Of Jeffreys' interval on average over classes, and of the mean of classes."""
    rng, num, runs = np.random.default_rng(1), 40, 400
    asked = np.repeat(np.arange(len(truth)), num)
    each, whole = [], []
    for _ in range(runs):
        right = rng.random(len(asked)) < np.array(truth)[asked]
        found = class_recall(asked, np.where(right, asked, -1), len(truth))
        each += [
            c is not None and c.low <= p <= c.high
            for c, p in zip(found.classes, truth, strict=True)
        ]
        whole.append(found.balanced.low <= np.mean(truth) <= found.balanced.high)
    # A discrete law: single classes cover between 0.90 and 1, means of them near 0.95.
    assert np.mean(each) > 0.90
    assert np.mean(whole) > 0.95 - 4 * np.sqrt(0.95 * 0.05 / runs)


def test_counts_alone_would_hide_a_failing_class():
    """The mutant, accuracy over all samples, hides a class of which few are asked."""
    asked = np.repeat([0, 1], [95, 5])
    found = class_recall(asked, np.zeros(100, int), 2)
    assert found.balanced.mean == 0.5
    assert np.mean(asked == 0) == 0.95


@pytest.mark.parametrize(
    ("asked", "read", "text"),
    [
        ([], [], "one sample or more"),
        ([0, -1], [0, 0], "leave out samples of the null label"),
        ([0, 1], [0, 2], "from 0 to 1"),
    ],
)
def test_bad_classes_are_refused(asked, read, text):
    with pytest.raises(ValueError, match=text):
        class_recall(np.array(asked, int), np.array(read, int), 2)


# The Frechet distance.


def test_frechet_of_two_normal_laws():
    """Closed form for diagonal covariances, from many points."""
    x, y = normal(200_000, 3, 0), normal(200_000, 3, 1)
    y = y * np.array([2.0, 0.5, 1.0]) + np.array([1.0, 0.0, -2.0])
    exact = 5 + (1 - 2) ** 2 + (1 - 0.5) ** 2
    assert frechet(x, y) == pytest.approx(exact, rel=0.02)
    assert frechet(x, x) == pytest.approx(0, abs=1e-9)


def test_frechet_of_rotated_features_is_the_same():
    x, y = normal(400, 5, 0), normal(400, 5, 1, 0.3, 1.4)
    turn = np.linalg.qr(normal(5, 5, 2))[0]
    assert frechet(x @ turn, y @ turn) == pytest.approx(frechet(x, y))


def test_frechet_is_biased_and_unequal_numbers_are_refused():
    few, many = (
        np.mean([frechet(normal(n, 8, s), normal(n, 8, s + 50)) for s in range(9)])
        for n in (60, 600)
    )
    assert few > 5 * many > 0
    with pytest.raises(
        ValueError, match="equally many, above their dimension 8; got 9"
    ):
        frechet(normal(90), normal(80))
    with pytest.raises(ValueError, match="equally many"):
        frechet(normal(8), normal(8))


# Precision and recall.


def test_precision_and_recall_of_one_law_agree():
    found = [
        precision_recall(normal(300, 2, s), normal(300, 2, s + 9)) for s in range(9)
    ]
    precision, recall = np.array(found).T
    assert abs(np.mean(precision - recall)) < 3 * np.std(precision - recall) / 3
    assert precision.min() > 0.7


def test_by_hand_on_a_line():
    x = np.arange(6.0)[:, None]
    y = x + 100
    y[0] = 2.0
    found = precision_recall(x, y)
    # The ball around y = 2 reaches to 103, its third neighbour: it holds all of x.
    assert found == (1.0, 1 / 6)


def test_a_collapsed_sampler_has_no_recall_and_a_blurred_one_no_precision():
    data, fresh = normal(300, 8, 0), normal(300, 8, 1)
    real = precision_recall(fresh, data)
    few = np.repeat(fresh[:3], 100, axis=0) + 1e-3 * normal(300, 8, 2)
    collapsed = precision_recall(few, data)
    assert collapsed.recall < 0.1 < real.recall
    wide = precision_recall(3 * fresh, data)
    assert wide.precision < 0.1 < real.precision
    with pytest.raises(ValueError, match="equally many, 5 or more; got 300 and 299"):
        precision_recall(fresh, data[1:])


# Memorised.


def test_the_error_of_the_share_is_that_over_fresh_data():
    rng = np.random.default_rng(3)
    found = [
        memorised(*(rng.normal(size=(n, 6)) for n in (400, 50, 70))) for _ in range(120)
    ]
    for share, error in (("share", "error"), ("nearest_share", "nearest_error")):
        values = np.array([getattr(f, share) for f in found])
        errors = np.array([getattr(f, error) for f in found])
        assert abs(values.mean() - 0.5) < 3 * values.std() / np.sqrt(len(values))
        ratio = values.std(ddof=1) / np.sqrt((errors**2).mean())
        assert abs(ratio - 1) < 3.5 / np.sqrt(2 * len(values))
    # The mutant, a binomial error, is too small: a picture is nearest to many.
    assert np.std([f.share for f in found]) > 1.3 * 0.5 / np.sqrt(400)
    clean = np.mean([f.is_clean for f in found])
    assert clean > 0.97


def test_copies_are_caught_on_either_side():
    train, held_out, fresh = (normal(200, 6, s) for s in range(3))
    noise = 0.05 * normal(200, 6, 5)
    copies = memorised(train + noise, train, held_out)
    assert copies.verdict == "memorised"
    assert copies.share > 0.95
    assert memorised(held_out + noise, train, held_out).verdict.startswith("nearer to")
    assert memorised(fresh, train, held_out).verdict == "nothing memorised"


def test_a_few_copies_are_seen_among_the_nearest():
    train, held_out, fresh = (normal(200, 6, s) for s in range(3))
    some = np.concatenate([train[:12] + 0.01 * normal(12, 6, 7), fresh[:188]])
    found = memorised(some, train, held_out)
    assert abs(found.scores[0]) < 3  # the share of all samples does not see them
    assert found.nearest_share == 1.0
    assert found.verdict == "memorised"


def test_dimensions_must_agree():
    with pytest.raises(ValueError, match="must have one dimension; got 8, 8 and 4"):
        memorised(normal(9), normal(9), normal(9, 4))


def test_too_few_samples_decide_nothing():
    """One copy of each side: half of the samples, whatever the halves had been."""
    rng = np.random.default_rng(2)
    few = rng.normal(size=(2, 3))
    found = memorised(few, few[:1], few[1:])
    assert not found.is_known
    assert not found.is_clean
    assert found.verdict == "undecided: too few pictures that differ"
