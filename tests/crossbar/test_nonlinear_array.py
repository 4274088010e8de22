"""Non-linear cells in an array with wires, against ngspice and limits."""

import array_netlist
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.crossbar import effective_conductance, solve_nonlinear, Wires


US = 1e-6
V0 = 0.1


def linear(g, u):
    return g * u


def sinh(g, u):
    return g * V0 * jnp.sinh(u / V0)


solve = jax.jit(solve_nonlinear, static_argnums=1)


def problem(key, rows=16, cols=16):
    key, other = jr.split(key)
    g = jr.uniform(key, (rows, cols), minval=1 * US, maxval=90 * US)
    return g, jr.uniform(other, (rows,), minval=-0.3, maxval=0.3)


@pytest.mark.long
@pytest.mark.ngspice
@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(("opposite", "left"), marks=pytest.mark.slow),
        ("interleaved", "interleaved"),
    ],
)
def test_currents_are_ngspices(ends, getkey):
    """Behavioural sources of the same law, 16 x 16, to 3 times its scale voltage.

    The limit is 1e-4 of the largest current; measured: 5e-12. Mutants: linear cells,
    and the same cells without wires.
    """
    g, v = problem(getkey())
    wires = Wires(10.0, 5.0, 100.0, 50.0, *ends)
    cell = "{g!r}*0.1*sinh(V({a},{b})/0.1)"
    wanted = array_netlist.column_currents(g, wires, v, cell)
    full = np.max(np.abs(wanted))
    error = lambda i: np.max(np.abs(np.asarray(i) - wanted)) / full
    assert error(solve(g, sinh, v, wires).i) < 1e-4
    assert error(solve(g, linear, v, wires).i) > 1e-2
    assert error(solve(g, sinh, v).i) > 1e-2


@pytest.mark.long
@pytest.mark.lowest
def test_without_wires_cells_see_the_drivers(getkey):
    """Bit for bit."""
    g, v = problem(getkey(), 5, 4)
    found = solve(g, sinh, v)
    np.testing.assert_array_equal(found.cells, jnp.broadcast_to(v[:, None], (5, 4)))
    np.testing.assert_allclose(found.i, sinh(g, v[:, None]).sum(0), rtol=1e-14)


@pytest.mark.slow
def test_linear_cells_have_the_effective_conductance(getkey):
    """Two methods without common code, at a resistance that halves the currents."""
    g, v = problem(getkey(), 12, 16)
    wires = Wires(300.0, 200.0, 100.0, 50.0, "same", "interleaved")
    wanted = effective_conductance(g, wires).T @ v
    found = solve(g, linear, v, wires).i
    assert jnp.max(jnp.abs(found - wanted)) < 1e-12 * jnp.max(jnp.abs(wanted))


@pytest.mark.slow
def test_columns_off_ground_shift_the_cells(getkey):
    """All ends at one voltage: no current; without wires, the difference counts."""
    g, v = problem(getkey(), 5, 4)
    wires = Wires(300.0, 200.0)
    still = solve(g, sinh, jnp.full(5, 0.1), wires, jnp.full(4, 0.1))
    np.testing.assert_array_equal(still.i, np.zeros(4))
    v_col = jnp.array([0.1, -0.05, 0.0, 0.2])
    found = solve(g, sinh, v, Wires(), v_col).cells
    np.testing.assert_allclose(found, v[:, None] - v_col[None], rtol=1e-15)


@pytest.mark.slow
def test_gradient_by_finite_differences(getkey):
    """Through the implicit function theorem; steps of 1e-4, relative."""
    g, v = problem(getkey(), 5, 4)
    wires = Wires(300.0, 200.0, 100.0, 50.0)
    direction = g * jr.uniform(getkey(), g.shape)
    total = jax.jit(lambda g: jnp.sum(solve_nonlinear(g, sinh, v, wires).i ** 2))
    step = 1e-4
    wanted = (total(g + step * direction) - total(g - step * direction)) / (2 * step)
    found = jnp.sum(jax.grad(total)(g) * direction)
    assert np.isclose(found, wanted, rtol=1e-6)


@pytest.mark.slow
def test_single_precision(getkey):
    """The library's default: within 1e-5 of the largest current."""
    g, v = problem(getkey(), 16, 16)
    wires = Wires(300.0, 200.0, 100.0, 50.0)
    wanted = solve(g, sinh, v, wires).i
    single = lambda t: jax.tree_util.tree_map(lambda x: x.astype(jnp.float32), t)
    found = solve(single(g), sinh, single(v), single(wires)).i
    assert jnp.max(jnp.abs(found.astype(float) - wanted)) < 1e-5 * jnp.max(wanted)
