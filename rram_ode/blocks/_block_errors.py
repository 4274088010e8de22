"""Gain errors and offsets of drivers, inverters, rectifiers, and of the supplies."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar, scalar_or_none
from .._core._checks import non_negative
from .._core._types import Scalar, Voltages


class BlockErrors(eqx.Module):
    r"""Gain errors and offsets of a row of blocks of one chip.

    What an offset refers to, input or output, is said where the block is used.

    Args:
        gain: $\epsilon$, relative, one for each block.
        offset: $V_\text{os}$ of each block, in volts.
    """

    gain: Float[Array, " blocks"]
    offset: Float[Array, " blocks"]

    def at_output(self, v: Voltages) -> Voltages:
        r"""$(1 + \epsilon) v + V_\text{os}$, in volts, for `v` `(blocks, *samples)`."""
        slope = broadcast_columns(1 + self.gain, v)
        return slope * v + broadcast_columns(self.offset, v)

    def head(self, num: int) -> "BlockErrors":
        """The errors of the first `num` blocks."""
        return BlockErrors(self.gain[:num], self.offset[:num])


class BlockSpread(eqx.Module):
    """Spreads of `BlockErrors`, which are normal and independent.

    Args:
        gain: Spread of the gain error, relative.
        offset: Spread of the offset, in volts.
        name: Group of settings that an error names.
        mean: Mean of the offset, in volts; `None` for none.
    """

    gain: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    offset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    name: str = eqx.field(static=True, default="block")
    mean: Scalar | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        non_negative(f"{self.name}.gain_std", self.gain, "V/V")
        non_negative(f"{self.name}.offset_std", self.offset, "V")

    def scaled(self, by: Scalar | float) -> "BlockSpread":
        """The spreads times `by`."""
        mean = None if self.mean is None else by * self.mean
        return BlockSpread(by * self.gain, by * self.offset, self.name, mean)

    def fabricate(self, units: Float[Array, "2 blocks"]) -> BlockErrors:
        """The errors of one chip's blocks, for standard normals of gain and offset."""
        offset = self.offset * units[1]
        offset = offset if self.mean is None else offset + self.mean
        return BlockErrors(self.gain * units[0], offset)


class SupplySpread(eqx.Module):
    """Spreads of what all blocks of a chip share: its reference and its supply.

    Args:
        reference: Spread of the reference voltage, relative.
        rail: Spread of every output's rails, in volts: half of the supply's spread.
    """

    reference: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    rail: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("supply.reference_std", self.reference, "V/V")
        non_negative("supply.std", self.rail, "V")

    def scaled(self, by: Scalar | float) -> "SupplySpread":
        """The spreads times `by`."""
        return SupplySpread(by * self.reference, by * self.rail)

    def fabricate(
        self, units: Float[Array, "2"]
    ) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """The factor of the reference of one chip, and the volts on top of its rails.

        Both are single draws of the chip, for two standard normals.
        """
        return 1 + self.reference * units[0], self.rail * units[1]
