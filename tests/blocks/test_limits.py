"""Limits behind limits act as one pair does, and cost a sample no more."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode._core._arrays import limited, rectified
from rram_ode.blocks import IdealRectifier, Limited, TransimpedanceAmplifier, unlimited


V = jnp.concatenate(
    [jnp.linspace(-3.0, 3.0, 61), jnp.asarray([jnp.nan, jnp.inf, -jnp.inf])]
)


def test_values_are_those_of_clip_and_relu():
    assert np.array_equal(limited(V, -1.0, 0.5), jnp.clip(V, -1.0, 0.5), equal_nan=True)
    assert np.array_equal(rectified(V), jax.nn.relu(V), equal_nan=True)


def test_gradients_are_those_of_clip_and_relu():
    """Beside the limits, and of the ReLU also at 0; at a limit `V` still moves."""
    inner = jnp.asarray([-2.0, -0.999, 0.1, 0.499, 2.0])
    for ours, theirs in (
        (lambda v: limited(v, -1.0, 0.5), lambda v: jnp.clip(v, -1.0, 0.5)),
        (rectified, jax.nn.relu),
    ):
        grads = [jax.vmap(jax.grad(each))(inner) for each in (ours, theirs)]
        assert np.array_equal(*grads)
    assert jax.grad(rectified)(0.0) == 0.0
    assert jax.grad(limited)(0.5, -1.0, 0.5) == 1.0


def naive(limits):
    """The tightest of all limits: wrong where one pair lies beyond another."""
    lows, highs = zip(*limits, strict=True)
    return limited(V, max(lows), min(highs))


def test_a_chain_of_limits_is_one_pair():
    """Bit for bit, also where limits do not overlap; the naive join is not."""
    apart = 0
    for draw in range(50):
        ends = jnp.sort(jr.uniform(jr.key(draw), (3, 2), minval=-2.0, maxval=2.0))
        chain, one_by_one = unlimited(V), V
        for low, high in ends:
            chain = chain.within(low, high)
            one_by_one = jnp.clip(one_by_one, low, high)
        assert chain.v is V  # samples meet one pair
        assert np.array_equal(chain.value, one_by_one, equal_nan=True)
        wrong = naive([(float(low), float(high)) for low, high in ends])
        apart += not np.array_equal(wrong, one_by_one, equal_nan=True)
    assert apart > 10


@pytest.mark.parametrize("low", [None, -0.4, 0.3])
def test_a_hidden_node_is_its_parts(low):
    """Rails of each column, the ReLU and a clamp, on columns and samples."""
    v = jr.normal(jr.key(1), (4, 50))
    rails = jnp.asarray([0.2, 0.5, 1.0, jnp.inf])
    lowest = None if low is None else jnp.full(4, min(low, 0.1))
    amplifier = TransimpedanceAmplifier(jnp.ones(4), rails, lowest)
    joined = IdealRectifier().behind(amplifier.limited(v))
    joined = joined.within(jnp.asarray(-0.7), jnp.asarray(0.7)).value
    bottom = -rails if lowest is None else lowest
    wanted = jnp.clip(v, bottom[:, None], rails[:, None])
    wanted = jnp.clip(jax.nn.relu(wanted), -0.7, 0.7)
    assert np.array_equal(joined, wanted)
    assert isinstance(joined, jax.Array)
    assert isinstance(amplifier.limited(v), Limited)
