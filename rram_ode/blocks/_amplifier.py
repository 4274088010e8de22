"""The transimpedance amplifier, infinitely fast."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import as_float, broadcast_columns
from .._core._types import ColumnVoltages, Currents
from ._rails import Limited, Limits, limits


class TransimpedanceAmplifier(eqx.Module):
    r"""An amplifier for each column, $v = \mathrm{clip}(R_f i, \pm v_\text{rail})$.

    Args:
        feedback_resistance: $R_f$ of each column, in ohms.
        v_rail: Largest output of all columns or of each, in volts; infinite for no
            limit.
        v_low: Lowest output of all columns or of each, in volts; `None` for `-v_rail`.
    """

    feedback_resistance: Float[Array, " cols"]
    v_rail: Float[Array, "*cols"] = eqx.field(converter=as_float, default=jnp.inf)
    v_low: Float[Array, "*cols"] | None = None

    def __call__(self, i: Currents) -> ColumnVoltages:
        """Output in volts, before `clip` limits it."""
        return broadcast_columns(self.feedback_resistance, i) * i

    def clip(self, v: ColumnVoltages) -> ColumnVoltages:
        """The output that the rails allow."""
        return self.limited(v).value

    def limited(self, v: ColumnVoltages) -> Limited:
        """`v` behind the rails, to which more limits may be added."""
        return Limited(v, *self.rails(v))

    def rails(self, like: ColumnVoltages) -> Limits:
        """Lowest and highest output, broadcast along the axes of `like`, in volts."""
        return limits(self.v_low, self.v_rail, like)
