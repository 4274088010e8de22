"""An array between converters: what a read of it gives, in units of the network."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar
from .._core._types import Scalar
from ..blocks import ADC, DAC
from ..chip import AnalogLayer, Chip, GuidedNetwork, SwitchedNetwork
from ..crossbar import CellNoise


Inputs = Float[Array, "rows samples"]


Sums = Float[Array, "cols samples"]


class Scales(NamedTuple):
    """Full scales of one layer's converters.

    Args:
        sums: Of each column's sum, without bias and embedding, dimensionless.
        change: Of the change of a row between two steps, in volts.
        sum_change: Of the change of each column's sum, dimensionless.
    """

    sums: Float[Array, " cols"]
    change: Float[Array, ""]
    sum_change: Float[Array, " cols"]


class StepPort(eqx.Module):
    """One array with drivers and amplifiers, between DACs of rows and ADCs of columns.

    The constant row is at 0 V: biases are digital here. What each column shows with all
    rows at 0 V, `zero`, is measured without noise on the test bench and subtracted in
    numbers; so offsets of drivers and op-amps count no more, nor does what the trims
    add for them. Gains are those of the chip with its trims. Converters have the
    chip's reference, which cancels. They clip before the amplifiers' rails do: a
    column's feedback resistor is that which takes its range to the converter's.

    Args:
        layer: The array and its amplifiers.
        unit_in: Volts per unit of an input.
        unit_out: Volts per unit of a column's sum.
        v_row: Full scale of the rows' DACs, in volts.
        reference: Factor of the chip's reference; `None` for 1.
        zero: What each column shows with all rows at 0 V, dimensionless.
        is_signed: Whether inputs have both signs: behind a ReLU all codes are positive.
    """

    layer: AnalogLayer
    unit_in: Float[Array, "..."]
    unit_out: Float[Array, "..."]
    v_row: Scalar
    reference: Scalar | None
    zero: Float[Array, " cols"]
    is_signed: bool = eqx.field(static=True)

    def volts(self, inputs: Inputs) -> Inputs:
        """`inputs` in volts on the rows."""
        unit = self.unit_in
        return inputs * (broadcast_columns(unit, inputs) if unit.ndim else unit)

    def columns(self, v: Inputs, noise: CellNoise = CellNoise()) -> Sums:
        """Sums that the columns show for the row voltages `v`, `zero` included."""
        driven = v if self.reference is None else v * self.reference
        out = self.layer(driven, noise)
        out = out if self.reference is None else out / self.reference
        unit = self.unit_out
        return out / (broadcast_columns(unit, out) if unit.ndim else unit)

    def power(self, v: Inputs) -> Float[Array, "3 samples"]:
        """Watts in the cells, then the currents of rows and amplifiers in amperes."""
        return jnp.concatenate([self.layer.power(v)[None], self.layer.supplied(v)])


def ports_of(chip: Chip, v_row: float | Scalar) -> tuple[StepPort, ...]:
    """The arrays of a chip, first layer first.

    Args:
        chip: A chip with one array a layer, used for one label.
        v_row: Full scale of the rows' DACs, in volts: the largest safe voltage.

    Raises:
        ValueError: If the chip has no crossbars, or those of guidance.
    """
    network = chip.crossbars
    if network is None or isinstance(network, GuidedNetwork | SwitchedNetwork):
        raise ValueError(
            "a machine that steps takes a chip with one array a layer; got "
            f"{type(chip.score).__name__}: set `guidance.weight` to 0."
        )
    (chain,) = network.chains
    units, found = chain.volts, []
    for number, layer in enumerate(chain.layers):
        layer = eqx.tree_at(
            lambda each: each.crossbar.v_bias, layer, replace_fn=jnp.zeros_like
        )
        rows, cols = layer.crossbar.g_pos.shape
        port = StepPort(
            layer,
            units[number],
            units[number + 1],
            scalar(v_row),
            chip.reference,
            jnp.zeros(cols),
            is_signed=number == 0,
        )
        zero = port.columns(jnp.zeros((rows - 1, 1)))[:, 0]
        found.append(eqx.tree_at(lambda each: each.zero, port, zero))
    return tuple(found)


def to_codes(
    x: Float[Array, "channels samples"],
    full: Float[Array, "..."],
    bits: int | None,
    *,
    is_signed: bool = True,
) -> Float[Array, "channels samples"]:
    """What the nearest codes of a DAC stand for, clipped at its full scale.

    Args:
        x: Values, one for each channel and sample.
        full: Full scale of all channels, or of each.
        bits: Resolution; `None` is continuous, and returns `x`.
        is_signed: Whether codes run from -full to full, or from 0.
    """
    if bits is None:
        return x
    part = x / (broadcast_columns(full, x) if full.ndim else full)
    if is_signed:
        part = DAC(bits).quantise(part, 1.0)
    else:
        part = DAC(bits).quantise(part - 0.5, 0.5) + 0.5
    return part * (broadcast_columns(full, x) if full.ndim else full)


def digitised(sums: Sums, full: Float[Array, " cols"], bits: int | None) -> Sums:
    """What the codes of a column's ADC stand for, each with a full scale of its own."""
    if bits is None:
        return sums
    full = broadcast_columns(full, sums)
    return full * ADC(bits)(sums / full)
