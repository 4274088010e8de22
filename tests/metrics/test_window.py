"""The windows of the histograms: the paper's for its ring, else the data's range."""

import jax.random as jr
import numpy as np
import pytest
from rram_ode.datasets import Ring
from rram_ode.metrics import hist_l2, kl_1d, kl_2d, outside_fraction


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("scale", [3.0, 10.0, 1e-3])
@pytest.mark.parametrize("centre", [0.0, 4.0])
def test_windows_follow_other_data(scale, centre, rng):
    """Rings of any size and place tell a right sampler from a blob."""
    angle = rng.uniform(0, 2 * np.pi, (2, 20_000))
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=2)
    ring, data = scale * (circle + 0.04 * rng.normal(size=circle.shape)) + centre
    blob = scale * rng.normal(0, 0.7, (20_000, 2)) + centre
    for metric in (kl_1d, kl_2d, hist_l2):
        assert metric(blob, data) > 2 * metric(ring, data)
    assert outside_fraction(ring, data) < 0.01
    assert outside_fraction(blob, data) > 0.03


def test_the_papers_ring_keeps_the_papers_windows():
    """Numbers of the paper's bins, by a histogram of our own."""
    x, y = (np.asarray(Ring().sample(4_000, key=jr.key(k))) for k in (0, 1))
    edges = (np.linspace(-1.2, 1.2, 51),) * 2
    p, q = (
        np.histogram2d(*points.T, bins=edges)[0] / 4_000 + 1e-10 for points in (y, x)
    )
    assert np.isclose(kl_2d(x, y), np.sum(p * np.log(p / q)), rtol=1e-9)
    line = [np.histogram(v, bins=50, range=(-4, 4))[0] / 8_000 + 1e-10 for v in (x, y)]
    assert np.isclose(kl_1d(x, y), np.sum(line[0] * np.log(line[0] / line[1])))


def test_windows_of_a_constant_coordinate(rng):
    data = np.stack([rng.normal(size=100), np.full(100, 7.0)], axis=1)
    assert kl_2d(data, data) == kl_1d(data, data) == hist_l2(data, data) == 0.0
