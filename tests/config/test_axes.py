import math

import numpy as np
import pytest
from rram_ode.config import parse_axis
from rram_ode.presets import find_preset


CONFIG = find_preset("ring")


def test_equal_ratios_and_equal_distances():
    ratios = parse_axis(CONFIG, "cell.write.std=0.1uS:2uS:10log").values
    assert (ratios[0], ratios[-1], len(ratios)) == (1e-7, 2e-6, 10)
    steps = np.diff(np.log(ratios))
    assert steps == pytest.approx(np.full(9, math.log(20) / 9), rel=1e-9)
    even = parse_axis(CONFIG, "solve.duration=10us:30us:5").values
    assert even == (1e-5, 1.5e-5, 2e-5, 2.5e-5, 3e-5)


def test_lists_whole_numbers_and_words():
    assert parse_axis(CONFIG, "solve.duration=10us,20us").values == (1e-5, 2e-5)
    assert parse_axis(CONFIG, "cell.levels=8:32:4").values == (8, 16, 24, 32)
    assert parse_axis(CONFIG, "cell.levels=4:64:5log").values == (4, 8, 16, 32, 64)
    words = parse_axis(CONFIG, "fidelity=ideal,quasi-static")
    assert words.values == ("ideal", "quasi-static")
    assert not words.is_numeric


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cell.nothing=1:2:3", "no setting `cell.nothing`"),
        ("cell.write.std", "must have the form"),
        ("cell.write.std=1uS:2uS:-3", "a whole number N"),
        ("cell.write.std=1uS:2uS:3LOG", "a whole number N"),
        ("cell.write.std=1uS:2uS", "a whole number N"),
        ("cell.write.std=1uS:2uS:1", "2 to 10000 values; got 1"),
        ("cell.write.std=0:2uS:3log", "ends above 0"),
        ("cell.write.std=1uS,1uS", "twice"),
        ("cell.write.std=1us:2us:3", "unit"),
        ("cell.levels=3:8:4", "must be whole"),
        ("fidelity=ideal:dynamic:2", "no range"),
    ],
)
def test_what_is_no_axis_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        parse_axis(CONFIG, text)
