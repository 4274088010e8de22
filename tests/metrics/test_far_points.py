"""Metrics of data of any size, and of data with a few far points."""

import numpy as np
import pytest
from rram_ode.metrics import hist_l2, kl_1d, kl_2d, mmd


def ring(rng, scale, centre, num=4_000):
    angle = rng.uniform(0, 2 * np.pi, num)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return scale * (circle + 0.04 * rng.normal(size=(num, 2))) + centre


@pytest.mark.parametrize("scale", [100.0, 1e-3])
@pytest.mark.parametrize("centre", [0.0, 4.0])
def test_the_kernel_of_mmd_follows_the_data(scale, centre):
    """The mutant is a fixed width: far too small, or so large that a blob is a ring."""
    rng = np.random.default_rng(0)
    right, data = (ring(rng, scale, centre) for _ in range(2))
    blob = scale * rng.normal(0, 0.7, (4_000, 2)) + centre
    shifted = right + np.array([0.2 * scale, 0.0])
    for width, is_seen in ((None, True), (0.2, False)):
        worst = max(abs(mmd(right, data, bandwidth=width)), 1e-4)
        found = mmd(blob, data, bandwidth=width)
        assert (found > 5 * worst) == is_seen
    assert mmd(shifted, data) > 5 * abs(mmd(right, data))


def test_one_far_point_does_not_hide_a_blob():
    """The mutant, a window over all points, has every other point in one bin."""
    rng = np.random.default_rng(1)
    right, data = (ring(rng, 10.0, 0.0) for _ in range(2))
    data[0] = 1e6
    blob = rng.normal(0, 7.0, (4_000, 2))
    for metric in (kl_1d, kl_2d, hist_l2):
        assert metric(blob, data) > 1.5 * metric(right, data)
