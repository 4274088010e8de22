"""A programmed array: row voltages in, column currents out."""

from collections.abc import Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, product, root
from .._core._types import (
    CellValues,
    ColumnValues,
    Conductances,
    Currents,
    DrivenVoltages,
    Scalar,
    SupplyCurrents,
    Voltages,
)
from ..devices import AbstractIV, LinearIV
from ..noise import ThermalNoise
from ._wiring import Wiring


class CellNoise(eqx.Module):
    """Read noise of one array during one step; `None` is off.

    All are of unit variance but telegraph noise, whose law knows its cells.

    Args:
        white: One value a column, `(cols, *samples)`.
        flicker: One value a pair, `(rows, cols, *samples)`.
        telegraph: Likewise, in siemens.
        thermal: One value a column; that of `white` where `shares_white`.
        shares_white: Whether one draw serves white and thermal noise, by the sum of
            their variances.
    """

    white: ColumnValues | None = None
    flicker: CellValues | None = None
    telegraph: CellValues | None = None
    thermal: ColumnValues | None = None
    shares_white: bool = eqx.field(static=True, default=False)


class Crossbar(eqx.Module):
    r"""Cells between rows and virtual grounds.

    $$i_j = \sum_i I(g^+_{ij}, v_i) + I(g^-_{ij}, -v_i) + n_j$$

    which is $\sum_i v_i (g^+_{ij} - g^-_{ij}) + n_j$ for linear cells.

    The last row is driven by the constant `v_bias` and holds the biases. Currents flow
    into the summing node. Read noise comes as unit values: white noise for a column,
    with the variance $\sum_i v_i^2 \sigma_{ij}^2$; flicker for each cell,
    $\sum_i v_i \sigma_{ij} \xi_{ij}$. The two cells of a pair fluctuate independently
    and see opposite voltages, so one draw with the summed variance serves both.
    Telegraph noise comes in siemens, $\sum_i v_i \delta_{ij}$. Thermal noise is a
    current of every conductor; its variance goes as $\sum_i S_i (g^+_{ij} + g^-_{ij})$.

    With wires, the two arrays have word lines, bit lines and drivers of their own, and
    meet at the summing node; each stands for its effective conductances (`fold`), and
    the spreads for what reaches the column. Thermal noise then takes the sum of the
    effective conductances, which leaves out what comes from neighbouring columns.

    Args:
        g_pos: Cells that add, in siemens; as seen through their wires.
        g_neg: Cells or references that subtract, in siemens; likewise.
        v_bias: Voltage of the constant row, in volts.
        white_std: Spread of a pair's white noise, in siemens; one column for all where
            it does not depend on the conductance.
        flicker_std: Spread of a pair's flicker noise, in siemens.
        thermal: Law of the thermal and shot noise.
        wiring: What the effective conductances are made of; `None` without wires.
        white_gain: Of each column, on white noise whose `white_std` is one column for
            all; `None` without wires.
        iv: Of the cells that add. Read noise stays that of linear cells: what its small
            current gains by a bend is left out.
        iv_neg: Of what subtracts.
    """

    g_pos: Conductances
    g_neg: Conductances
    v_bias: Scalar
    white_std: Float[Array, "rows _"]
    flicker_std: Conductances
    thermal: ThermalNoise | None = None
    wiring: Wiring | None = None
    white_gain: Float[Array, " cols"] | None = None
    iv: AbstractIV = LinearIV()
    iv_neg: AbstractIV = LinearIV()

    def __call__(self, v: Voltages, noise: CellNoise = CellNoise()) -> Currents:
        """Column currents, `(cols, *samples)`; `v` holds all rows but the constant."""
        if self.is_linear:
            i = self._product(self.g_pos - self.g_neg, v, self.v_bias)
        else:
            parts = [product(a, b) for a, b, _ in self._parts(v)]
            i = sum(parts[1:], parts[0])
        if noise.white is not None:
            variance = self._product(self.white_std**2, v**2, self.v_bias**2)
            if self.white_gain is not None:
                variance = broadcast_columns(self.white_gain**2, i) * variance
            if noise.shares_white:
                variance = variance + self._thermal_variance(v)
            i = i + root(variance) * noise.white
        if noise.thermal is not None:
            i = i + root(self._thermal_variance(v)) * noise.thermal
        if noise.flicker is not None:
            i = self._add_cells(i, v, self.flicker_std, noise.flicker)
        if noise.telegraph is not None:
            one = jnp.ones_like(self.g_pos)
            i = self._add_cells(i, v, one, noise.telegraph)
        return i

    def power(self, v: Voltages) -> Float[Array, "*samples"]:
        r"""In the cells, $\sum v_i (I(g^+_{ij}, v_i) - I(g^-_{ij}, -v_i))$, in watts.

        With wires what the drivers deliver, $v^T Y v$: to cells and wires.
        """
        if self.wiring is not None:
            i = self._product(self.wiring.input, v, self.v_bias)
            return jnp.sum(v * i[:-1], axis=0) + self.v_bias * i[-1]
        if not self.is_linear:
            parts = [jnp.sum(a, axis=1) @ (b * u) for a, b, u in self._parts(v)]
            return sum(parts[1:], parts[0])
        g = jnp.sum(self.g_pos + self.g_neg, axis=1)
        return jnp.tensordot(g[:-1], v**2, axes=1) + self.v_bias**2 * g[-1]

    @property
    def is_linear(self) -> bool:
        """Whether one conductance a pair says all."""
        return isinstance(self.iv, LinearIV) and isinstance(self.iv_neg, LinearIV)

    def supplied(self, v: Voltages) -> SupplyCurrents:
        r"""Currents from the supply, in amperes: row drivers', then amplifiers'.

        $\sum_{ij} |I(g^+_{ij}, v_i)| + |I(g^-_{ij}, -v_i)|$, and the sum of the
        magnitudes of the column currents. With wires the drivers', $\sum |Y v|$.
        """
        amplifiers = jnp.sum(jnp.abs(self(v)), axis=0)
        if self.wiring is not None:
            rows = jnp.abs(self._product(self.wiring.input, v, self.v_bias))
            return jnp.stack([jnp.sum(rows, axis=0), amplifiers])
        if not self.is_linear:
            return jnp.stack([self._supplied_by_rows(v), amplifiers])
        g = jnp.sum(self.g_pos + self.g_neg, axis=1)
        rows = jnp.tensordot(g[:-1], jnp.abs(v), axes=1)
        return jnp.stack([rows + jnp.abs(self.v_bias) * g[-1], amplifiers])

    def _parts(self, v: Voltages) -> Iterator[tuple[Conductances, Voltages, Voltages]]:
        """The cells' currents as products: a(g), b(u), and their own voltages u."""
        for g, u, iv in self._halves(v):
            for a, b in iv.separate(g, u):
                yield a, b, u

    def _halves(self, v: Voltages) -> tuple[tuple[Array, Array, AbstractIV], ...]:
        """Cells that add and that subtract: g, the rows' voltages, the law."""
        bias = jnp.broadcast_to(self.v_bias, (1, *v.shape[1:]))
        rows = jnp.concatenate([v, bias])
        return (self.g_pos, rows, self.iv), (self.g_neg, -rows, self.iv_neg)

    def _supplied_by_rows(self, v: Voltages) -> Float[Array, "*samples"]:
        """Currents of all cells; those of a row have one sign."""
        supplied = []
        for g, u, iv in self._halves(v):
            terms = iv.separate(g, u)
            rows = [broadcast_columns(jnp.sum(a, axis=1), b) * b for a, b in terms]
            supplied.append(jnp.sum(jnp.abs(sum(rows[1:], rows[0])), axis=0))
        return supplied[0] + supplied[1]

    def _thermal_variance(self, v: DrivenVoltages) -> Currents:
        """Of the current of each column, in A^2."""
        assert self.thermal is not None  # by whoever made its noise
        rows = self.thermal.variance(v), self.thermal.variance(self.v_bias)
        return self._product(self.g_pos + self.g_neg, *rows)

    def _add_cells(
        self, i: Currents, v: DrivenVoltages, std: Conductances, unit: CellValues
    ) -> Currents:
        """`i` plus the noise of each cell, row by row: XLA reduces the rows slowly."""
        last = broadcast_columns(self.v_bias * std[-1], i) * unit[-1]

        def add(i, row):
            v, std, unit = row
            return i + broadcast_columns(std, unit) * v[None] * unit, None

        return jax.lax.scan(add, i + last, (v, std[:-1], unit[:-1]))[0]

    @staticmethod
    def _product(g: Conductances, v: DrivenVoltages, v_bias: Scalar) -> Currents:
        return product(g[:-1], v) + broadcast_columns(v_bias * g[-1], v)
