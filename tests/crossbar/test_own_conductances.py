"""Products with conductances of each sample, against a plain sum."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.crossbar import HeldCells
from rram_ode.crossbar._own_conductances import product_of_held


def problem(rows, key):
    """Two arrays in a path of three holds; the second one is read."""
    shape, samples = (rows, 4), 5
    keys = jr.split(key, 4)
    values = jr.normal(keys[0], (3, 6 + rows * 4, samples))
    unit = HeldCells(values, jnp.asarray(1), 6, shape)
    g, std = jr.uniform(keys[1], shape), jr.uniform(keys[2], shape)
    return g, std, unit, jr.normal(keys[3], (rows, samples))


def plain(g, std, unit, v, hold=1, first=6):
    own = unit.values[hold, first : first + g.size].reshape(*g.shape, -1)
    return jnp.einsum("ijs,is->js", g[..., None] + std[..., None] * own, v)


@pytest.mark.long
@pytest.mark.parametrize("rows", [1, 2, 3, 14, 17])
def test_product_of_held_cells(rows, getkey):
    """At any number of rows; another hold or another array gives another result."""
    given = problem(rows, getkey())
    found = product_of_held(*given)
    np.testing.assert_allclose(found, plain(*given), rtol=1e-9, atol=1e-12)
    for mutant in ({"hold": 2}, {"first": 5}):
        assert not np.allclose(found, plain(*given, **mutant), rtol=1e-3)


@pytest.mark.long
def test_gradients_of_held_cells(getkey):
    """With respect to all factors, the path included."""
    g, std, unit, v = problem(5, getkey())

    def loss(product, g, std, values, v):
        own = HeldCells(values, unit.hold, unit.first, unit.shape)
        return jnp.sum(jnp.sin(product(g, std, own, v)))

    found, wanted = (
        jax.grad(lambda *x, p=p: loss(p, *x), argnums=(0, 1, 2, 3))(
            g, std, unit.values, v
        )
        for p in (product_of_held, plain)
    )
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
