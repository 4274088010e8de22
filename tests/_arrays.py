"""Arrays with wires that several tests are about."""

import jax
import jax.numpy as jnp
import jax.random as jr
import jax.tree_util as jtu
import numpy as np
import pytest
from rram_ode.crossbar import (
    cell_voltages,
    effective_conductance,
    fold,
    port_matrix,
    Wires,
)


US = 1e-6
SHAPE = (6, 5)
ENDS = [
    (sensing, driving)
    for sensing in ("opposite", "same", "interleaved")
    for driving in ("left", "interleaved")
]
# For parameters: those between the first and the last are slow, a program each.
EACH = [
    pytest.param(*ends, marks=[pytest.mark.slow] * (ends not in (ENDS[0], ENDS[-1])))
    for ends in ENDS
]
OHMS = {
    "all": (30.0, 20.0, 100.0, 50.0),
    "word line": (1000.0, 0.0, 0.0, 0.0),
    "bit line": (0.0, 1000.0, 0.0, 0.0),
    "driver": (0.0, 0.0, 5000.0, 0.0),
    "sense": (0.0, 0.0, 0.0, 5000.0),
    "resistive": (1e5, 1e5, 0.0, 0.0),
    "none": (0.0, 0.0, 0.0, 0.0),
}

# One program for each shape and each choice of ends.
conductance_of, ports_of, folded, volts_of = map(
    jax.jit, (effective_conductance, port_matrix, fold, cell_voltages)
)


def wires_of(ohms, sensing="opposite", driving="left"):
    word, bit, driver, sense = OHMS[ohms]
    return Wires(word, bit, driver, sense, sensing, driving)


def some_cells(key, shape=SHAPE):
    return jr.uniform(key, shape, minval=1 * US, maxval=90 * US)


def single(tree):
    return jtu.tree_map(lambda x: x.astype(jnp.float32), tree)


def relative(found, wanted):
    return np.max(np.abs(np.asarray(found) / np.asarray(wanted) - 1))
