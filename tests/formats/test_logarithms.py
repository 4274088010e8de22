"""Logarithmic numbers: the law of their error, and sums in bins against sums."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.formats import (
    FixedClip,
    LogarithmicFormat,
    LogTable,
    MaxClip,
    relative_error,
)


def octaves(num):
    """Numbers that fill 8 octaves below 1 evenly."""
    return jnp.exp2(-8 * jr.uniform(jr.key(0), (num, 1)))


@pytest.mark.parametrize("base_bits", [0, 1, 3, 5, 7])
def test_errors_follow_their_law(base_bits):
    """The largest is 2^(1 / 2 gamma) - 1, the mean square that of the closed form."""
    x, gamma = octaves(200_000), 2**base_bits
    form = LogarithmicFormat(16, base_bits, FixedClip(1.0))
    error = np.asarray(form.quantise(x) / x - 1).ravel()
    most = 2 ** (1 / (2 * gamma)) - 1
    assert error.max() <= most * (1 + 1e-9)
    assert error.max() > 0.99 * most
    squares = error**2
    standard_error = squares.std() / len(squares) ** 0.5
    assert abs(squares.mean() - relative_error(float(gamma)) ** 2) < 4 * standard_error
    # The mutant: a step that is cut off, not rounded, breaks the bound.
    exponents = np.floor(-gamma * np.log2(np.asarray(x)))
    assert (2.0 ** (-exponents / gamma) / np.asarray(x) - 1).max() > 1.5 * most


def test_the_closed_form_joins_its_series():
    found = (
        relative_error(np.log(2) / (2 * 1.0001e-3)),
        relative_error(np.log(2) / (2 * 0.9999e-3)),
    )
    assert found[0] / found[1] == pytest.approx(1.0001 / 0.9999, rel=1e-6)


def test_products_are_exact():
    """Exponents add up: one term has no error, whatever the remainder."""
    form = LogarithmicFormat(8, 3, FixedClip(1.0), LogTable(24, 29))
    x = jnp.exp2(-jnp.arange(24.0) / 8)[None]
    codes = form.encode(x)
    np.testing.assert_array_equal(codes.exponents[0], np.arange(24))
    found = codes.dot(codes)
    wanted = np.exp2(-(np.arange(24)[:, None] + np.arange(24)) / 8)
    np.testing.assert_allclose(found, wanted, rtol=2.0**-23)


def bins(w, h, table):
    """The dot product by Python's integers."""
    form = LogarithmicFormat(8, 3, FixedClip(1.0), table)
    left, right = form.encode(w), form.encode(h)
    entries = [round(2 ** (-r / 8) * 2**table.bits) for r in range(8)]
    out = np.zeros((w.shape[1], h.shape[1]))
    for j in range(w.shape[1]):
        for k in range(h.shape[1]):
            held = [0] * 8
            for i in range(len(w)):
                e = int(left.exponents[i, j] + right.exponents[i, k])
                sign = int(left.signs[i, j] * right.signs[i, k])
                held[e % 8] += sign * (2**table.fraction_bits >> (e // 8))
            total = sum(a * b for a, b in zip(held, entries, strict=True))
            out[j, k] = total / 2 ** (table.bits + table.fraction_bits)
    return out


@pytest.mark.long
def test_sums_in_bins_are_those_of_python():
    w, h = jr.normal(jr.key(1), (20, 3)), jr.normal(jr.key(2), (20, 4))
    h = h.at[3].set(0.0)
    table = LogTable(12, 16)
    form = LogarithmicFormat(8, 3, FixedClip(1.0), table)
    found = form.encode(w).dot(form.encode(h))
    np.testing.assert_array_equal(found, bins(w, h, table))


@pytest.mark.long
@pytest.mark.parametrize(
    ("table", "least", "most"),
    [
        (LogTable(8), 1e-3, 2e-3),
        (LogTable(12), 2e-5, 2e-4),
        (LogTable(16), 0.0, 1e-5),
        (LogTable(24, 23, exact_bits=0), 3e-2, 6e-2),  # Mitchell's line alone
        (LogTable(24, 23, exact_bits=2), 1e-2, 3e-2),
        (LogTable(24, 23, exact_bits=3), 0.0, 1e-6),  # as many as there are
    ],
)
def test_errors_of_sums_by_bits_of_the_table(table, least, most):
    """Root mean square, over the root of the sum of squared terms."""
    w, h = jr.normal(jr.key(3), (64, 64)), jr.normal(jr.key(4), (64, 100))
    form = LogarithmicFormat(8, 3, MaxClip(), table)
    left, right = form.encode(w), form.encode(h)
    error = left.dot(right) - left.value.T @ right.value
    norm = jnp.sqrt((left.value**2).T @ right.value**2)
    rms = float(jnp.sqrt(jnp.mean((error / norm) ** 2)))
    assert least < rms < most


def test_signs_and_zeros():
    """Only an exact zero is zero; a small number keeps its sign."""
    form = LogarithmicFormat(4, 0, FixedClip(1.0))
    x = jnp.array([[0.0], [1e-30], [-1e-30], [5.0], [-5.0]])
    np.testing.assert_array_equal(form.quantise(x).ravel(), [0, 2**-6, -(2**-6), 1, -1])


def test_decibels_of_eight_bits():
    """32 dB at base factor 8, and 6 dB per bit of it."""
    x = jr.normal(jr.key(5), (20_000, 1))

    def sqnr(base_bits):
        error = jnp.sum((LogarithmicFormat(12, base_bits).quantise(x) - x) ** 2)
        return float(10 * jnp.log10(jnp.sum(x**2) / error))

    assert sqnr(3) == pytest.approx(-20 * np.log10(relative_error(8.0)), abs=0.3)
    assert sqnr(4) - sqnr(3) == pytest.approx(6.02, abs=0.3)
