r"""Non-linear cells in an array with wires.

This table says which function solves which array:

| cells | wires | virtual grounds | read noise | how |
| --- | --- | --- | --- | --- |
| linear | none | fixed | exact | `Crossbar`: one product per read |
| linear | any | fixed | own row and column, first order | `fold`, then `Crossbar` |
| linear | any | moving | none in the array | `port_matrix` |
| non-linear | none | fixed | that of linear cells | `Crossbar`: some products |
| non-linear | any | any | that of linear cells | `fold`, `excess_currents` |
| non-linear | any | any | as another `g` | `solve_nonlinear` per read |

`excess_currents` corrects the folded array at each read, for arrays of some size;
`solve_nonlinear` iterates to the end for one set of row voltages.
"""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import lineax as lx
import optimistix as optx
from jaxtyping import Array, Float

from .._core._types import Conductances
from ._wires import Wires


NUM_STEPS = 64


KRYLOV = 32


class NonlinearSolution(eqx.Module):
    """Currents and voltages of an array with non-linear cells.

    Args:
        i: Currents into the virtual grounds, in amperes.
        cells: Voltage of each cell, word line minus bit line, in volts.
    """

    i: Float[Array, " cols"]
    cells: Float[Array, "rows cols"]


def solve_nonlinear(
    g: Conductances,
    current: Callable[[Array, Array], Array],
    v: Float[Array, " rows"],
    wires: Wires = Wires(),
    v_col: Float[Array, " cols"] | None = None,
) -> NonlinearSolution:
    r"""Solve an array whose cells carry the current $I(g, u)$ at u volts.

    $$F(u) = u + R_w I(g, u) + I^T(g, u) R_b - (v_i - v_j) = 0$$

    is solved for the voltage u of each cell, with $R_w$ and $R_b$ the resistances that
    are common to the paths of the currents of a line. The solver is Newton's method
    with GMRES, which needs only products with the two matrices; since $R_w$, $R_b$ and
    the slopes are positive, the Jacobian has no eigenvalue below 1. Without wires the
    first guess is the answer. Gradients are those of the implicit function theorem.

    Args:
        g: The cell's conductance in the law, `(rows, cols)`, in siemens.
        current: The law $I(g, u)$ in amperes, elementwise and increasing in u, such as
            the `current` of an `AbstractIV`.
        v: Voltages of the drivers, in volts.
        wires: Resistances, and the ends that are driven and sensed.
        v_col: Voltages of the sensed ends, in volts; `None` for 0 V.
    """
    lines = Lines.of(wires, *g.shape)
    drive = jnp.broadcast_to(v[:, None], g.shape)
    if v_col is not None:
        drive = drive - v_col[None]

    def residual(u, args):
        g, lines, drive = args
        return u + lines.drop(current(g, u)) - drive

    eps = float(jnp.finfo(g.dtype).eps)
    # A power of two brings volts to order 1; without wires the answer stays exact.
    scale = jnp.ldexp(jnp.ones_like(drive[0, 0]), jnp.frexp(jnp.max(jnp.abs(drive)))[1])
    linear = lx.GMRES(rtol=1e3 * eps, atol=1e3 * eps, restart=KRYLOV)
    found = optx.root_find(
        lambda u, args: residual(u * scale, args) / scale,
        optx.Newton(rtol=1e3 * eps, atol=1e3 * eps, linear_solver=linear),
        drive / scale,
        args=(g, lines, drive),
        adjoint=optx.ImplicitAdjoint(linear),
        max_steps=NUM_STEPS,
    )
    u = found.value * scale
    return NonlinearSolution(jnp.sum(current(g, u), axis=0), u)


class Lines(eqx.Module):
    """Resistances that two cells of a line have in common, for each end of the line."""

    word: Float[Array, "ends cols cols"]
    bit: Float[Array, "ends rows rows"]
    is_left: Array
    is_top: Array

    @staticmethod
    def of(wires: Wires, rows: int, cols: int) -> "Lines":
        """The lines of an array of `rows` by `cols`."""
        word = wires.driver + wires.word_line * _shared(cols, wires.word_line)
        bit = wires.sense + wires.bit_line * _shared(rows, wires.bit_line)
        return Lines(
            jnp.stack([word, word[::-1, ::-1]]),
            jnp.stack([bit, bit[::-1, ::-1]]),
            jnp.asarray(wires.is_driven_at_column_0(rows))[:, None],
            jnp.asarray(wires.is_sensed_at_row_0(cols))[None],
        )

    def drop(self, i: Float[Array, "rows cols"]) -> Float[Array, "rows cols"]:
        """Volts that the currents `i` of the cells lose in the wires."""
        word = jnp.where(self.is_left, i @ self.word[0], i @ self.word[1])
        return word + jnp.where(self.is_top, self.bit[0] @ i, self.bit[1] @ i)


def _shared(num: int, like: Array) -> Float[Array, "num num"]:
    """Number of segments from the line's first end that two cells have in common."""
    place = jnp.arange(1, num + 1, dtype=like.dtype)
    return jnp.minimum(place[:, None], place[None])
