"""The gates of the power table, in small, and mutants that fail them."""

import functools
import pathlib
import sys

import numpy as np
import pytest
from rram_ode.metrics import Kernel, kl_2d


ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import power
from benchmarks._distortions import LAWS, ring


@pytest.mark.parametrize(
    ("metric", "passes", "repeats"),
    [
        (power.distance_value, True, 20),
        (kl_2d, False, 40),
        (lambda x, y: _biased(Kernel.of(np.concatenate([x, y])), x, y), False, 10),
    ],
    ids=["distance", "kl_2d", "biased"],
)
def test_no_distortion_helps(metric, passes, repeats):
    """The benchmark's gate; metrics with a floor, which noise can lower, fail it."""
    row = power.unbiased(metric, ring, 100, repeats=repeats)
    assert row.gate is not None
    assert row.gate.passed is passes


def _biased(kernel, x, y):
    """The V-statistic: pairs of a point with itself count."""
    mean = kernel.features(x).mean(axis=0) - kernel.features(y).mean(axis=0)
    return mean @ mean


@pytest.mark.long
@pytest.mark.parametrize("law", ["ring", "normal in 64"])
def test_standard_error_is_the_spread(law):
    """Fresh data and one distortion; the spread of 100 is known within 7 %."""
    draw, distortions = LAWS[law]
    kernel = Kernel.of(draw(2_000, np.random.default_rng(0)))
    others = [draw, distortions[0].draws[2]]
    for found in power._distances(kernel, draw, others, 150, 100):
        ratio = found[:, 1].mean() / found[:, 0].std(ddof=1)
        kurtosis = np.mean((found[:, 0] - found[:, 0].mean()) ** 4)
        kurtosis /= found[:, 0].var() ** 2
        assert abs(ratio - 1) < 3 * np.sqrt((kurtosis - 1) / 4 / 100)


@pytest.mark.long
def test_finds_a_ring_too_wide_and_an_uneven_one():
    for _, draw, num in power.FOUND[:1]:
        row = power.found("wider", draw, num, repeats=4)
        assert row.gate is not None
        assert row.gate.value == 1.0
    row = power.found("halves", functools.partial(ring, half=0.2), 2_500, repeats=4)
    assert row.gate is not None
    assert row.gate.value == 1.0
    row = power.found("fresh", ring, 1_000, repeats=4)
    assert row.gate is not None
    assert not row.gate.passed
