"""Rows that avoid stuck cells: which row of weights goes to which row of cells."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jaxtyping import Array, Float, Int

from .._core._types import Conductances


def assign_rows(
    targets: Float[Array, "arrays rows cols"],
    stuck: Float[Array, "arrays rows cols"],
    siemens: Float[Array, " cols"],
) -> Int[Array, " rows"]:
    r"""The physical row of each logical one, with the least error by stuck cells.

    Minimises $\sum ((g_\text{stuck} - g_\text{target}) / s)^2$ over stuck cells, the
    squared error of the weights: an assignment problem (Hungarian method, on the host).
    A row is driven by whichever neuron it was assigned to, so the permutation changes
    nothing but where faults hit; without faults every assignment costs the same.

    Args:
        targets: Targets of the arrays that share rows, in siemens: of a pair both.
        stuck: What their cells are stuck at, in siemens; NaN where they move.
        siemens: Per unit of weight, of each column.
    """
    is_stuck = ~jnp.isnan(stuck)
    held = jnp.where(is_stuck, stuck, 0.0) / siemens[None, None]
    wanted = targets / siemens[None, None]
    mask = is_stuck.astype(held.dtype)
    # |held - wanted|^2 over stuck cells, for all pairs (logical i, physical p).
    pairs = lambda a, b: jnp.einsum("kic,kpc->ip", a, b)
    cost = pairs(wanted**2, mask) - 2 * pairs(wanted, held)
    cost = cost + jnp.sum(held**2, axis=(0, 2))[None]
    # An assignment is whole numbers: it stays as it is while the costs move a little.
    cost = jax.lax.stop_gradient(cost)
    rows = jax.ShapeDtypeStruct(cost.shape[:1], jnp.int32)
    return jax.pure_callback(_assign, rows, cost, vmap_method="sequential")


def _assign(cost: Conductances) -> np.ndarray:
    return scipy.optimize.linear_sum_assignment(np.asarray(cost))[1].astype(np.int32)
