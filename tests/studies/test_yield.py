import numpy as np
import pytest
from rram_ode.studies import chip_yield
from scipy.stats import binom


@pytest.mark.parametrize("good", [0, 1, 7, 19, 20])
def test_limits_are_where_the_binomial_tails_are(good):
    """At each limit the measured count or beyond has probability 2.5 %."""
    values = [0.0] * good + [1.0] * (20 - good)
    share, low, high = chip_yield(values, 0.5)
    assert share == good / 20
    if good > 0:
        assert binom.sf(good - 1, 20, low) == pytest.approx(0.025, rel=1e-9)
    if good < 20:
        assert binom.cdf(good, 20, high) == pytest.approx(0.025, rel=1e-9)
    assert (low == 0, high == 1) == (good == 0, good == 20)


def test_a_chip_without_a_value_is_not_good_and_the_limit_itself_is():
    assert chip_yield([np.nan, 0.1, 0.2, np.inf], 0.2).mean == 0.5


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="one chip or more; got none"):
        chip_yield([], 1.0)
    with pytest.raises(ValueError, match="`level` must lie between 0 and 1; got 1.0"):
        chip_yield([1.0], 1.0, level=1.0)
