"""What all chips of one kind share, and what a network needs of them."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._types import Scalar
from ..blocks import (
    AbstractRectifier,
    BlockSpread,
    FeedbackIntegrator,
    GuidanceSpread,
    HoldSpread,
    IdealRectifier,
    MultiplierSpread,
    StartHold,
    SupplySpread,
)
from ..crossbar import AbstractMapping, AbstractScale, ColumnScale, Tiling, Wires
from ..devices import AccessTransistor, Cell, LinearIV
from ._op_amps import OpAmps
from ._process import Process


STATIC = ("drivers", "inverters", "rectifiers", "supplies", "op_amps", "process")


class Ranges(eqx.Module):
    """Largest magnitudes that a network meets while it generates, dimensionless.

    Args:
        state: Largest magnitude of the state.
        hidden: Largest activation of each hidden layer.
        output: Largest magnitude of the network's output.
    """

    state: Float[Array, ""] = eqx.field(converter=scalar)
    hidden: tuple[Float[Array, ""], ...] = eqx.field(
        converter=lambda xs: tuple(scalar(x) for x in xs)
    )
    output: Float[Array, ""] = eqx.field(converter=scalar)


class Design(eqx.Module):
    """What all chips of one kind share.

    Args:
        cell: The resistive cell.
        mapping: Weights to conductances.
        integrator: The feedback integrator with its nominal values.
        scale: What shares one ratio of weight to conductance.
        v_max: Largest safe cell voltage, in volts.
        headroom: Factor of `v_max` and the rails over the expected ranges; below 1, the
            largest signals are clipped.
        v_rail: Rails of the transimpedance amplifiers, in volts; infinite for no limit.
        v_clamp: Clamp of row drivers and ReLUs, in volts; infinite for no clamp.
        v_disturb: Above it a read disturbs a cell, in volts; only counted.
        v_out: Voltage that the largest output is given, in volts.
        offset_std: Spread of the integrators' input-referred offset, in volts.
        mismatch_std: Relative spread of the integrators' R C.
        rectifier: The rectifier of each hidden column.
        multiplier: Spreads of the multipliers' errors; `None` if they have none.
        start: The hold of a solve's start; `None` if it has no error.
        wires: The wires of each array; negative cells are in an array of their own, as
            is each further cell of a weight. `None` for ideal wires.
        tiling: Largest array with wires of its own.
        rescale: Whether each hidden neuron has volts per unit of its own.
        fit_bias: Whether the constant rows are at the smallest voltage at which no bias
            is the largest cell of its column, instead of `v_max`: the errors of their
            cells meet a smaller voltage.
        remap: Whether rows are permuted around stuck cells.
        drivers: Errors of the row drivers, with offsets at their outputs; `None` for
            none.
        inverters: Errors of the inverters, with offsets at their outputs; `None` for
            none.
        rectifiers: Errors of the rectifiers, with offsets at their inputs; `None` for
            none.
        supplies: Errors of the reference and the supply; `None` for none.
        access: The transistor in series with each cell; `None` for none.
        op_amps: The op-amps whose gain, offset and bias current act where op-amps are
            infinitely fast; `None` for ideal ones. Fidelity `dynamic` has those of its
            loop.
        process: What all parts of a die share; `None` for the nominal values.
        guidance: The stages that guide, with an array of the null label beside that of
            the class, or with holds behind one array for both; `None` for no guidance.
    """

    cell: Cell
    mapping: AbstractMapping
    integrator: FeedbackIntegrator
    scale: AbstractScale = ColumnScale()
    v_max: Float[Array, ""] = eqx.field(converter=scalar, default=0.2)
    headroom: Float[Array, ""] = eqx.field(converter=scalar, default=1.1)
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    v_clamp: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    v_out: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    v_disturb: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    offset_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    mismatch_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    rectifier: AbstractRectifier = IdealRectifier()
    multiplier: MultiplierSpread | None = None
    start: StartHold | None = None
    drivers: BlockSpread | None = None
    inverters: BlockSpread | None = None
    rectifiers: BlockSpread | None = None
    supplies: SupplySpread | None = None
    op_amps: OpAmps | None = None
    process: Process | None = None
    guidance: GuidanceSpread | None = None
    access: AccessTransistor | None = None
    wires: Wires | None = None
    tiling: Tiling = Tiling()
    rescale: bool = eqx.field(static=True, default=False)
    remap: bool = eqx.field(static=True, default=False)
    fit_bias: bool = eqx.field(static=True, default=False)

    def with_static(self, by: Scalar | float, *parts: str) -> "Design":
        """The design with static errors of the blocks `parts` times `by`.

        Args:
            by: The factor.
            parts: Names of fields; by default all that act in the network itself:
                drivers, inverters, rectifiers, supplies, op-amps and process.
        """
        found = {name: getattr(self, name) for name in parts or STATIC}
        scaled = {k: x.scaled(by) for k, x in found.items() if x is not None}
        return dataclasses.replace(self, **scaled)

    @property
    def has_two_arrays(self) -> bool:
        """Whether the null label has an array of its own."""
        return self.guidance is not None and self.guidance.holds is None

    @property
    def guidance_errors(self) -> tuple[MultiplierSpread | None, HoldSpread | None]:
        """Spreads of the multipliers that guide, and of the holds of a switched array.

        Each is `None` if there is none.
        """
        if self.guidance is None:
            return None, None
        return self.guidance.multiplier, self.guidance.holds

    @property
    def is_linear(self) -> bool:
        """Whether the current of a cell, with what is in series, is a product."""
        iv = self.cell.iv
        if self.access is not None:
            return self.access.is_linear(iv)
        return isinstance(iv, LinearIV)

    def __check_init__(self):
        if self.access is not None:
            self.access.check(self.cell.iv, self.cell.range.g_max, self.v_max)
            most = max(self.cell.numbers_of_cells)
            if not self.is_linear and most > 1:
                raise ValueError(
                    "`cell.devices_per_weight` must be 1 where a cell's transistor "
                    "saturates or the cell is bent: their currents do not follow from "
                    f"the sum of conductances; got {most}."
                )
        if self.wires is None:
            return
        tiles = self.tiling.rows, self.tiling.cols
        if not self.is_linear and any(most is not None for most in tiles):
            raise ValueError(
                "tiles with wires must have linear cells: set `cell.iv.law` to "
                "`linear` and `cell.access.saturates` to False, `crossbar.tile_rows` "
                "and `crossbar.tile_cols` to None, or `crossbar.wires.*` to 0."
            )
        if self.remap:
            raise ValueError(
                "rows of a chip with wires keep their places: set `cell.stuck.remap` "
                "to False, or `crossbar.wires.*` to 0."
            )
