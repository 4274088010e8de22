"""Bit lines with their cells, their nodes eliminated in closed form."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._types import Conductances, Scalar
from ._wires import Wires


class Ladders(eqx.Module):
    r"""The bit lines of an array, seen from the word lines and the sensed ends.

    In one column, cells $g_k$ join word-line nodes $w_k$ to the nodes $b_k$ of a line
    whose end is held at $v_m$. The impedance matrix of those nodes with all $w = 0$ is

    $$N_{kl} = N_{ll} \, e^{-(c_l - c_k)} \quad (k \le l), \qquad
      c_l = \sum_{m<l} \ln(1 + r_b Y_m), \quad N_{ll} = \frac{Z_l}{1 + Z_l Y_l},$$

    with k counted towards the sensed end, $Y_m$ the admittance of the line up to node m
    and $Z_m$ the impedance from node m to the virtual ground. Nothing is divided by a
    resistance and no power grows, so that zero and very large resistances are safe.

    The arrays have a column's numbers along the last axis, `(cols, rows)`, in the order
    of the rows.

    Args:
        g: Conductances of the cells, in siemens.
        impedance: $N_{kk}$, in ohms.
        level: $c_k$, dimensionless.
        gain: $b_k / v_m$ at $w = 0$, dimensionless.
        input: $i_m / v_m$ at $w = 0$, in siemens, one per column.
        is_flipped: Whether the sensed end is next to row 0.
    """

    g: Float[Array, "cols rows"]
    impedance: Float[Array, "cols rows"]
    level: Float[Array, "cols rows"]
    gain: Float[Array, "cols rows"]
    input: Float[Array, " cols"]
    is_flipped: Array

    def impedances(self) -> Float[Array, "rows rows"]:
        """$N$ of one column, in ohms, for a `Ladders` without the axis of columns."""
        c = self.level
        rows = np.arange(c.shape[0])
        # Which of the two nodes is nearer to the sensed end.
        is_second = (rows[:, None] <= rows[None, :]) ^ self.is_flipped
        nearest = jnp.where(is_second, self.impedance[None], self.impedance[:, None])
        # A magnitude would lose its gradient where the resistance is zero.
        loss = jnp.where(is_second, c[None] - c[:, None], c[:, None] - c[None])
        return nearest * jnp.exp(-loss)

    def admittances(self) -> Float[Array, "rows rows"]:
        """$A$ of one column, in siemens: currents from $w$ into cells at $v_m = 0$."""
        g = self.g
        return jnp.diag(g) - g[:, None] * self.impedances() * g[None]

    @property
    def transfer(self) -> Float[Array, "*cols rows"]:
        """$i_m / w_k$ at $v_m = 0$, in siemens; by reciprocity the same backwards."""
        return self.g * self.gain


def ladders(g: Conductances, wires: Wires) -> Ladders:
    """The bit lines of the array `g`, `(rows, cols)`, in siemens."""
    flipped = wires.is_sensed_at_row_0(g.shape[1])[:, None]
    turn = lambda x: jnp.where(flipped, x[:, ::-1], x)
    r = wires.bit_line
    cells = turn(g.T)
    stub = _stub(cells.T, r)
    ground = _ground(cells.T, r, r + wires.sense)
    steps = jnp.log1p(r * stub[:, :-1])
    level = jnp.concatenate([jnp.zeros_like(stub[:, :1]), jnp.cumsum(steps, 1)], 1)
    end = 1 + (r + wires.sense) * stub[:, -1:]
    return Ladders(
        g.T,
        turn(ground / (1 + ground * stub)),
        turn(level),
        turn(jnp.exp(level - level[:, -1:]) / end),
        (stub[:, -1:] / end)[:, 0],
        jnp.asarray(flipped[:, 0]),
    )


def _stub(g: Conductances, r: Scalar) -> Float[Array, "cols rows"]:
    """Admittance of the line from the open end up to each node, in siemens."""

    def add(y, g):
        y = g + y / (1 + r * y)
        return y, y

    return jax.lax.scan(add, jnp.zeros_like(g[0]), g)[1].T


def _ground(g: Conductances, r: Scalar, last: Scalar) -> Float[Array, "cols rows"]:
    """Impedance from each node to the virtual ground without its cell, in ohms."""

    def add(z, g):
        return r + z / (1 + g * z), z

    first = jnp.full_like(g[0], 1.0) * last
    return jax.lax.scan(add, first, g, reverse=True)[1].T
