"""Port matrices, cell voltages and slopes of arrays with wires."""

import array_netlist
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _arrays import (
    conductance_of,
    EACH,
    ENDS,
    folded,
    OHMS,
    ports_of,
    relative,
    some_cells,
    volts_of,
    wires_of,
)
from rram_ode.crossbar import effective_conductance, Wires


@pytest.mark.long
@pytest.mark.parametrize(("sensing", "driving"), EACH)
def test_ports_are_reciprocal_and_passive(sensing, driving, getkey):
    """Symmetric; no negative eigenvalue; equal voltages drive nothing."""
    g, wires = some_cells(getkey()), wires_of("all", sensing, driving)
    ports = ports_of(g, wires)
    largest = jnp.max(ports.matrix)
    assert jnp.max(jnp.abs(ports.matrix - ports.matrix.T)) < 1e-14 * largest
    assert jnp.max(jnp.abs(ports.matrix.sum(1))) < 1e-13 * largest
    assert jnp.linalg.eigvalsh(ports.matrix)[0] > -1e-14 * largest
    assert relative(ports.transfer, conductance_of(g, wires)) < 1e-12
    # The mutant: what the cells alone would put on the diagonal.
    assert jnp.max(jnp.abs(ports.input - jnp.diag(g.sum(1)))) > 1e-3 * largest


@pytest.mark.long
@pytest.mark.parametrize("ends", [ENDS[0], ENDS[-1]], ids="-".join)
def test_ports_with_moving_columns_by_superposition(ends, getkey):
    """The array turned round: its columns drive, its rows are the virtual grounds."""
    g = some_cells(getkey(), (6, 6))
    word, bit, driver, sense = OHMS["all"]
    ports = ports_of(g, Wires(word, bit, driver, sense, *ends))
    # Reversed and transposed, column 0 of the new array is the last row of the old.
    sensing = "same" if ends[1] == "left" else "interleaved"
    turned = Wires(bit, word, sense, driver, sensing, ends[1])
    if ends == ("opposite", "left"):
        currents = array_netlist.cell_currents(g[::-1].T, turned)
        assert relative(ports.output, currents.sum(1)) < 1e-12
        assert relative(ports.transfer[::-1].T, currents.sum(0).T) < 1e-12
    else:
        # Each unit of charge at a column leaves by a row or another column.
        lost = ports.output.sum(1) - ports.transfer.sum(0)
        assert jnp.max(jnp.abs(lost)) < 1e-13 * jnp.max(ports.output)


def test_power_is_what_the_drivers_deliver(getkey):
    """$v^T Y v$ against volts times a row's cell currents, by superposition."""
    g, wires = some_cells(getkey()), wires_of("all")
    v = jr.normal(getkey(), (6, 3))
    currents = array_netlist.cell_currents(g, wires)
    wanted = np.einsum("is,ijk,ks->s", v, currents, v)
    found = ports_of(g, wires).power(v)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert np.all(np.einsum("is,ij->s", v**2, g) > 1.01 * found)


@pytest.mark.slow
@pytest.mark.parametrize("ends", [ENDS[0], ENDS[-1]], ids="-".join)
def test_cell_voltages_are_currents_and_derivatives(ends, getkey):
    """Volts times siemens are the currents of the dense system.

    Their products are the whole Jacobian, which automatic differentiation finds too.
    """
    g, wires = some_cells(getkey()), wires_of("all", *ends)
    u = volts_of(g, wires)
    wanted = array_netlist.cell_currents(g, wires)
    np.testing.assert_allclose(g[..., None] * u[..., :6], wanted, rtol=0, atol=1e-17)
    jacobian = jax.jit(jax.jacobian(effective_conductance))(g, wires)
    products = -jnp.einsum("kli,klj->ijkl", u[..., :6], u[..., 6:])
    np.testing.assert_allclose(products, jacobian, rtol=0, atol=1e-13)
    own = jnp.einsum("ijij->ij", jacobian)
    np.testing.assert_allclose(folded(g, wires).slope, own, rtol=1e-12)


@pytest.mark.slow
def test_what_the_slope_leaves_out_is_small(getkey):
    """Spread of a column's noise by `slope` against the whole Jacobian, 32 x 32, 2 ohm.

    The mutant lets all of the noise through. Measured: 0.05 %, mutant 4 %.
    """
    g, wires = some_cells(getkey(), (32, 32)), Wires(2.0, 2.0)
    v = jr.uniform(getkey(), (32,), minval=-0.2, maxval=0.2)
    u = volts_of(g, wires)
    volts = jnp.einsum("kli,i->kl", u[..., :32], v)
    exact = jnp.sqrt(jnp.einsum("kl,klj->j", volts**2, u[..., 32:] ** 2))
    kept = jnp.sqrt(jnp.einsum("k,kj->j", v**2, folded(g, wires).slope ** 2))
    assert relative(kept, exact) < 0.005
    assert relative(jnp.linalg.norm(v) * jnp.ones(32), exact) > 0.02
