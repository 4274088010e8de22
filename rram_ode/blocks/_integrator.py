"""The feedback integrator, and the switch that holds its start."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann

from .._core._arrays import as_float, broadcast_columns, scalar, scalar_or_none
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import Key, Scalar, State


# The capacitor whose mismatch `mismatch_std` states, in farads.
REFERENCE = 30e-12


class FeedbackIntegrator(eqx.Module):
    r"""A feedback integrator for each coordinate of the state.

    $$\frac{dv}{d\tau} = \frac{v_\text{in} + V_\text{os}}{R C (1 + \epsilon)}
      - \frac{v}{R_\text{leak} C (1 + \epsilon)}, \qquad |v| \le v_\text{rail}$$

    The multipliers undo the sign of the inverting op-amp. `fabricate` draws offset and
    mismatch of a chip. At the end of a solve a switch opens and samples the state with
    the thermal noise of its capacitor, $\sqrt{k T / C}$.

    Args:
        resistance: $R$, in ohms.
        capacitance: $C$, in farads.
        leak: $1 / R_\text{leak}$, in siemens.
        v_rail: Largest voltage of the state, in volts; infinite for no limit.
        offset: $V_\text{os}$ of each channel, `(dim,)`, or one for all, in volts.
        mismatch: $\epsilon$ of each channel, `(dim,)`, or one for all.
        temperature: $T$ of the switch, in kelvin; `None` samples without noise.
    """

    resistance: Float[Array, ""] = eqx.field(converter=scalar)
    capacitance: Float[Array, ""] = eqx.field(converter=scalar)
    leak: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    offset: Float[Array, "*channels"] = eqx.field(converter=as_float, default=0.0)
    mismatch: Float[Array, "*channels"] = eqx.field(converter=as_float, default=0.0)
    temperature: Float[Array, ""] | None = eqx.field(
        converter=scalar_or_none, default=None
    )

    def __check_init__(self):
        positive("integrator.resistance", self.resistance, "ohm")
        positive("integrator.capacitance", self.capacitance, "F")
        positive("integrator.v_rail", self.v_rail, "V")
        non_negative("integrator.leak", self.leak, "S")

    @property
    def time_constant(self) -> Scalar:
        """The nominal time constant R C, in seconds."""
        return self.resistance * self.capacitance

    def fabricate(
        self, dim: int, offset_std: Scalar, mismatch_std: Scalar, *, key: Key
    ) -> "FeedbackIntegrator":
        r"""The integrator of one chip: offset and mismatch drawn for each channel.

        Args:
            dim: Number of channels.
            offset_std: Spread of the offset, in volts.
            mismatch_std: Spread of the mismatch of 30 pF. It falls with the root of the
                capacitor's area (M. J. M. Pelgrom et al., IEEE J. Solid-State Circuits
                24, 1989), and so of C.
            key: Seeds the draws.
        """
        draws = normal(key, (2, dim))
        mismatch_std = mismatch_std * jnp.sqrt(REFERENCE / self.capacitance)
        return eqx.tree_at(
            lambda block: (block.offset, block.mismatch),
            self,
            (offset_std * draws[0], mismatch_std * draws[1]),
        )

    def sampled(self, v: State, normals: State) -> State:
        """The state `v` in volts as the switch samples it, for standard normals."""
        if self.temperature is None:
            return v
        spread = jnp.sqrt(Boltzmann * self.temperature / self.capacitance)
        return v + (spread * normals).astype(v.dtype)

    def rate(self, v_in: State, v: State) -> State:
        """dv/dtau in V/s, for input and state `(dim, *samples)` in volts."""
        offset = broadcast_columns(jnp.broadcast_to(self.offset, v.shape[:1]), v)
        mismatch = broadcast_columns(jnp.broadcast_to(self.mismatch, v.shape[:1]), v)
        slope = (v_in + offset) / self.time_constant
        slope = (slope - v * (self.leak / self.capacitance)) / (1 + mismatch)
        outward = (jnp.abs(v) >= self.v_rail) & (v * slope > 0)
        return jnp.where(outward, 0.0, slope)


class StartHold(eqx.Module):
    r"""The errors of a start that is held on its integrator's own capacitor.

    When the solve begins, the capacitor has an error of
    $(q - I t) / (C (1 + \epsilon))$: the charge $q$ that the opening switch injects,
    one for each channel of a chip, and the droop of a leakage current that does not
    depend on the voltage. The charge has a spread but no mean, which the DAC would
    trim, and the leakage is the same for all channels; both are assumptions. The
    integrator's own `leak` during the hold is left out.

    Args:
        injection: Spread of $q$, in coulombs.
        leakage: $I$, the current out of the capacitor, in amperes.
        duration: $t$, the time from the switch's opening to the solve, in seconds.
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
        """Error of one chip's starts, in volts."""
        charge = self.injection * normal(key, (dim,)) - self.leakage * self.duration
        return charge / (integrator.capacitance * (1 + integrator.mismatch))
