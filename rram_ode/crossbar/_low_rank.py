"""A low-rank addition to an array: a few columns, amplifiers, and a few rows."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import Currents, DrivenVoltages, SupplyCurrents, Voltages
from ._crossbar import Crossbar


class LowRank(eqx.Module):
    r"""Currents of rank r beside those of an array.

    $$i_j = \sum_k h_{kj}\, R_k \sum_i g_{ik} v_i$$

    with the net conductances $g$ of `columns`, which share the rows of the array, and
    $h$ of `rows`, which share its columns. r (rows + cols) cells stand for a matrix of
    rows x cols. The amplifiers between them are ideal, and the cells do not fluctuate.

    Args:
        columns: `(rows, r)`, its constant row that of the array.
        resistance: $R_k$, the feedback resistance of each added column, in ohms.
        rows: `(r + 1, cols)`, the last row grounded.
    """

    columns: Crossbar
    resistance: Float[Array, " rank"]
    rows: Crossbar

    def __call__(self, v: DrivenVoltages) -> Currents:
        """Currents into the summing nodes of the array's columns, in amperes."""
        return self.rows(self.between(v))

    def between(self, v: DrivenVoltages) -> Voltages:
        """Outputs of the added columns, which drive the added rows, in volts."""
        i = self.columns(v)
        return broadcast_columns(self.resistance, i) * i

    def power(self, v: DrivenVoltages) -> Float[Array, "*samples"]:
        """Dissipated in the added cells, in watts."""
        return self.columns.power(v) + self.rows.power(self.between(v))

    def supplied(self, v: DrivenVoltages) -> SupplyCurrents:
        """Of row drivers and of amplifiers, in amperes."""
        first, second = self.columns.supplied(v), self.rows.supplied(self.between(v))
        # The currents of the added rows end in the array's own amplifiers.
        return first + second

    @property
    def rank(self) -> int:
        """Added columns, and added rows."""
        return self.resistance.shape[0]

    @property
    def num_cells(self) -> int:
        """Conductances that add; of a differential pair there are as many again."""
        rows, cols = self.columns.g_pos.shape[0], self.rows.g_pos.shape[1]
        return self.rank * (rows + cols)

    @property
    def load(self) -> Float[Array, " cols"]:
        """Conductance of the added rows at each of the array's columns, in siemens."""
        return jnp.sum(self.rows.g_pos + self.rows.g_neg, axis=0)

    @property
    def noise_gains(self) -> Float[Array, " rank"]:
        """Of the amplifiers of the added columns."""
        total = jnp.sum(self.columns.g_pos + self.columns.g_neg, axis=0)
        return 1 + self.resistance * total
