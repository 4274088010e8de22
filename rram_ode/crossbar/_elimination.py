"""An array with wires as a multiport, its word lines eliminated column by column."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._linear import solve
from .._core._types import Conductances
from ._ladder import Ladders, ladders
from ._wires import Wires


class Order(NamedTuple):
    """An order of the rows: those driven at column 0, then the others."""

    rows: np.ndarray
    num_left: int

    @staticmethod
    def of(wires: Wires, rows: int) -> "Order":
        """The order for an array with `rows` rows."""
        is_left = wires.is_driven_at_column_0(rows)
        return Order(np.argsort(~is_left, kind="stable"), int(np.sum(is_left)))

    @property
    def back(self) -> np.ndarray:
        """The place of each row in this order."""
        return np.argsort(self.rows)

    @property
    def num_right(self) -> int:
        """Number of rows that are driven at the last column."""
        return len(self.rows) - self.num_left


class Elimination(NamedTuple):
    r"""The hybrid matrix of an array, and the solutions found on the way to it.

    A cut between two columns has, for rows driven on its left, the voltage $w$ as input
    and the current $i$ to the right as output; for rows driven on its right the two
    change places, since the driver may have no resistance. One matrix H from inputs and
    sources to outputs describes everything to the right of the cut. A column's cells
    and a segment of the word lines change it by one solve of at most rows x rows each:

    $$w_R = (1 + H_{RR} A_{RR})^{-1} (\ldots), \qquad
      i_L \leftarrow (1 + r H_{LL})^{-1} i_L .$$

    The matrices that are inverted have eigenvalues of 1 or more. Nothing is divided by
    a resistance, a resistance of zero is exact, and single precision is enough.

    Args:
        h: The matrix H at column 0, from (left inputs, right inputs, right drivers,
            sensed ends) to (left outputs, right outputs, right drivers, sensed ends).
            The inputs of the sensed ends are there only if they were asked for.
        columns: Solutions for each column: currents of the rows driven on its left,
            voltages of the nodes of rows driven on its right.
        resistances: Resistance of the word lines on the left of each column, in ohms.
        bit_lines: The bit lines of the columns.
        order: The order of the rows.
    """

    h: Float[Array, "outputs inputs"]
    columns: tuple[Float[Array, "cols _ inputs"], Float[Array, "cols _ inputs"]]
    resistances: Float[Array, " cols"]
    bit_lines: Ladders
    order: Order

    def driven(self) -> Float[Array, "outputs rows"]:
        """`h` for the drivers alone, in the order of the rows.

        No current flows through the left ends of rows that are driven on the right.
        """
        n, left = len(self.order.rows), self.order.num_left
        drivers = [self.h[:, :left], self.h[:, n : n + self.order.num_right]]
        return jnp.concatenate(drivers, axis=1)[:, self.order.back]


def eliminate(g: Conductances, wires: Wires, *, with_sense: bool) -> Elimination:
    """The elimination of an array, column by column from the last to column 0.

    Args:
        g: Conductances of the cells, in siemens.
        wires: Resistances, and the ends that are driven and sensed.
        with_sense: Whether the sensed ends are inputs, instead of at 0 V.
    """
    n, cols = g.shape
    order, bit_lines = Order.of(wires, n), ladders(g, wires)
    left, right = order.num_left, order.num_right
    sense = n + right  # the first of the sensed ends
    num_inputs = sense + (cols if with_sense else 0)
    eye = functools.partial(jnp.eye, dtype=g.dtype)

    def join(h, inputs):
        line, number, r = inputs
        a = line.admittances()[np.ix_(order.rows, order.rows)]
        s = line.transfer[order.rows]
        node, h = _right_nodes(h, a, s, number)
        w = jnp.concatenate([eye(left, num_inputs), node])
        h = h.at[:left].add(a[:left] @ w if right else jnp.pad(a, _to(a, w)))
        h = h.at[sense + number].add(s @ w if right else jnp.pad(s, _to(s, w[0])))
        if with_sense:
            h = h.at[:left, sense + number].add(-s[:left])
            h = h.at[sense + number, sense + number].add(-line.input)
        # The segment on the left of the column.
        i = solve(eye(left) + r * h[:left, :left], h[:left], is_positive=True)
        h = jnp.concatenate([i, h[left:] - r * (h[left:, :left] @ i)])
        h = h.at[left:n, left:n].add(r * eye(right))
        return h, (i, node)

    def _right_nodes(h, a, s, number):
        """Voltages of the nodes of rows driven on the right, and H with them."""
        if not right:
            return jnp.zeros((0, num_inputs), h.dtype), h
        own = slice(left, n)
        feedback = h[:, own]
        h = h.at[:, :left].add(-feedback @ a[own, :left])
        if with_sense:
            h = h.at[:, sense + number].add(feedback @ s[own])
        matrix = eye(right) + feedback[own] @ a[own, own]
        node = solve(matrix, h[own])
        return node, h - feedback @ (a[own, own] @ node)

    h = jnp.zeros((sense + cols, num_inputs), g.dtype)
    last = wires.word_line + wires.driver
    h = h.at[left:n, left:n].set(last * eye(right))
    h = h.at[left:n, n:sense].set(eye(right))
    h = h.at[n:sense, left:n].set(-eye(right))
    numbers = jnp.arange(cols)
    r = jnp.where(numbers == 0, last, wires.word_line)
    h, columns = jax.lax.scan(join, h, (bit_lines, numbers, r), reverse=True)
    return Elimination(h, columns, r, bit_lines, order)


def _to(x: Array, like: Array) -> list[tuple[int, int]]:
    """Padding at the ends of `x` to the shape of `like`."""
    return [(0, m - n) for n, m in zip(x.shape, like.shape, strict=True)]
