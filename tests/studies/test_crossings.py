"""Crossings of curves with closed forms: power laws, steps, curves that never meet."""

import math

import numpy as np
import pytest
from rram_ode.energy import assume, Constant
from rram_ode.studies import find_crossing, first_below


WIDTHS = [8, 16, 64, 256, 1024, 4096]
TABLE = {"a": Constant(0.5, 1.0, 2.0, "1", "assumed: a test")}


def test_a_power_law_crosses_where_algebra_says():
    """100 a / sqrt(width) is 1 at 1e4 a^2; a is log-uniform from 1/2 to 2."""
    widths = [8, 100, 1000, 100_000]
    got = find_crossing(lambda n, v: 100 * v["a"] / math.sqrt(n), widths, TABLE)
    assert got.widths == pytest.approx((1e4,), rel=1e-9)
    step = 2 * math.log(4) / 512  # of ln(a^2) between samples
    assert got.low == pytest.approx(1e4 * 4**-0.9, rel=2 * step)
    assert got.high == pytest.approx(1e4 * 4**0.9, rel=2 * step)
    assert got.share_never == 0.0
    assert got.as_dict()["high"] == got.high


def test_a_fixed_constant_leaves_a_point():
    fixed = assume(TABLE, ["a=1"])
    got = find_crossing(lambda n, v: 20 * v["a"] / n, WIDTHS, fixed)
    assert (got.low, got.high) == pytest.approx((20.0, 20.0), rel=1e-9)


def test_a_step_is_found_to_one_column():
    """Between 300 and 301 wide a memory is full: lines over the grid would miss it."""
    got = find_crossing(lambda n, v: 2.0 if n <= 300 else 0.5, WIDTHS, TABLE)
    assert len(got.widths) == 1
    assert 300 < got.widths[0] < 301


def test_widths_that_are_multiples_are_searched_alone():
    asked = []

    def ratio(n, v):
        asked.append(n)
        return 2.0 if n <= 300 else 0.5

    got = find_crossing(ratio, WIDTHS, TABLE, multiple=2)
    assert 300 < got.widths[0] < 302
    assert all(n % 2 == 0 for n in asked)
    with pytest.raises(ValueError, match=r"must be multiples of 16; got \[8\]"):
        find_crossing(ratio, WIDTHS, TABLE, multiple=16)


def test_curves_that_pass_twice_or_never():
    twice = find_crossing(
        lambda n, v: 0.5 if 20 <= n <= 200 else 2.0, [8, 16, 64, 256], TABLE
    )
    assert len(twice.widths) == 2
    never = find_crossing(lambda n, v: 2.0, WIDTHS, TABLE)
    assert (never.widths, never.low, never.high) == ((), math.inf, math.inf)
    assert never.share_never == 1.0
    always = find_crossing(lambda n, v: 0.5, WIDTHS, TABLE)
    assert (always.widths, always.low, always.high) == ((), 0.0, 0.0)


def test_some_samples_never_cross():
    """a 2 sqrt(8 / n) is below 1 at 64 wide only for a below sqrt 2: three quarters."""
    ratio = lambda n, v: v["a"] * 2 * math.sqrt(8 / n)
    got = find_crossing(ratio, [8, 16, 64], TABLE)
    assert got.share_never == pytest.approx(0.25, abs=1 / 256)
    assert got.high == math.inf
    assert got.as_dict()["high"] is None


def test_the_first_fall_of_each_column():
    x = np.array([1.0, 10.0, 100.0])
    ratios = np.array([[10.0, 0.1, 2.0], [0.1, 2.0, 2.0], [10.0, 0.1, 2.0]])
    np.testing.assert_allclose(first_below(x, ratios), [math.sqrt(10), 0.0, np.inf])


@pytest.mark.parametrize("widths", [[8], [8, 8], [16, 8]])
def test_widths_must_rise(widths):
    with pytest.raises(ValueError, match="`widths` must be two or more and rise"):
        find_crossing(lambda n, v: 1.0, widths, TABLE)
