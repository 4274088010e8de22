"""The feedback integrator, and the switch that holds its start."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann

from .._core._arrays import as_float, broadcast_columns, scalar, scalar_or_none
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import ColumnValues, Key, Scalar, State
from ._op_amp import StaticOpAmps
from ._rails import hits, Limits, limits
from ._stage import Stage


# The capacitor whose mismatch `mismatch_std` states, in farads.
REFERENCE = 30e-12


class FeedbackIntegrator(eqx.Module):
    r"""A feedback integrator for each coordinate of the state.

    $$\frac{dv}{d\tau} = \frac{v_\text{in} + V_\text{os}}{R C (1 + \epsilon)}
      - \frac{v}{R_\text{leak} C (1 + \epsilon)}, \qquad |v| \le v_\text{rail}$$

    The multipliers undo the sign of the inverting op-amp. `fabricate` draws offset and
    mismatch of a chip. At the end of a solve a switch opens and samples the state with
    the thermal noise of its capacitor, $\sqrt{k T / C}$.

    With `op_amps` the rate is that of the `stage` of fidelity `dynamic` with op-amps of
    infinite speed: their gain $A_0$ adds a leak of about $R C A_0$ and a gain error of
    about $1 / A_0$, their bias current and their own offset act.

    Args:
        resistance: $R$, in ohms.
        capacitance: $C$, in farads.
        leak: $1 / R_\text{leak}$, in siemens.
        v_rail: Largest voltage of the state, one for all channels or each its own, in
            volts; infinite for no limit.
        offset: $V_\text{os}$ of each channel, `(dim,)`, or one for all, in volts.
        mismatch: $\epsilon$ of each channel, `(dim,)`, or one for all.
        temperature: $T$ of the switch, in kelvin; `None` samples without noise.
        op_amps: The op-amps of this chip's channels, whose offset replaces `offset`;
            `None` for ideal ones.
        v_low: Lowest voltage of the state, one for all channels or each its own, in
            volts; `None` for `-v_rail`.
    """

    resistance: Float[Array, ""] = eqx.field(converter=scalar)
    capacitance: Float[Array, ""] = eqx.field(converter=scalar)
    leak: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    v_rail: Float[Array, "*channels"] = eqx.field(converter=as_float, default=jnp.inf)
    offset: Float[Array, "*channels"] = eqx.field(converter=as_float, default=0.0)
    mismatch: Float[Array, "*channels"] = eqx.field(converter=as_float, default=0.0)
    temperature: Float[Array, ""] | None = eqx.field(
        converter=scalar_or_none, default=None
    )
    op_amps: StaticOpAmps | None = None
    v_low: Float[Array, "*channels"] | None = None

    def __check_init__(self):
        positive("integrator.resistance", self.resistance, "ohm")
        positive("integrator.capacitance", self.capacitance, "F")
        if self.v_rail.ndim == 0:
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
        if self.op_amps is None:
            slope = self._ideal_rate(v_in, v)
        else:
            stage = self.stage(self.op_amps, v.shape[0])
            slope = stage.settled_rate(-v_in / self.resistance, v)
        outward = hits(v, self.rails(v)) & (v * slope > 0)
        return jnp.where(outward, 0.0, slope)

    def stage(
        self,
        op_amps: StaticOpAmps,
        dim: int,
        v_rail: ColumnValues | None = None,
        v_low: ColumnValues | None = None,
    ) -> Stage:
        """The integrators of `dim` channels as a stage, with these op-amps.

        `v_rail` and `v_low` are rails of each channel in volts, in place of the
        integrator's own.
        """
        each = lambda x: jnp.broadcast_to(x, (dim,))
        return Stage(
            op_amp=op_amps.op_amp,
            g_in=each(1 / self.resistance),
            g_f=each(self.leak),
            c_f=each(self.capacitance * (1 + self.mismatch)),
            c_in=each(op_amps.c_in),
            offset=op_amps.offset,
            v_rail=self.v_rail if v_rail is None else v_rail,
            has_capacitors=True,
            v_low=self.v_low if v_rail is None else v_low,
        )

    def rails(self, like: State) -> Limits:
        """Lowest and highest voltage of the state, along the axes of `like`."""
        return limits(self.v_low, self.v_rail, like)

    def _ideal_rate(self, v_in: State, v: State) -> State:
        offset = broadcast_columns(jnp.broadcast_to(self.offset, v.shape[:1]), v)
        mismatch = broadcast_columns(jnp.broadcast_to(self.mismatch, v.shape[:1]), v)
        slope = (v_in + offset) / self.time_constant
        return (slope - v * (self.leak / self.capacitance)) / (1 + mismatch)


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
