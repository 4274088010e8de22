"""Bent cells seen through the wires, against the nodal solver of one array."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.crossbar import (
    cell_voltages,
    effective_conductance,
    excess_currents,
    solve_nonlinear,
    Wires,
)
from rram_ode.devices import AccessTransistor, LinearIV, SinhIV


WIRES = Wires(10.0, 5.0, 100.0, 50.0)
SHAPE = (15, 14)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sinh", "1T1R"])
def test_currents_are_those_of_the_nodal_solver(name):
    """Where wires take 10 % and cells bend by 10 %: within 1e-4 of the largest current.

    Mutants: the folded linear array, and the cells without wires.
    """
    keys = jr.split(jr.key(0), 5)
    g = jr.uniform(keys[0], SHAPE, minval=8e-6, maxval=90e-6)
    v = jr.uniform(keys[1], (SHAPE[0],), minval=-0.2, maxval=0.2)
    v_m = jr.uniform(keys[2], (SHAPE[1],), minval=-0.01, maxval=0.01)
    law = SinhIV(0.25)
    if name == "1T1R":
        access = AccessTransistor(2500.0, 0.3, 0.015, saturates=True)
        law = access.fabricate(LinearIV(), SHAPE, key=keys[3])
    folded = effective_conductance(g, WIRES)
    fields = cell_voltages(g, WIRES)
    found = folded.T @ v + excess_currents(g, law, WIRES, fields, v)
    wanted = solve_nonlinear(g, law.current, v, WIRES).i
    error = lambda i: float(jnp.abs(i - wanted).max() / jnp.abs(wanted).max())
    assert error(found) < 1e-4
    assert error(folded.T @ v) > 2e-3
    assert error(jnp.sum(law.current(g, v[:, None]), axis=0)) > 2e-2
    # Columns off ground: what linear cells draw is not in it.
    moved = excess_currents(g, law, WIRES, fields, v[:, None], v_m[:, None])[:, 0]
    off = solve_nonlinear(g, law.current, v, WIRES, -v_m).i
    still = solve_nonlinear(g, LinearIV().current, v, WIRES, -v_m).i
    np.testing.assert_allclose(
        moved, off - still, atol=1e-4 * float(jnp.abs(off).max())
    )
    none = excess_currents(g, LinearIV(), WIRES, fields, v)
    np.testing.assert_array_equal(none, np.zeros(SHAPE[1]))
