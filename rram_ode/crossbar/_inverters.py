"""Errors of the inverters between the rows and the cells that add."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import Conductances, Currents, Voltages


class InverterErrors(eqx.Module):
    r"""Gain errors and output offsets of a layer's inverters.

    An inverter of row i puts out $-(1 + \epsilon_i) v_i + o_i$. What the cells that add
    take for $v_i$ is $(1 + \epsilon_i) v_i - o_i$.

    Args:
        gain: $\epsilon$ of each row, relative, with the constant row.
        offset: $o$ of each row, in volts.
    """

    gain: Float[Array, " rows"]
    offset: Float[Array, " rows"]

    def seen(self, v: Voltages) -> Voltages:
        """What the cells that add take for the row voltages `v`, in volts."""
        slope = broadcast_columns(1 + self.gain, v)
        return slope * v - broadcast_columns(self.offset, v)

    def scaled(self, g_pos: Conductances) -> Conductances:
        """The cells that add times their inverters' gains, in siemens."""
        return (1 + self.gain)[:, None] * g_pos

    def constant(self, g_pos: Conductances) -> Currents:
        """Currents of the columns at row voltages of zero, in amperes."""
        return -self.offset @ g_pos
