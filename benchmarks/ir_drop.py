"""Effective conductances against badcrossbar's; and what wires cost a solve.

badcrossbar fills a sparse nodal matrix and solves it for one volt on each row in turn;
it is asked for output currents alone. Both in double precision. The solve's gate is a
chip whose matrices come from one dense system an array.
"""

import importlib
import logging
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from rram_ode.chip import AnalogNetwork
from rram_ode.config import replace
from rram_ode.crossbar import effective_conductance, Wires

from ._harness import compare, missing
from ._problem import Problem, problem, starts
from ._result import Gate, Row


RIVAL = "badcrossbar (sparse LU); the same solve without wires"
SIZES = (32, 64, 128, 256)
OHMS = 2.0
SLOWEST = 1.05
NUM_SAMPLES = 10_000


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """The transfer matrix at four sizes; a solve with wires on against off."""
    del options
    found = [_transfer_row(size) for size in SIZES]
    task = problem("ring-fresh")
    return [*found, _solve_row(task)], {"ohms": OHMS}


def _transfer_row(size: int) -> Row:
    case = f"transfer matrix, {size} x {size}"
    reason = missing("badcrossbar", extra="ir-drop")
    if reason:
        return Row(case, skipped=reason)
    badcrossbar = importlib.import_module("badcrossbar")  # may be absent

    logging.getLogger("badcrossbar").setLevel(logging.WARNING)
    g = np.random.default_rng(size).uniform(1e-6, 40e-6, (size, size))
    with jax.enable_x64(True):
        cells, wires = jnp.asarray(g), Wires(OHMS, OHMS)
        compute = jax.jit(effective_conductance)
        timing = compare(
            lambda: compute(cells, wires),
            lambda: (
                badcrossbar.compute(
                    np.eye(size), 1 / g, OHMS, node_voltages=False, all_currents=False
                ).currents.output
            ),
        )
        ours = np.asarray(timing.ours)
    return Row(
        case,
        Gate(
            float(np.max(np.abs(ours / timing.rival - 1))),
            1e-9,
            "largest relative difference of an element",
        ),
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        ("ratio", ">=", 10.0),
        timing.details(),
    )


def _solve_row(task: Problem) -> Row:
    config, names = task.config, ("word_line", "bit_line")
    for name in names:
        config = replace(config, f"crossbar.wires.{name}", OHMS)
    off = task.machine(task.config)
    on = task.machine(config)
    x1 = starts(NUM_SAMPLES)
    timing = compare(
        lambda: _solve(on[0], on[1], x1),
        lambda: _solve(off[0], off[1], x1),
        budget=60.0,
    )
    dense = _solve(on[0], _with_dense_matrices(on[1], off[1]), x1)
    scale = jnp.maximum(jnp.max(jnp.abs(dense)), 1)
    return Row(
        f"solve with wires, ring, {NUM_SAMPLES} samples",
        Gate(
            float(jnp.max(jnp.abs(timing.ours - dense)) / scale),
            1e-3,
            "largest difference from dense matrices, over the largest sample",
        ),
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        ("on_over_off", "<=", SLOWEST),
        {
            **timing.details(),
            "on_over_off": timing.ours_s / timing.rival_s,
            "on_minus_off": float(jnp.max(jnp.abs(timing.ours - timing.rival))),
        },
    )


@eqx.filter_jit
def _solve(loop, chip, x1):
    return loop.solve(chip, x1).x0


def _with_dense_matrices(chip, bare):
    """`chip` with the matrices that NumPy finds for the cells of `bare`."""
    assert isinstance(bare.score, AnalogNetwork)
    matrices = lambda chip: [
        getattr(layer.crossbar, name)
        for layer in chip.score.layers
        for name in ("g_pos", "g_neg")
    ]
    cells = matrices(bare)
    return eqx.tree_at(matrices, chip, [_dense(np.asarray(g, float)) for g in cells])


def _dense(g):
    """`c = g (v - R c)`, R the resistance that the paths of two cells share."""
    rows, cols = g.shape
    i, j = (x.ravel() for x in np.indices(g.shape))
    least = lambda x: np.minimum(x[:, None], x[None])
    shared = OHMS * (
        (i[:, None] == i) * least(j + 1) + (j[:, None] == j) * least(rows - i)
    )
    drives = g.ravel()[:, None] * (i[:, None] == np.arange(rows))
    c = np.linalg.solve(np.eye(g.size) + g.ravel()[:, None] * shared, drives)
    return jnp.asarray(c.reshape(rows, cols, rows).sum(0).T, jnp.result_type(float))
