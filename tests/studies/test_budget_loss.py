"""The loss of an error budget: without bias, 0 for equal samples, and never a gain."""

import numpy as np
import pytest
from rram_ode.metrics import squared_distance
from rram_ode.presets import PRESETS
from rram_ode.studies.budget._budget import losses
from rram_ode.system import System


@pytest.fixture(scope="module")
def yardstick():
    return System.from_config(PRESETS["ring-fresh"][0]).yardstick


def ring(rng, num):
    """Points of the paper's ring."""
    angle, radius = rng.uniform(0, 2 * np.pi, num), 0.7 + 0.04 * rng.normal(size=num)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def loss_of(yardstick, x, y):
    return float(losses(yardstick, x[None, None], y[None, None])[0, 0])


def test_the_loss_of_a_shift(yardstick):
    """As the distance of independent clouds has it; 0 for equal ones."""
    rng = rng_of(0)
    y, shift = ring(rng, 4000), np.array([0.02, 0.0])
    apart = yardstick.embed(ring(rng, 20_000) + shift), yardstick.embed(y)
    want, error = (each / yardstick.delta for each in squared_distance(*apart))
    assert abs(loss_of(yardstick, y + shift, y) - want) < 4 * error
    assert want > 5 * error
    assert loss_of(yardstick, y, y) == 0.0
    with pytest.raises(ValueError, match="diverged in all samples"):
        loss_of(yardstick, y + np.nan, y)


def test_independent_noise_leaves_no_bias(yardstick):
    """Pushing each point at random is a wider law, no more: a naive mean would add."""
    yardstick, rng, push = (
        System.from_config(PRESETS["ring-fresh"][0]).yardstick,
        rng_of(1),
        0.01,
    )
    noisy = lambda y: y + push * rng.standard_normal(y.shape)
    many = (yardstick.embed(x) for x in (noisy(ring(rng, 40_000)), ring(rng, 40_000)))
    want, own = (each / yardstick.delta for each in squared_distance(*many))
    each, naive = [], []
    for _ in range(20):
        y = ring(rng, 500)
        x = noisy(y)
        each.append(loss_of(yardstick, x, y))
        moved = yardstick.embed(x).mean - yardstick.embed(y).mean
        naive.append(moved @ moved / yardstick.delta)  # the mutant
    error = np.hypot(np.std(each, ddof=1) / np.sqrt(20), own)
    assert abs(np.mean(each) - want) < 4 * error
    assert np.mean(naive) - want > 10 * error


def test_a_diverged_sample_is_no_gain(yardstick):
    rng = rng_of(2)
    y = ring(rng, 500)
    x = y + 0.001
    few = x.copy()
    few[:25] = np.inf
    assert loss_of(yardstick, few, y) > loss_of(yardstick, x, y) + 1


def rng_of(seed):
    return np.random.default_rng(seed)
