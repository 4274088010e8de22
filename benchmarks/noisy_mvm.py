"""A noisy product against a plain NumPy draw for each cell and vector.

64 x 64 cells of 64 levels, programmed once, read by 1,000 vectors with 1 % noise that
is independent for each vector. The rival draws 4,096 normals a vector; ours refers the
noise to columns, 64 normals a vector with the same law.
"""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from rram_ode.crossbar import CellNoise, Crossbar
from rram_ode.devices import Cell, ConductanceRange, Levels, PolynomialNoise
from rram_ode.noise import ReadNoise, standard_normal, WhiteReadNoise

from ._harness import compare
from ._result import Gate, Row


RIVAL = "NumPy, one draw a cell and vector"
SIZE, NUM_VECTORS, NUM_LEVELS, READ = 64, 1_000, 64, 0.01
RANGE = (8e-6, 40e-6)
# W. Wan et al., Nature 608, 504 (2022), fit of CrossSim: g and sigma in uS, to 40 uS.
WAN = (1.053, 2.374e-1, -1.167e-2, 1.536e-4)
LIMIT, LEAST = 0.03, 25.0


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """One row."""
    del options
    rng = np.random.default_rng(0)
    target = rng.uniform(*RANGE, (SIZE, SIZE)).astype(np.float32)
    v = rng.uniform(-0.2, 0.2, (NUM_VECTORS, SIZE)).astype(np.float32)
    cell = make_cell()
    g, rows_v = jnp.asarray(target), jnp.asarray(v.T)
    timing = compare(
        lambda: _ours(cell, g, rows_v, jr.key(0)),
        lambda: _theirs(target, v, np.random.default_rng(1)),
    )
    read, total = spread_ratios(np.asarray(timing.ours).T, target, v)
    rival = spread_ratios(timing.rival, target, v)
    details = {
        **timing.details(),
        "read_spread_over_analytic": read,
        "total_spread_over_analytic": total,
        "rival_spreads_over_analytic": list(rival),
    }
    row = Row(
        f"{SIZE} x {SIZE}, {NUM_VECTORS} vectors",
        Gate(
            max(abs(read - 1), abs(total - 1)),
            LIMIT,
            "largest error of the output's spread, of reading and in all",
        ),
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        ("ratio", ">=", LEAST),
        details,
    )
    return [row], {}


def make_cell() -> Cell:
    """64 levels, the polynomial write error, 1 % read noise."""
    range = ConductanceRange(*RANGE)
    coefficients = [c * 1e-6 ** (1 - power) for power, c in enumerate(WAN)]
    errors = (Levels(NUM_LEVELS, range), PolynomialNoise(jnp.array(coefficients)))
    return Cell(range, errors, ReadNoise(white=WhiteReadNoise(0.0, 1e6, READ)))


@eqx.filter_jit
def _ours(cell, target, v, key):
    """Currents `(cols, vectors)`; the constant row is empty."""
    g = cell.program(target, key=jr.fold_in(key, 0))
    g = jnp.concatenate([g, jnp.zeros_like(g[:1])])
    nothing = jnp.zeros_like(g)
    crossbar = Crossbar(
        g, nothing, jnp.zeros((), g.dtype), cell.read.white.spread(g), nothing
    )
    indices = jnp.arange(v.shape[1], dtype=jnp.uint32)
    unit = standard_normal(jr.fold_in(key, 1), indices, (g.shape[1],))
    return crossbar(v, CellNoise(white=unit))


def _theirs(target, v, rng) -> np.ndarray:
    """Currents `(vectors, cols)`."""
    low, high = RANGE
    step = (high - low) / (NUM_LEVELS - 1)
    level = low + step * np.round((target - low) / step)
    std = np.polynomial.polynomial.polyval(level * 1e6, WAN) * 1e-6
    shape = target.shape
    draw = lambda: rng.standard_normal(shape, np.float32)
    g = np.maximum(level + np.maximum(std, 0) * draw(), 0).astype(np.float32)
    return np.stack([row @ (g * (1 + np.float32(READ) * draw())) for row in v])


def spread_ratios(
    i: np.ndarray, target: np.ndarray, v: np.ndarray
) -> tuple[float, float]:
    """Measured over analytic spread of `(vectors, cols)`: of reading, and of it all.

    The part that all vectors share is fitted: 64 unknown conductances a column.
    """
    low, high = RANGE
    step = (high - low) / (NUM_LEVELS - 1)
    level = low + step * np.round((target - low) / step)
    std = np.polynomial.polynomial.polyval(level * 1e6, WAN) * 1e-6
    i, v, level = (x.astype(np.float64) for x in (i, v, level))
    programmed = np.linalg.lstsq(v, i, rcond=None)[0]
    rest = i - v @ programmed
    # E g^2 of the programmed conductance, not of its level.
    noise = READ**2 * (v**2 @ (level**2 + std**2))
    read = np.sum(rest**2) * NUM_VECTORS / (NUM_VECTORS - SIZE) / np.sum(noise)
    total = np.sum((i - v @ level) ** 2) / np.sum(v**2 @ std**2 + noise)
    return float(np.sqrt(read)), float(np.sqrt(total))
