"""The feedback integrator, and the switch that holds its start."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import as_float, broadcast_columns, scalar
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import Key, Scalar, State


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
        offset = broadcast_columns(jnp.broadcast_to(self.offset, v.shape[:1]), v)
        mismatch = broadcast_columns(jnp.broadcast_to(self.mismatch, v.shape[:1]), v)
        slope = (v_in + offset) / self.time_constant
        slope = (slope - v * (self.leak / self.capacitance)) / (1 + mismatch)
        outward = (jnp.abs(v) >= self.v_rail) & (v * slope > 0)
        return jnp.where(outward, 0.0, slope)


class StartHold(eqx.Module):
    r"""Each start is charged onto its integrator's own capacitor and held there.

    The capacitor is off by $(q - I t) / (C (1 + \epsilon))$ when the solve begins: the
    charge $q$ that the opening switch injects, one for each channel of a chip, and the
    droop of a leakage current that does not depend on the voltage. Assumptions: of $q$
    only the spread is left (a mean would be trimmed in the DAC), and the junctions'
    leakage is the same for all channels. What the integrator's own `leak` takes while
    a start is held is not in it.

    Args:
        injection: Spread of $q$, in coulombs.
        leakage: $I$, out of the capacitor, in amperes.
        duration: $t$, from the switch's opening to the solve, in seconds.
    """

    injection: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    leakage: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    duration: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("start.injection", self.injection, "C")
        non_negative("start.leakage", self.leakage, "A")
        non_negative("start.hold", self.duration, "s")

    def fabricate(
        self, integrator: FeedbackIntegrator, dim: int, *, key: Key
    ) -> Float[Array, " dim"]:
        """What one chip's starts are off by, in volts."""
        charge = self.injection * normal(key, (dim,)) - self.leakage * self.duration
        return charge / (integrator.capacitance * (1 + integrator.mismatch))
