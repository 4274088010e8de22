"""Linear systems: the solution, its derivatives, and batches one after another."""

import jax
import jax.numpy as jnp
import jax.random as jr
import jax.scipy as jsp
import numpy as np
import pytest
import rram_ode as rr
from jax.extend.core import ClosedJaxpr, Jaxpr
from rram_ode._core._linear import solve


NUM, SIZE = 5, 4
A = jr.normal(jr.key(0), (NUM, SIZE, SIZE))
A = A @ jnp.swapaxes(A, 1, 2) + jnp.broadcast_to(jnp.eye(SIZE), A.shape)
B = jr.normal(jr.key(1), (NUM, SIZE, 3))
DIRECT = {"pos": True, "gen": False}
LAPACK = ("lu", "cholesky", "triangular_solve", "svd", "eigh", "qr", "geqrf")


def symmetric(x):
    """A positive matrix has one triangle: its gradient may lie in either."""
    return (x + jnp.swapaxes(x, -1, -2)) / 2


@pytest.mark.parametrize("kind", DIRECT)
def test_it_solves_as_scipy_does(kind):
    ours = jax.vmap(lambda a, b: solve(a, b, is_positive=DIRECT[kind]))
    theirs = jax.vmap(lambda a, b: jsp.linalg.solve(a, b, assume_a=kind))
    np.testing.assert_array_equal(ours(A, B), theirs(A, B))
    one = lambda of: lambda a: jnp.sum(of(a, B) ** 2)
    for derive in (jax.grad, jax.jacfwd):
        got, wanted = (symmetric(derive(one(of))(A)) for of in (ours, theirs))
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-6)
    vector = solve(A[0], B[0, :, 0], is_positive=DIRECT[kind])
    np.testing.assert_allclose(A[0] @ vector, B[0, :, 0], rtol=1e-4, atol=1e-5)


def batches(jaxpr, found):
    """Shapes of the matrices that LAPACK gets, in this program and all inside it."""
    for eqn in jaxpr.eqns:
        if eqn.primitive.name in LAPACK:
            found.append((eqn.primitive.name, eqn.invars[0].aval.shape))
        for inner in jax.tree.leaves(eqn.params):
            if isinstance(inner, ClosedJaxpr):
                batches(inner.jaxpr, found)
            elif isinstance(inner, Jaxpr):
                batches(inner, found)
    return found


def test_no_batch_reaches_lapack():
    """The mutant, a batch of plain solves, has one."""
    shapes = lambda of: batches(jax.make_jaxpr(jax.vmap(of))(A, B).jaxpr, [])
    assert shapes(solve)
    assert all(len(shape) == 2 for _, shape in shapes(solve))
    assert any(len(shape) == 3 for _, shape in shapes(jnp.linalg.solve))


@pytest.mark.long
def test_no_whole_chip_waits_for_itself():
    """Wires, tiles, repair and trims of a chip, and of a population of chips."""
    settings = {"crossbar.tile_rows": 32, "crossbar.tile_cols": 32}
    system = rr.System.from_preset("ring-64", settings)
    blueprint = system.blueprint
    program = lambda key: blueprint.program(key)
    found = batches(jax.make_jaxpr(program)(jr.key(0)).jaxpr, [])
    assert found
    assert all(len(shape) == 2 for _, shape in found), set(found)
