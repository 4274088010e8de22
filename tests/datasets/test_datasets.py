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
    widen,
)


NUM = 4_000
PLANE = [name for name in DATASETS if name not in ("digits", "figures")]


def within(values, mean, std):
    """Whether the mean of `values` is within 4 of its standard errors of `mean`."""
    return abs(np.mean(values) - mean) < 4 * std / np.sqrt(len(values))


@pytest.mark.parametrize("name", PLANE)
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


@pytest.mark.parametrize("name", PLANE)
def test_noticeable_points_are_the_points_distorted(name, getkey):
    dataset, key = DATASETS[name](), getkey()
    points = np.asarray(dataset.sample(NUM, key=key))
    distorted = np.asarray(dataset.sample_noticeable(NUM, key=key))
    assert dataset.just_noticeable
    assert distorted.shape == points.shape
    moved = np.linalg.norm(distorted - points, axis=1)
    assert 0 < np.median(moved) < 0.07


def test_noticeable_ring_is_20_percent_wider(getkey):
    ring, key = Ring(), getkey()
    radius = np.hypot(*np.asarray(ring.sample(NUM, key=key)).T)
    wider = np.hypot(*np.asarray(ring.sample_noticeable(NUM, key=key)).T)
    assert np.allclose(wider - 0.7, 1.2 * (radius - 0.7), atol=1e-6)


def test_noticeable_checkerboard_is_blurred(getkey):
    board, key = Checkerboard(half_width=2.0), getkey()
    noise = board.sample_noticeable(NUM, key=key) - board.sample(NUM, key=key)
    assert within(np.asarray(noise).ravel() ** 2, 0.1**2, np.sqrt(2) * 0.1**2)


@pytest.mark.parametrize("scale", [1.0, 1e3])
@pytest.mark.parametrize("num", [1_000, 3_000])
def test_widen_makes_the_ring_20_percent_wider(num, scale, getkey):
    """As the data set states it for itself, in any unit and for any number."""
    ring = Ring(radius=0.7 * scale, std=0.04 * scale)
    points = widen(ring.sample(num, key=getkey()), key=getkey())
    low, high = np.quantile(np.hypot(*points.T), (0.16, 0.84))
    # The generic width is no fit of the ring: 10 % beside the error of the quantiles.
    error = 3 * 1.5 / np.sqrt(2 * num)
    assert abs((high - low) / 2 / (0.04 * scale) - 1.2) < 0.1 + error


def test_widen_follows_each_mode(getkey):
    """Of two modes, each is widened by a part of its own width, 20 % at most."""
    rng = np.random.default_rng(0)
    stds = np.repeat([0.01, 1.0], 3_000)[:, None]
    points = np.repeat([0.0, 50.0], 3_000)[:, None] + stds * rng.normal(size=(6_000, 3))
    wider = widen(points, key=getkey())
    for rows in (slice(0, 3_000), slice(3_000, None)):
        ratio = wider[rows].std(axis=0) / points[rows].std(axis=0)
        assert (ratio > 1.02).all()
        assert (ratio < 1.2).all()


def test_widen_of_repeated_points_moves_them(getkey):
    points = np.repeat(np.eye(5), 100, axis=0)
    assert (np.linalg.norm(widen(points, key=getkey()) - points, axis=1) > 0).all()


def test_widen_refusals(getkey):
    with pytest.raises(ValueError, match="two distinct points or more; got 1"):
        widen(np.ones((5, 2)), key=getkey())
    with pytest.raises(ValueError, match="must be finite, of shape"):
        widen(np.array([[0.0, np.nan]]), key=getkey())
