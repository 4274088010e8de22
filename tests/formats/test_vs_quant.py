"""Per-vector scales against NumPy's loops over vectors, and their errors by bits."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.formats import (
    ExactScale,
    FloatScale,
    IntegerScale,
    MaxClip,
    UniformFormat,
    VectorFormat,
)


W = jr.laplace(jr.key(0), (64, 48))
H = jax.nn.relu(jr.t(jr.key(1), 5.0, (64, 300)))


def sqnr(x, form):
    """In decibels."""
    error = jnp.sum((x - form.quantise(x)) ** 2)
    return float(10 * jnp.log10(jnp.sum(x**2) / error))


def two_levels(w, h):
    """NumPy with 64-bit integers: inner sums over vectors, then products of scales."""
    total = 0
    for j in range(4):
        one, other = (np.asarray(x.codes[j], np.int64) for x in (w, h))
        scale, another = (np.asarray(x.stored[j], np.int64) for x in (w, h))
        total = total + (one.T @ other) * scale[:, None] * another[None]
    coarse = [np.asarray(x.coarse, float) for x in (w, h)]
    return total * coarse[0][:, None] * coarse[1][None]


@pytest.mark.long
def test_the_dot_product_is_two_levels_of_integers():
    left, right = VectorFormat(4, 16, IntegerScale(4)), VectorFormat(8, 16)
    w, h = left.encode(W), right.encode(H)
    np.testing.assert_allclose(w.dot(h), two_levels(w, h), rtol=1e-14)
    assert np.abs(np.asarray(w.codes)).max() == 7
    assert np.asarray(w.stored).max() == 15
    assert np.asarray(w.stored).min() >= 1
    # In single precision the integers are as exact: only the last scaling rounds.
    w, h = (form.encode(x.astype(jnp.float32)) for form, x in ((left, W), (right, H)))
    np.testing.assert_allclose(w.dot(h), two_levels(w, h), rtol=4e-7)


@pytest.mark.long
def test_four_bits_gain_over_one_scale_per_column_and_per_tensor():
    form = VectorFormat(4, 16, IntegerScale(4))
    assert sqnr(W, form) > sqnr(W, UniformFormat(4, MaxClip(per_column=True))) + 2
    assert sqnr(H, form) > sqnr(H, UniformFormat(4)) + 6
    # The mutant: one vector per column is a scale per column.
    mutant = VectorFormat(4, 64, IntegerScale(4))
    assert sqnr(W, mutant) < sqnr(W, UniformFormat(4, MaxClip(per_column=True))) + 0.1


@pytest.mark.slow
@pytest.mark.parametrize("x", [W, H], ids=["weights", "activations"])
def test_errors_fall_with_bits_of_the_scale_and_with_short_vectors(x):
    by_bits = [sqnr(x, VectorFormat(4, 16, IntegerScale(m))) for m in (2, 4, 6, 12)]
    assert by_bits == sorted(by_bits)
    by_length = [sqnr(x, VectorFormat(4, v, IntegerScale(6))) for v in (64, 32, 16, 8)]
    assert by_length == sorted(by_length)
    exact = sqnr(x, VectorFormat(4, 16, ExactScale()))
    assert by_bits[-1] == pytest.approx(exact, abs=0.01)
    assert sqnr(x, VectorFormat(4, 16, FloatScale())) == pytest.approx(exact, abs=0.3)


def test_one_level_is_a_scale_per_vector():
    """The limit of many bits, column by column: the plain format of each vector."""
    form, plain = VectorFormat(5, 16, ExactScale()), UniformFormat(5, MaxClip(True))
    parts = [plain.quantise(W[k : k + 16]) for k in range(0, 64, 16)]
    np.testing.assert_allclose(form.quantise(W), jnp.concatenate(parts), rtol=1e-12)


def test_at_8_bits_a_scale_of_4_bits_is_worse_than_one_per_column():
    """Bits of the scale must grow with those of the numbers."""
    plain = sqnr(W, UniformFormat(8, MaxClip(per_column=True)))
    assert sqnr(W, VectorFormat(8, 16, IntegerScale(4))) < plain
    assert sqnr(W, VectorFormat(8, 16, IntegerScale(6))) > plain


@pytest.mark.parametrize(
    ("form", "rows", "per_number"),
    [
        (VectorFormat(4, 16, IntegerScale(4)), 64, 4 + 4 / 16 + 16 / 64),
        (VectorFormat(8, 64, IntegerScale(10)), 128, 8 + 10 / 64 + 16 / 128),
        (VectorFormat(4, 16, FloatScale()), 64, 4 + 8 / 16 + 16 / 64),
        (VectorFormat(4, 7, IntegerScale(4)), 14, 4 + 4 / 7 + 16 / 14),
    ],
)
def test_stored_bits(form, rows, per_number):
    assert form.stored_bits(rows, 10) == pytest.approx(10 * rows * per_number)


def test_without_a_sign_the_codes_reach_twice_as_far():
    codes = VectorFormat(4, 16, is_signed=False).encode(H).codes
    assert int(jnp.max(codes)) == 15
    assert int(jnp.min(codes)) == 0
    gain = sqnr(H, VectorFormat(4, 16, is_signed=False)) - sqnr(H, VectorFormat(4))
    assert gain > 5  # 20 log10(15 / 7) = 6.6
