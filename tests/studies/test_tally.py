"""Chips counted one by one: a majority is found, and only where there is one."""

import numpy as np
import pytest
from rram_ode.metrics import compare_repeats, Difference, median_interval, Verdict
from rram_ode.studies import Tally
from scipy import stats


Z = stats.norm.ppf(0.95)
ERROR = 0.4  # of a chip's own difference, in just-noticeable distances


def chips(rng, theta):
    """Differences of chips whose true ones are `theta`, with their own intervals."""
    values = theta + ERROR * rng.normal(size=len(theta))
    half = Z * ERROR
    return [Difference(float(v), v - half, v + half, 1.0, 1.0) for v in values]


def mean_of(differences):
    values = np.array([each.value for each in differences])
    return compare_repeats(values, np.zeros(len(values)), delta=1.0)


def counted(num, worse, margin=1.0):
    """A tally of `num` chips of which `worse` are shown to be worse."""
    far, near = (
        Difference(v, v - 0.1, v + 0.1, margin, 1.0) for v in (9 * margin, 0.0)
    )
    return Tally.of([far] * worse + [near] * (num - worse), margin=margin)


def rate(law, runs=300, num=20, seed=0, decide=lambda tally, each: tally.is_worse):
    """Share of repeats in which chips of a law are called worse."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(runs):
        each = chips(rng, law(rng, num))
        found.append(decide(Tally.of(each, margin=1.0), each))
    return float(np.mean(found))


def half_at_the_margin(rng, num):
    """The hardest law: half of the chips just not worse, the other half far off."""
    return np.where(rng.random(num) < 0.5, 1.0, 1000.0)


def board(rng, num):
    """Nearly all chips are worse, and a few of them rule the mean."""
    return 100 * np.exp(3 * rng.normal(size=num))


def dead(rng, num):
    """One chip of eight is dead; the median chip equals its twin."""
    return np.where(rng.random(num) < 0.125, 300 * rng.exponential(size=num), 0.0)


@pytest.mark.long
def test_a_majority_that_is_none_is_found_in_five_percent():
    limit = 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)
    assert rate(half_at_the_margin) < limit
    cauchy = lambda rng, num: 1 + rng.standard_cauchy(num)
    assert rate(cauchy) < limit
    # The mutant counts a chip by its value alone, and noise moves half of those at the
    # margin across it.
    by_value = lambda tally, each: (
        stats.binom.sf(sum(d.value > 1 for d in each) - 1, tally.num, 0.5) <= 0.05
    )
    assert rate(half_at_the_margin, decide=by_value) > 0.4


def test_equal_chips_are_hardly_ever_called_worse_or_better():
    def wrong(tally, each):
        return tally.verdict(mean_of(each)) in (Verdict.WORSE, Verdict.BETTER)

    equal = lambda rng, num: rng.normal(size=num)
    assert rate(equal, runs=150, decide=wrong) < 0.08
    assert rate(equal) == 0.0


def test_a_majority_decides_where_a_few_chips_rule_the_mean():
    is_open = lambda tally, each: mean_of(each).verdict == Verdict.UNDECIDED
    assert rate(board, runs=100, num=40, decide=is_open) > 0.1
    told = lambda tally, each: tally.verdict(mean_of(each)) == Verdict.WORSE
    assert rate(board, runs=100, num=40, decide=told) == 1.0


def test_a_good_median_flatters_no_machine():
    """The mean's verdict stands, whatever most of the chips do."""

    def changed(tally, each):
        mean = mean_of(each)
        return tally.verdict(mean) != mean.verdict

    assert rate(dead, runs=150, decide=changed) == 0.0
    better = lambda rng, num: dead(rng, num) - 20.0
    assert rate(better, runs=150, decide=changed) == 0.0


def test_how_many_chips_it_takes():
    """Of the binomial law with q = 0.525: 0.525^4 = 0.08, 0.525^5 = 0.04."""
    assert counted(5, 5).is_worse
    assert not counted(4, 4).is_worse
    assert counted(10, 9).is_worse
    assert not counted(10, 8).is_worse
    assert not counted(40, 0).is_worse
    wide = Difference(500.0, -181.0, 1180.0, delta=1.0, factor=1e4)
    assert str(counted(40, 38).verdict(wide)) == "worse"
    text = counted(40, 38).tell(wide)
    assert text == "worse (in 38 of 40 chips; mean +500.00, -181.00 to +1180.00)"
    assert counted(40, 3).tell(wide) == "undecided (+500.00, -181.00 to +1180.00)"
    sure = Difference(0.1, -0.2, 0.4, delta=1.0, factor=0.5)
    assert counted(40, 38).verdict(sure) == Verdict.EQUAL  # the mean decides first


def test_the_unit_is_the_just_noticeable_distance_whatever_the_margin():
    tally = counted(5, 3, margin=4.0)
    assert tally.median.mean == pytest.approx(36.0)
    assert tally.good.mean == pytest.approx(0.4)


def test_the_interval_of_a_median_covers_it_whatever_the_law():
    rng, inside = np.random.default_rng(1), []
    for _ in range(500):
        found = median_interval(rng.exponential(size=10).tolist(), 0.9)
        inside.append(found.low <= np.log(2) <= found.high)
    error = np.sqrt(0.1 * 0.9 / 500)
    # Exactly 1 - 2 P(Bin(10, 1/2) <= 1): the interval from the second to the ninth.
    assert abs(np.mean(inside) - (1 - 2 * 11 / 2**10)) < 4 * error


def test_the_interval_of_a_median_by_hand():
    found = median_interval([5.0, 1.0, 9.0, 2.0, 3.0, 8.0, 4.0, 7.0, 6.0, 10.0], 0.9)
    assert tuple(found) == (5.5, 2.0, 9.0)
    assert tuple(median_interval([3.0, 1.0, 2.0, 4.0], 0.9)) == (2.5, -np.inf, np.inf)
    assert np.isfinite(median_interval([3.0, 1.0, 2.0, 4.0, 5.0], 0.9)).all()
    with pytest.raises(ValueError, match="one or more finite numbers"):
        median_interval([1.0, np.nan])
    with pytest.raises(ValueError, match="`level` must lie"):
        median_interval([1.0], 1.0)
