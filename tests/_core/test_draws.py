"""The counter generator: law, independence, and that no draw depends on its batch."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode._core._random import normal, normals, standard_normal


draws = eqx.filter_jit(standard_normal)
LIMITS = np.array([1.0, 2.0, 3.0, 4.0, 4.5, 5.0])


def summed_counter(key, indices, shape, *, block=0):
    """Index and element added before the hash: neighbours share all but one draw."""
    total = indices[None] + jnp.arange(shape[0], dtype=indices.dtype)[:, None]
    flat = standard_normal(key, total.reshape(-1), (1,), block=block)
    return flat.reshape(shape[0], indices.size)


def signs_alone(key, indices, shape, *, block=0):
    """Neighbours of equal size and independent sign: no correlation, but of squares."""
    z = standard_normal(key, indices, shape, block=block)
    other = standard_normal(jr.fold_in(key, 1), indices, shape, block=block)
    size = jnp.repeat(jnp.abs(z[: (shape[0] + 1) // 2]), 2, axis=0)[: shape[0]]
    return jnp.sign(other) * size


def blind_to_key(key, indices, shape, *, block=0):
    return standard_normal(jr.key(0), indices, shape, block=block)


def blind_to_block(key, indices, shape, *, block=0):
    del block
    return standard_normal(key, indices, shape)


@eqx.filter_jit
def large_sample(key, gain, limit):
    """Means of the first four powers, and counts beyond each limit, of 6.7e7 draws."""

    def chunk(n):
        indices = n * jnp.uint32(1024) + jnp.arange(1024, dtype=jnp.uint32)
        z = standard_normal(key, indices, (2**11,)).astype(jnp.float32)
        z = jnp.clip(gain * z, -limit, limit)
        square = z * z
        powers = [jnp.mean(x) for x in (z, square, z * square, square * square)]
        counts = [jnp.sum(square > x) for x in (LIMITS**2).astype("float32")]
        return jnp.stack(powers).astype(float), jnp.stack(counts)

    powers, counts = jax.lax.map(chunk, jnp.arange(32, dtype=jnp.uint32))
    return jnp.mean(powers, axis=0), jnp.sum(counts, axis=0)


def law_deviations(key, gain=1.0, limit=np.inf):
    """In standard errors: the first four moments, and the counts in both tails."""
    gain, limit = jnp.float32(gain), jnp.float32(limit)
    powers, counts = (np.asarray(x) for x in large_sample(key, gain, limit))
    num = 32 * 2**21
    variances = np.array([1.0, 2.0, 15.0, 96.0])  # of z, z^2, z^3, z^4
    moments = (powers - np.array([0.0, 1.0, 0.0, 3.0])) / np.sqrt(variances / num)
    tail = 2 * st.norm.sf(LIMITS)
    tails = (counts - num * tail) / np.sqrt(num * tail * (1 - tail))
    return np.concatenate([moments, tails])


@pytest.mark.long
def test_moments_and_tails(getkey):
    """Of 6.7e7 draws; 38 of them lie beyond 5 sigma."""
    assert np.all(np.abs(law_deviations(getkey())) < 4)


@pytest.mark.long
def test_wrong_law_shows(getkey):
    assert np.abs(law_deviations(getkey(), gain=1.001)).max() > 5
    assert np.abs(law_deviations(getkey(), limit=4.8)).max() > 5


@pytest.mark.long
def test_distribution(getkey):
    z = draws(getkey(), jnp.arange(1000, dtype=jnp.uint32), (1000,))
    z = np.asarray(z).reshape(-1)
    assert st.kstest(z, "norm").pvalue > 1e-3
    assert st.kstest(1.01 * z, "norm").pvalue < 1e-3


def independence(draw, key):
    """p of a chi-square over normalised sums of products, also of squares."""
    draw = eqx.filter_jit(draw)
    indices = jnp.arange(256, dtype=jnp.uint32)
    again = lambda key, indices, block=0: np.asarray(
        draw(key, indices, (1024,), block=jnp.uint32(block))
    )
    z = again(key, indices)
    pairs = []
    for lag in (1, 2, 3, 4, 8, 16, 64, 128):
        pairs += [(z[lag:], z[:-lag]), (z[:, lag:], z[:, :-lag])]
        pairs += [(z[lag:, lag:], z[:-lag, :-lag]), (z[lag:, :-lag], z[:-lag, lag:])]
    pairs += [(z, again(jr.fold_in(key, n), indices)) for n in range(4)]
    pairs += [(z, again(key, indices, block)) for block in (1, 2, 64)]
    pairs += [(z, again(key, indices + jnp.uint32(2**k))) for k in (8, 16, 31)]
    sums = [np.sum(a * b) / np.sqrt(a.size) for a, b in pairs]
    sums += [np.sum((a**2 - 1) * (b**2 - 1)) / np.sqrt(4 * a.size) for a, b in pairs]
    return st.chi2.sf(np.sum(np.square(sums)), len(sums))


def test_independence(getkey):
    """Along and across axes, between keys, blocks and far indices; squares too."""
    assert independence(standard_normal, getkey()) > 1e-3


@pytest.mark.parametrize(
    "mutant", [summed_counter, signs_alone, blind_to_key, blind_to_block]
)
def test_dependence_shows(mutant, getkey):
    assert independence(mutant, getkey()) < 1e-6


def repeats(a, b):
    """Repeats among words made of 16 bits of each, in standard errors from chance."""
    words = [(st.norm.cdf(np.ravel(z)) * 2**16).astype(np.uint32) for z in (a, b)]
    words = words[0] * np.uint32(2**16) + words[1]
    expected = words.size**2 / 2**33
    found = words.size - np.unique(words).size
    return (found - expected) / np.sqrt(expected)


@pytest.mark.long
def test_no_structure_of_repeats(getkey):
    """2^20 pairs of draws coincide as often as 2^20 random words: 128 birthdays."""
    key, indices = getkey(), jnp.arange(2**20, dtype=jnp.uint32)
    z = np.asarray(draws(key, indices, (2,)))
    grid = z[0].reshape(1024, 1024)
    assert abs(repeats(z[0], z[1])) < 4
    assert abs(repeats(z[0, :-1], z[0, 1:])) < 4
    assert abs(repeats(grid, np.roll(grid, 1, axis=0))) < 4
    assert repeats(grid, -grid) > 4


def test_a_block_depends_on_its_index_alone(getkey):
    """The batch and its order do not matter.

    (Compiled for another shape, a product may be rounded once less.)
    """
    key, shape = getkey(), (3, 5)
    whole = draws(key, jnp.arange(64, dtype=jnp.uint32), shape)
    part = draws(key, jnp.array([40, 7], jnp.uint32), shape)
    assert jnp.allclose(part, whole[..., jnp.array([40, 7])], rtol=1e-6, atol=0)
    signed = draws(key, jnp.array([40], jnp.int32), shape)
    assert jnp.allclose(signed, whole[..., 40:41], rtol=1e-6, atol=0)
    assert whole.dtype == jnp.float64


def test_blocks_continue_the_counter(getkey):
    """Block n of size s holds elements n s to (n + 1) s - 1: no draw is used twice."""
    key, indices = getkey(), jnp.arange(4, dtype=jnp.uint32)
    whole = draws(key, indices, (12,))
    parts = [draws(key, indices, (4,), block=jnp.uint32(n)) for n in range(3)]
    assert jnp.allclose(jnp.concatenate(parts), whole, rtol=1e-6, atol=0)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (2, 3, 4)])
def test_draws_in_loops_are_those_of_one_block(shape):
    """Halves by a loop, and many keys padded to one size, change no bit."""
    keys = jr.split(jr.key(3), 3)
    zero = jnp.zeros(1, jnp.uint32)
    whole = [standard_normal(key, zero, shape)[..., 0] for key in keys]
    many = normals(keys, [shape, (5, 6), shape])
    for n in (0, 2):
        np.testing.assert_array_equal(normal(keys[n], shape), whole[n])
        np.testing.assert_array_equal(many[n], whole[n])
