"""An array as a multiport, for virtual grounds that move."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._types import Conductances, Voltages
from ._elimination import eliminate, Elimination
from ._wires import Wires


class PortMatrix(eqx.Module):
    r"""Currents into the array from all of its ends.

    $$\begin{pmatrix} i_\text{row} \\ i_\text{col} \end{pmatrix} = \begin{pmatrix}
      Y_\text{in} & -M \\ -M^T & Y_\text{out} \end{pmatrix} \begin{pmatrix} v_\text{row}
      \\ v_\text{col} \end{pmatrix}$$

    It is symmetric (reciprocity) and has no negative eigenvalue (passivity); equal
    voltages everywhere drive no current.

    Args:
        input: $Y_\text{in}$, in siemens.
        transfer: M, the effective conductances, in siemens.
        output: $Y_\text{out}$, in siemens: what an amplifier sees of its column.
    """

    input: Float[Array, "rows rows"]
    transfer: Conductances
    output: Float[Array, "cols cols"]

    @property
    def matrix(self) -> Float[Array, "ports ports"]:
        """Rows first, then columns."""
        return jnp.block(
            [[self.input, -self.transfer], [-self.transfer.T, self.output]]
        )

    def power(self, v: Voltages) -> Float[Array, "*samples"]:
        r"""That the drivers deliver, $v^T Y_\text{in} v$, in watts; columns at 0 V.

        With cells and wires it is what both dissipate: more than in the cells alone.
        """
        return jnp.sum(v * jnp.tensordot(self.input, v, axes=1), axis=0)


def port_matrix(g: Conductances, wires: Wires) -> PortMatrix:
    """All of `g`'s ends, with its wires; as exact as `effective_conductance`."""
    return ports_of(eliminate(g, wires, with_sense=True))


def ports_of(elimination: Elimination) -> PortMatrix:
    """The port matrix of an array whose word lines are eliminated."""
    order = elimination.order
    rows = len(order.rows)
    left, sense = order.num_left, rows + order.num_right
    h = elimination.driven()
    into = jnp.concatenate([h[:left], h[rows:sense]])[order.back]
    return PortMatrix(into, h[sense:].T, -elimination.h[sense:, sense:])
