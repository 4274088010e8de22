"""One check that every number format passes."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.formats import AbstractFormat


KINDS = {"multiply", "add", "shift", "table"}
ROWS = 40  # no multiple of a block


def operands(is_signed=True):
    """Weights of laws with light and heavy tails, with zeros; and activations."""
    w = jr.normal(jr.key(0), (ROWS, 6)) * jnp.exp2(jnp.arange(6.0) - 3)[None]
    w = w.at[:, 2].set(jr.t(jr.key(1), 3.0, (ROWS,)))
    w = w.at[:5, 3].set(0.0).at[:, 4].set(0.0)
    h = jax.nn.relu(jr.normal(jr.key(2), (ROWS, 9)))
    return (w if is_signed else jnp.abs(w)), h


def check_format(form: AbstractFormat, *, tolerance: float, is_signed: bool = True):
    """Rounding, products, gradients, transformations, bits and counts of `form`.

    Args:
        form: A format whose range follows from what it encodes.
        tolerance: Largest error of a product of codes, over the root of the sum of its
            squared terms.
        is_signed: Whether it has negative numbers.
    """
    w, h = operands(is_signed)
    codes, others = form.encode(w), form.encode(h)
    rounded = form.quantise(w)
    # What is decoded is what `quantise` gives; zeros stay; doubling is exact.
    np.testing.assert_array_equal(rounded, codes.value)
    assert rounded.shape == w.shape
    assert np.isfinite(rounded).all()
    np.testing.assert_array_equal(np.asarray(rounded)[:, 4], 0.0)
    np.testing.assert_array_equal(form.quantise(4 * w), 4 * rounded)
    if is_signed:
        np.testing.assert_array_equal(form.quantise(-w), -rounded)
    # The product of codes is that of the numbers that they stand for.
    left, right = np.asarray(codes.value), np.asarray(others.value)
    got, wanted = np.asarray(codes.dot(others)), left.T @ right
    norm = np.sqrt((left**2).T @ right**2)
    assert got.shape == wanted.shape
    assert (np.abs(got - wanted) <= tolerance * norm).all()
    # More axes are columns; one program under jit and vmap gives the same numbers.
    tall = form.quantise(w.reshape(ROWS, 2, 3))
    np.testing.assert_array_equal(tall.reshape(ROWS, 6), rounded)
    near = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)

    @eqx.filter_jit
    def together(form, many, others):
        dots = jax.vmap(lambda x: form.encode(x).dot(others))(many)
        return jax.vmap(form.quantise)(many), dots

    values, dots = together(form, jnp.stack([w, 2 * w]), others)
    near(values, jnp.stack([rounded, 2 * rounded]))
    near(dots, jnp.stack([got, 2 * got]))
    # The gradient passes through the staircase, and is 1 where nothing is clipped.
    weight = jr.normal(jr.key(3), w.shape)
    slope = jax.jit(jax.grad(lambda x: jnp.sum(weight * form.quantise(x))))(w)
    assert np.isfinite(slope).all()
    small = np.abs(np.asarray(w)) < 0.2 * np.abs(np.asarray(w)).max(0)
    np.testing.assert_array_equal(np.asarray(slope)[small], np.asarray(weight)[small])
    # Bits grow with the columns, operations with the rows.
    bits = form.stored_bits(ROWS, 6)
    assert isinstance(bits, int)
    assert ROWS * 6 < bits <= 33 * ROWS * 6
    assert form.stored_bits(ROWS, 12) == 2 * bits
    few, twice = form.counts(448, form), form.counts(896, form)
    assert {one.kind for one in few} <= KINDS
    assert all(one.number > 0 and min(one.bits) > 0 for one in few)
    assert few[0].number == 448  # the products, or what stands for them
    assert all(
        b.number in (a.number, 2 * a.number) for a, b in zip(few, twice, strict=True)
    )
    # A set without numbers is refused in one line.
    empty = jnp.zeros((0, 3))
    with pytest.raises(ValueError, match="at least one number") as error:
        form.calibrated(empty)
    assert "\n" not in str(error.value)
    assert isinstance(form.calibrated(h), AbstractFormat)
