"""Radius, width and modes: what a person checks beside the distance."""

import jax.random as jr
import numpy as np
import pytest
from rram_ode.datasets import Checkerboard, DATASETS, Ring
from rram_ode.metrics import (
    just_noticeable_distance,
    Kernel,
    mode_shape,
    ring_shape,
)


NUM = 20_000


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_ring_shape(rng):
    """A normal radius: median R, half-width s, 6e-5 beyond 4 s; errors of quantiles."""
    angle, radius = rng.uniform(0, 2 * np.pi, NUM), rng.normal(0.7, 0.04, NUM)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    found = ring_shape(points)
    assert abs(found.radius - 0.7) < 4 * 1.25 * 0.04 / np.sqrt(NUM)
    # The 16 % quantile of a normal has a standard error of 1.5 s / sqrt(n).
    assert abs(found.half_width - 0.0398) < 4 * 1.5 * 0.04 / np.sqrt(2 * NUM)
    assert found.far_fraction < 1e-3
    moved = ring_shape(points + 3.0, centre=(3.0, 3.0))
    np.testing.assert_allclose(moved, found, rtol=1e-9, atol=1e-12)


def test_outliers_do_not_rule_the_width(rng):
    angle = rng.uniform(0, 2 * np.pi, NUM)
    radius = rng.normal(0.7, 0.04, NUM)
    radius[: NUM // 50] = 3.0
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    found = ring_shape(points)
    assert np.isclose(found.far_fraction, 0.02, atol=1e-3)
    assert np.isclose(found.half_width, 0.04, rtol=0.05)
    assert np.std(radius) > 0.3


def test_a_wide_ring_has_no_wide_limit(rng):
    key = jr.key(0)
    data = ring_shape(Ring().sample(NUM, key=key))
    wide = np.asarray(Ring(std=0.12).sample(NUM, key=key))
    assert ring_shape(wide).far_fraction < 1e-3
    # P(|e| > 4 / 3) of a normal.
    assert abs(ring_shape(wide, reference=data).far_fraction - 0.182) < 0.02


def test_mode_shape(rng):
    centres = np.array([[0.0, 0.0, 5.0], [5.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    mode = rng.choice(3, NUM, p=[0.5, 0.3, 0.2])
    spread = np.array([0.1, 0.2, 0.3])
    points = centres[mode] + spread[mode, None] * rng.normal(size=(NUM, 3))
    weights, spreads = mode_shape(points, centres)
    np.testing.assert_array_equal(weights, np.bincount(mode) / NUM)
    np.testing.assert_allclose(spreads, 0.9945 * spread, rtol=0.03)
    lost = mode_shape(points[mode != 2], centres)
    assert lost.weights[2] == 0
    assert np.isnan(lost.spreads[2])


def test_shapes_refuse(rng):
    with pytest.raises(ValueError, match="a ring lies in the plane, dim 2; got 3"):
        ring_shape(rng.normal(size=(5, 3)))
    with pytest.raises(ValueError, match="the dimension of `samples`, 2; got 3"):
        mode_shape(np.zeros((5, 2)), np.zeros((2, 3)))


@pytest.mark.parametrize(
    "name",
    [
        n if n == "ring" else pytest.param(n, marks=pytest.mark.slow)
        for n in DATASETS
        if n != "digits"  # a finite set: tests/system/test_finite_data.py
    ],
)
def test_just_noticeable_distance_of_each_dataset(name):
    """Two draws of delta agree within the 3 % that each is known to."""
    dataset = DATASETS[name]()
    kernel = Kernel.of(dataset.sample(8_000, key=jr.key(0)))
    num = 100_000 if isinstance(dataset, Checkerboard) else 20_000
    first, second = (
        just_noticeable_distance(
            kernel,
            dataset.sample(num, key=jr.key(seed)),
            dataset.sample_noticeable(num, key=jr.key(seed)),
        )
        for seed in (1, 2)
    )
    assert first > 0
    assert abs(first / second - 1) < 3 * np.sqrt(2) * 0.03


def test_delta_that_is_not_known_is_refused():
    kernel = Kernel.of(Ring().sample(2_000, key=jr.key(0)))
    data = Ring().sample(200, key=jr.key(1))
    with pytest.raises(ValueError, match=r"known within 3%; 200 points give"):
        just_noticeable_distance(
            kernel, data, Ring().sample_noticeable(200, key=jr.key(1))
        )
    with pytest.raises(ValueError, match=r"known within 3%; 200 points give 0 \+- 0"):
        just_noticeable_distance(kernel, data, data)
    with pytest.raises(ValueError, match="must have one shape"):
        just_noticeable_distance(kernel, data, data[:100])
