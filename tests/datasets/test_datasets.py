import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.datasets import (
    Checkerboard,
    DATASETS,
    EightGaussians,
    Moons,
    Ring,
    Spiral,
)


NUM = 4_000


def within(values, mean, std):
    """Whether the mean of `values` is within 4 of its standard errors of `mean`."""
    return abs(np.mean(values) - mean) < 4 * std / np.sqrt(len(values))


@pytest.mark.parametrize("name", DATASETS)
def test_every_dataset(name, getkey):
    dataset = DATASETS[name]()
    key = getkey()
    points = dataset.sample(NUM, key=key)
    assert dataset.dim == 2
    assert points.shape == (NUM, 2)
    assert points.dtype == jnp.result_type(float)
    assert np.abs(points).max() < 1.2
    assert np.array_equal(points, dataset.sample(NUM, key=key))
    assert not np.array_equal(points, dataset.sample(NUM, key=getkey()))


def test_one_program_for_all_numbers(getkey):
    sample = eqx.debug.assert_max_traces(
        lambda dataset, key: dataset.sample(10, key=key), max_traces=1
    )
    jitted = eqx.filter_jit(sample)
    for std in (0.0, 0.1, 0.2):
        jitted(Ring(std=std), getkey())


def test_ring_radius_and_angle(getkey):
    points = np.asarray(Ring().sample(NUM, key=getkey()))
    radius = np.hypot(*points.T)
    assert within(radius, 0.7, 0.04)
    # Variance of a normal sample's squared deviation is 2 std^4.
    assert within((radius - 0.7) ** 2, 0.04**2, np.sqrt(2) * 0.04**2)
    for harmonic in (1, 2, 3):
        angle = harmonic * np.arctan2(*points.T)
        assert within(np.cos(angle), 0, np.sqrt(1 / 2))
        assert within(np.sin(angle), 0, np.sqrt(1 / 2))


def test_ring_without_spread_is_a_circle(getkey):
    points = Ring(radius=0.5, std=0.0).sample(100, key=getkey())
    assert np.allclose(np.hypot(*np.asarray(points).T), 0.5, rtol=1e-12)


def test_moons_lie_on_two_arcs(getkey):
    """Without blur each point is 2/3 from one of the two centres, half of them each."""
    points = np.asarray(Moons(std=0.0).sample(NUM, key=getkey()))
    upper = np.hypot(points[:, 0] + 1 / 3, points[:, 1] + 1 / 6)
    lower = np.hypot(points[:, 0] - 1 / 3, points[:, 1] - 1 / 6)
    on_upper, on_lower = np.isclose(upper, 2 / 3), np.isclose(lower, 2 / 3)
    assert (on_upper | on_lower).all()
    assert within(on_upper, 0.5, 0.5)
    assert (points[on_upper, 1] >= -1 / 6 - 1e-12).all()


def test_eight_gaussians_have_equal_modes(getkey):
    dataset = EightGaussians()
    points = np.asarray(dataset.sample(NUM, key=getkey()))
    mode = np.round(np.arctan2(points[:, 1], points[:, 0]) / (np.pi / 4)).astype(int)
    for k in range(8):
        share = mode % 8 == k
        assert within(share, 1 / 8, np.sqrt(1 / 8 * 7 / 8))
        centre = 0.8 * np.array([np.cos(k * np.pi / 4), np.sin(k * np.pi / 4)])
        assert within(points[share, 0], centre[0], 0.06)
        assert within(points[share, 1], centre[1], 0.06)


def test_checkerboard_leaves_odd_squares_empty(getkey):
    points = np.asarray(Checkerboard().sample(NUM, key=getkey()))
    column, row = np.floor(2 * (points + 1)).astype(int).T
    assert ((column + row) % 2 == 0).all()
    assert set(zip(column.tolist(), row.tolist(), strict=True)) == {
        (i, j) for i in range(4) for j in range(4) if (i + j) % 2 == 0
    }
    assert within(column, 1.5, np.sqrt(5 / 4))


def test_spiral_radius_follows_its_angle(getkey):
    points = np.asarray(Spiral(turns=1.5, std=0.0).sample(NUM, key=getkey()))
    radius = np.hypot(*points.T)
    turned = 3 * np.pi * radius - np.arctan2(points[:, 1], points[:, 0])
    assert np.allclose(np.exp(1j * turned), 1.0)
    assert within(radius**2, 1 / 2, np.sqrt(1 / 12))


def test_sampling_is_differentiable(getkey):
    key = getkey()
    mean_radius = lambda radius: jnp.mean(
        jnp.linalg.norm(Ring(radius=radius).sample(50, key=key), axis=1)
    )
    assert jnp.allclose(jax.grad(mean_radius)(jnp.array(0.7)), 1.0)


@pytest.mark.parametrize("build", [Ring, EightGaussians, Moons, Spiral])
def test_negative_lengths_are_refused(build):
    with pytest.raises(
        ValueError, match="`std` must be 0 or more, in units of the data; got -0.1"
    ):
        build(std=-0.1)
