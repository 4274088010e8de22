"""The op-amp integrator that closes the loop."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._draws import normal
from .._misc import as_float, columns, non_negative, positive, scalar
from .._types import Key, Scalar, State


class FeedbackIntegrator(eqx.Module):
    r"""One channel for each coordinate of the state.

    $$\frac{dv}{d\tau} = \frac{v_\text{in} + V_\text{os}}{R C (1 + \epsilon)}
      - \frac{v}{R_\text{leak} C (1 + \epsilon)}, \qquad |v| \le v_\text{rail}$$

    The sign of the inverting op-amp is taken up by the multipliers. `fabricate` draws
    offset and mismatch of a chip.

    Args:
        resistance: $R$, in ohms.
        capacitance: $C$, in farads.
        leak: $1 / R_\text{leak}$, in siemens.
        v_rail: In volts; infinite for no limit.
        offset: $V_\text{os}$ of each channel, shape `(dim,)`, or one for all, in volts.
        mismatch: $\epsilon$ of each channel, shape `(dim,)`, or one for all.
    """

    resistance: Float[Array, ""] = eqx.field(converter=scalar)
    capacitance: Float[Array, ""] = eqx.field(converter=scalar)
    leak: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    offset: Float[Array, "*channels"] = eqx.field(converter=as_float, default=0.0)
    mismatch: Float[Array, "*channels"] = eqx.field(converter=as_float, default=0.0)

    def __check_init__(self):
        positive("integrator.resistance", self.resistance, "ohm")
        positive("integrator.capacitance", self.capacitance, "F")
        positive("integrator.v_rail", self.v_rail, "V")
        non_negative("integrator.leak", self.leak, "S")

    @property
    def time_constant(self) -> Scalar:
        """Nominal R C, in seconds."""
        return self.resistance * self.capacitance

    def fabricate(
        self, dim: int, offset_std: Scalar, mismatch_std: Scalar, *, key: Key
    ) -> "FeedbackIntegrator":
        """One chip's integrator: offset (volts) and mismatch drawn for each channel."""
        draws = normal(key, (2, dim))
        return eqx.tree_at(
            lambda block: (block.offset, block.mismatch),
            self,
            (offset_std * draws[0], mismatch_std * draws[1]),
        )

    def rate(self, v_in: State, v: State) -> State:
        """dv/dtau in volts a second, for input and state `(dim, *samples)` in volts."""
        offset = columns(jnp.broadcast_to(self.offset, v.shape[:1]), v)
        mismatch = columns(jnp.broadcast_to(self.mismatch, v.shape[:1]), v)
        slope = (v_in + offset) / self.time_constant
        slope = (slope - v * (self.leak / self.capacitance)) / (1 + mismatch)
        outward = (jnp.abs(v) >= self.v_rail) & (v * slope > 0)
        return jnp.where(outward, 0.0, slope)
