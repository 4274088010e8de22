"""Softermax against the exact softmax, and against integers in Python."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.formats import base_2_softmax, Softermax


X = 3 * jr.normal(jr.key(0), (300, 64))


def test_base_2():
    powers = np.exp2(np.asarray(X))
    wanted = powers / powers.sum(-1, keepdims=True)
    np.testing.assert_allclose(base_2_softmax(X), wanted, rtol=1e-12)
    np.testing.assert_allclose(
        base_2_softmax(X * jnp.log2(jnp.e)), jax.nn.softmax(X), rtol=1e-12
    )


@pytest.mark.long
@pytest.mark.parametrize("width", [1, 4, 16, 64, 48])
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_the_wide_version_is_exact_for_any_slices(width, dtype):
    """In any order, of any width, a last slice that is short among them."""
    x = X.astype(dtype)
    wanted, end = base_2_softmax(x), 1e-6 if dtype == jnp.float32 else 1e-14
    soft = Softermax(width, is_wide=True)
    np.testing.assert_allclose(soft(x), wanted, atol=end)
    order = jr.permutation(jr.key(1), 64)
    np.testing.assert_allclose(soft(x[:, order]), wanted[:, order], atol=end)
    rising = jnp.sort(x, axis=1)  # every slice raises the maximum
    np.testing.assert_allclose(soft(rising), base_2_softmax(rising), atol=end)


def integers(row, width):
    """One row in Python's integers: formats and shifts of the paper."""
    codes = [min(max(math.floor(4 * v + 0.5), -128), 127) for v in row]
    # 2^(k / 4) in 15 fraction bits; with two bits of fraction no line is needed.
    table = [round(2 ** (k / 4) * 2**15) for k in range(4)]
    highest, total, kept = None, 0, []
    for begin in range(0, len(codes), width):
        part = codes[begin : begin + width]
        local = max(-(-c // 4) for c in part)
        ahead = local if highest is None else max(highest, local)
        total >>= 0 if highest is None else min(ahead - highest, 40)
        u = []
        for code in part:
            below = code - 4 * ahead
            shift = -(below // 4)
            exact = table[below % 4]
            u.append((exact + (1 << shift >> 1)) >> shift if shift < 40 else 0)
        total = min((2 * total * 2**8 + sum(u)) >> 9, 2**16 - 1)
        kept += [(each, ahead) for each in u]
        highest = ahead
    exponent = total.bit_length() - 1
    place = total / 2**exponent - 1  # of the significand, in [0, 1)
    number = min(int(4 * place), 3)
    left, right = 1 / (1 + number / 4), 1 / (1 + (number + 1) / 4)
    line = left + (right - left) * (4 * place - number)
    reciprocal = math.floor(line * 2**7 + 0.5)
    out = []
    for each, made_with in kept:
        u = each >> min(highest - made_with, 40)
        value = u * reciprocal / 2 ** (15 + 7) * 2.0 ** (6 - exponent)
        out.append(min(math.floor(value * 2**7 + 0.5), 255) / 2**7)
    return out


@pytest.mark.slow
@pytest.mark.parametrize("width", [pytest.param(1, marks=pytest.mark.slow), 16, 64])
def test_the_narrow_version_is_that_of_integers_bit_for_bit(width):
    x = X[:40]
    wanted = [integers(row, width) for row in np.asarray(x).tolist()]
    np.testing.assert_array_equal(Softermax(width)(x), wanted)
    # Single precision holds every number of the formats.
    single = x.astype(jnp.float32)
    double = Softermax(width)(single.astype(float))
    np.testing.assert_array_equal(Softermax(width)(single), double)


@pytest.mark.long
def test_errors_of_the_narrow_version():
    found, wanted = Softermax(16)(X), base_2_softmax(X)
    assert float(jnp.mean(jnp.abs(found - wanted))) < 0.003
    assert float(jnp.max(jnp.abs(found - wanted))) < 0.1
    sums = jnp.sum(found, axis=1)
    assert float(sums.min()) > 0.88
    assert float(sums.max()) < 1.08
    agree = jnp.mean(jnp.argmax(found, 1) == jnp.argmax(wanted, 1))
    assert float(agree) > 0.93
    # The mutant: scores of base e without their factor are another softmax.
    assert float(jnp.mean(jnp.abs(found - jax.nn.softmax(X)))) > 0.003


def test_the_gradient_is_that_of_the_exact_softmax():
    weight = jr.normal(jr.key(2), X.shape)
    slope = lambda f: jax.grad(lambda x: jnp.sum(weight * f(x)))(X)
    np.testing.assert_array_equal(slope(Softermax()), slope(base_2_softmax))


@pytest.mark.long
def test_masked_scores_get_nothing():
    """A row may begin with slices of -inf."""
    x = jnp.where(jnp.arange(64) < 40, -jnp.inf, X[:5])
    for soft in (Softermax(16), Softermax(16, is_wide=True)):
        found = soft(x)
        np.testing.assert_array_equal(found[:, :40], 0.0)
        near = 0.02 if not soft.is_wide else 1e-12
        np.testing.assert_allclose(found, base_2_softmax(x), atol=5 * near)


@pytest.mark.long
def test_it_is_a_drop_in_softmax():
    soft = Softermax(8)
    x = X[:24].reshape(2, 3, 4, 64)
    one = eqx.filter_jit(soft)(x)
    np.testing.assert_array_equal(one, jax.vmap(soft)(x))
    counted = {op.kind: op.number for op in soft.counts(64)}
    assert counted["multiply"] == 64
    assert soft.counts(128)[-1].number == 128


@pytest.mark.parametrize("width", [0, -3])
def test_a_slice_has_scores(width):
    with pytest.raises(ValueError, match="`slice_width` must be a whole number"):
        Softermax(width)


@pytest.mark.slow
@pytest.mark.parametrize("is_wide", [False, True])
def test_nan_comes_out_as_nan_and_stays_in_its_row(is_wide):
    """As the exact softmax has it; a maximum would leave it out."""
    x = jnp.array([[1.0, jnp.nan], [1.0, 0.0]])
    found = Softermax(1, is_wide=is_wide)(x)
    assert jnp.isnan(found[0]).all()
    assert jnp.isnan(base_2_softmax(x)[0]).all()
    np.testing.assert_array_equal(found[1], Softermax(1, is_wide=is_wide)(x[1]))
