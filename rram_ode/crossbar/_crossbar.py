"""A programmed array: row voltages in, column currents out."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, product, root, transposed
from .._core._types import (
    CellValues,
    ColumnValues,
    ColumnVoltages,
    Conductances,
    Currents,
    DrivenVoltages,
    Scalar,
    SupplyCurrents,
    Voltages,
)
from ..devices import AbstractIV, LinearIV
from ..noise import ThermalNoise
from ._cell_by_cell import cell_by_cell
from ._excess import excess_currents
from ._inverters import InverterErrors
from ._own_conductances import HeldCells, product_of_held, product_of_samples
from ._wiring import Wiring


class CellNoise(eqx.Module):
    """Read noise of one array during one step; `None` is off.

    All values have unit variance, except telegraph noise, which comes in siemens, and
    white noise behind the amplifiers' own poles, whose variance is its band over that
    of its law.

    Args:
        white: One value per column, `(cols, *samples)`.
        flicker: One value per pair of cells, `(rows, cols, *samples)`, or those of one
            hold in a path.
        telegraph: One value per pair of cells, `(rows, cols, *samples)`, in siemens.
        thermal: One value per column; `None` also where `white` serves for it.
        shares_white: Whether the draws of `white` serve for thermal noise too, with the
            sum of both variances.
        ground: What noise moves the columns' summing nodes by, `(cols, *samples)`, in
            volts; the array's amplifiers see to it.
        wave: What late updates of the DAC change at the amplifiers' outputs,
            `(cols, *samples)`, in volts; the amplifiers see to it, too.
    """

    white: ColumnValues | None = None
    flicker: CellValues | HeldCells | None = None
    telegraph: CellValues | None = None
    thermal: ColumnValues | None = None
    shares_white: bool = eqx.field(static=True, default=False)
    ground: ColumnValues | None = None
    wave: ColumnValues | None = None


class Crossbar(eqx.Module):
    r"""A programmed array of cells between rows and virtual grounds.

    $$i_j = \sum_i I(g^+_{ij}, v_i) + I(g^-_{ij}, -v_i) + n_j$$

    which is $\sum_i v_i (g^+_{ij} - g^-_{ij}) + n_j$ for linear cells.

    The cells that add lie on inverted rows, see `InverterErrors`. Noise, power and
    supply currents of linear cells are those of ideal inverters.

    The last row is driven by the constant `v_bias` and holds the biases. Currents flow
    into the summing node. Read noise comes as unit values: white noise has one per
    column, with the variance $\sum_i v_i^2 \sigma_{ij}^2$; flicker has one per pair,
    $\sum_i v_i \sigma_{ij} \xi_{ij}$. The two cells of a pair fluctuate independently
    and see opposite voltages, so that one draw with the summed variance serves both.
    Telegraph noise comes in siemens, $\sum_i v_i \delta_{ij}$. Thermal noise is a
    current of every conductor; its variance is proportional to
    $\sum_i S_i (g^+_{ij} + g^-_{ij})$.

    With wires, the two arrays have their own word lines, bit lines and drivers, and
    meet at the summing node. Their conductances are then the effective ones (`fold`),
    and the spreads are those that reach the column. Thermal noise uses the sum of the
    effective conductances, which leaves out noise from neighbouring columns.

    Args:
        g_pos: Conductances of the cells that add, seen through their wires, in siemens.
        g_neg: Conductances of the cells or references that subtract, seen through their
            wires, in siemens.
        v_bias: Voltage of the constant row, in volts.
        white_std: Spread of a pair's white noise, in siemens; a single column where it
            does not depend on the conductance.
        flicker_std: Spread of a pair's flicker noise, in siemens.
        thermal: Law of the thermal and shot noise.
        wiring: Cells and wires behind the effective conductances; `None` without wires.
        white_gain: Factor of each column on white noise whose `white_std` is a single
            column; `None` without wires.
        iv: Current law of the cells that add. Read noise is that of linear cells: its
            current does not grow with a non-linear one.
        iv_neg: Current law of the cells or references that subtract.
        inverters: Errors of the inverters ahead of the cells that add; `None` for ideal
            ones.
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
    inverters: InverterErrors | None = None

    def __call__(
        self,
        v: Voltages,
        noise: CellNoise = CellNoise(),
        v_m: ColumnVoltages | None = None,
    ) -> Currents:
        r"""Column currents, `(cols, *samples)`; `v` lacks the constant row.

        With summing nodes at `v_m` volts, what non-linear cells draw beyond the
        $\sum_i (g^+_{ij} + g^-_{ij}) v_m$ of linear ones is in them, too.
        """
        unit = noise.flicker
        if unit is not None and not isinstance(unit, HeldCells):
            unit = HeldCells.of(unit)
        if self.is_linear:
            g_pos, errors = self.g_pos, self.inverters
            g = (g_pos if errors is None else errors.scaled(g_pos)) - self.g_neg
            constant = self.v_bias * g[-1]
            if errors is not None:
                constant = constant + errors.constant(g_pos)
            if unit is None:
                i = transposed(g[:-1], v) @ v
            else:
                i = product_of_held(g[:-1], self.flicker_std[:-1], unit, v)
            i = i + broadcast_columns(constant, v)
        else:
            i = self._bent(v, v_m)
            if unit is not None:
                std = self.flicker_std[:-1]
                i = i + product_of_held(jnp.zeros_like(std), std, unit, v)
        if unit is not None:
            last = unit.row(unit.shape[0] - 1)
            i = i + broadcast_columns(self.v_bias * self.flicker_std[-1], last) * last
        if noise.telegraph is not None:
            last = self.v_bias * noise.telegraph[-1]
            i = i + product_of_samples(noise.telegraph[:-1], v) + last
        if noise.white is not None:
            variance = self._product(self.white_std**2, v**2, self.v_bias**2)
            if self.white_gain is not None:
                variance = broadcast_columns(self.white_gain**2, i) * variance
            if noise.shares_white:
                variance = variance + self._thermal_variance(v)
            i = i + root(variance) * noise.white
        if noise.thermal is not None:
            i = i + root(self._thermal_variance(v)) * noise.thermal
        return i

    def power(self, v: Voltages) -> Float[Array, "*samples"]:
        r"""Power of the cells, $\sum v_i (I(g^+_{ij}, v_i) - I(g^-_{ij}, -v_i))$, in W.

        With wires it is the power that the drivers deliver to cells and wires,
        $v^T Y v$.
        """
        if self.wiring is not None:
            i = self._product(self.wiring.input, v, self.v_bias)
            return jnp.sum(v * i[:-1], axis=0) + self.v_bias * i[-1]
        if not self.is_linear:
            parts = self._parts(v)
            if parts is None:
                rows = [u * cell_by_cell(g, iv, u)[1] for g, u, iv in self._halves(v)]
                return jnp.sum(rows[0] + rows[1], axis=0)
            products = [jnp.sum(a, axis=1) @ (b * u) for a, b, u in parts]
            return sum(products[1:], products[0])
        g = jnp.sum(self.g_pos + self.g_neg, axis=1)
        return jnp.tensordot(g[:-1], v**2, axes=1) + self.v_bias**2 * g[-1]

    @property
    def is_linear(self) -> bool:
        """Whether only the difference of a pair's conductances enters its current."""
        return isinstance(self.iv, LinearIV) and isinstance(self.iv_neg, LinearIV)

    def supplied(self, v: Voltages) -> SupplyCurrents:
        r"""Currents from the supply, in amperes: of row drivers, then of amplifiers.

        $\sum_{ij} |I(g^+_{ij}, v_i)| + |I(g^-_{ij}, -v_i)|$, and the sum of the
        magnitudes of the column currents. With wires the drivers supply
        $\sum |Y v|$.
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

    def _bent(self, v: Voltages, v_m: ColumnVoltages | None) -> Currents:
        """Column currents of cells that are not all linear."""
        if self.wiring is not None:
            return self._bent_with_wires(v, v_m)
        parts = self._parts(v) if v_m is None else None
        if parts is not None:
            products = [product(a, b) for a, b, _ in parts]
            return sum(products[1:], products[0])
        total = jnp.zeros(())
        for g, u, iv in self._halves(v):
            if isinstance(iv, LinearIV):
                total = total + product(g, u)
                continue
            total = total + cell_by_cell(g, iv, u, v_m)[0]
            if v_m is not None:
                total = total - broadcast_columns(jnp.sum(g, axis=0), v_m) * v_m
        return total

    def _bent_with_wires(self, v: Voltages, v_m: ColumnVoltages | None) -> Currents:
        """Column currents of the folded array, and what bent cells draw beyond."""
        wiring, total = self.wiring, jnp.zeros(())
        assert wiring is not None  # by the caller
        assert wiring.fields is not None  # of cells that are not linear
        own = wiring.g_pos, wiring.g_neg
        halves = zip(self._halves(v), own, wiring.fields, strict=True)
        for (g, u, iv), cells, fields in halves:
            total = total + product(g, u)
            if not isinstance(iv, LinearIV):
                total = total + excess_currents(cells, iv, wiring.wires, fields, u, v_m)
        return total

    def _parts(self, v: Voltages) -> list[tuple[Array, Array, Array]] | None:
        """The cells' currents as products of a(g) and b(u), with the voltages u.

        `None` where a law has no such products.
        """
        found = []
        for g, u, iv in self._halves(v):
            terms = iv.separate(g, u)
            if terms is None:
                return None
            found += [(a, b, u) for a, b in terms]
        return found

    def _halves(self, v: Voltages) -> tuple[tuple[Array, Array, AbstractIV], ...]:
        """Conductances, voltages and law of the cells that add, then of the others."""
        bias = jnp.broadcast_to(self.v_bias, (1, *v.shape[1:]))
        rows = jnp.concatenate([v, bias])
        seen = rows if self.inverters is None else self.inverters.seen(rows)
        return (self.g_pos, seen, self.iv), (self.g_neg, -rows, self.iv_neg)

    def _supplied_by_rows(self, v: Voltages) -> Float[Array, "*samples"]:
        """Sum of all cells' currents as magnitudes; those of a row have one sign."""
        supplied = []
        for g, u, iv in self._halves(v):
            terms = iv.separate(g, u)
            if terms is None:
                rows = [cell_by_cell(g, iv, u)[1]]
            else:
                rows = [broadcast_columns(jnp.sum(a, axis=1), b) * b for a, b in terms]
            supplied.append(jnp.sum(jnp.abs(sum(rows[1:], rows[0])), axis=0))
        return supplied[0] + supplied[1]

    def _thermal_variance(self, v: DrivenVoltages) -> Currents:
        """Variance of the thermal noise of each column's current, in A^2."""
        assert self.thermal is not None  # whoever makes thermal noise has its law
        rows = self.thermal.variance(v), self.thermal.variance(self.v_bias)
        return self._product(self.g_pos + self.g_neg, *rows)

    @staticmethod
    def _product(g: Conductances, v: DrivenVoltages, v_bias: Scalar) -> Currents:
        last = broadcast_columns(v_bias * g[-1], v)
        if g.shape[1] > 1:
            return product(g[:-1], v) + last
        # A matrix product with a single column is slower than a sum.
        return jnp.sum(broadcast_columns(g[:-1, 0], v) * v, axis=0)[None] + last
