"""Transimpedance amplifier and rectifier, infinitely fast."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar
from .._core._types import ColumnVoltages, Currents


class TransimpedanceAmplifier(eqx.Module):
    r"""One for each column: $v = \mathrm{clip}(R_f i, \pm v_\text{rail})$.

    Args:
        feedback_resistance: $R_f$ of each column, in ohms.
        v_rail: In volts; infinite for no limit.
    """

    feedback_resistance: Float[Array, " cols"]
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)

    def __call__(self, i: Currents) -> ColumnVoltages:
        """Output before the rail, in volts: `clip` limits it."""
        return broadcast_columns(self.feedback_resistance, i) * i

    def clip(self, v: ColumnVoltages) -> ColumnVoltages:
        """The output that the rails allow."""
        return jnp.clip(v, -self.v_rail, self.v_rail)
