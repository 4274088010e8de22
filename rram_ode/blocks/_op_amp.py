"""The op-amp: gain, speed and rails; its noise; its auto-zero."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann

from .._core._arrays import scalar
from .._core._checks import non_negative, positive
from .._core._types import Scalar


class OpAmp(eqx.Module):
    r"""$dv_o/d\tau = \omega_0 (A_0 (V_\text{os} - v_m) - v_o)$, the + input grounded.

    $\omega_0 = 2 \pi f_\text{GBW} / A_0$. The drive of the pole is limited to
    `slew`; beyond a rail the pole is pulled back at $2 \pi f_\text{GBW}$ and the output
    is held at the rail.

    Args:
        gain: $A_0$, open loop, a pure number.
        gbw: Gain-bandwidth product, in hertz.
        slew: Largest slope, in volts a second; infinite for no limit.
        v_rail: Largest output, in volts; infinite for no limit.
        offset_std: Spread of the input-referred offset, drawn per chip, in volts.
        bias_current: Into the inverting input's node, in amperes.
    """

    gain: Float[Array, ""] = eqx.field(converter=scalar)
    gbw: Float[Array, ""] = eqx.field(converter=scalar)
    slew: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    offset_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    bias_current: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        positive("op_amp.gain", self.gain, "V/V")
        positive("op_amp.gbw", self.gbw, "Hz")
        positive("op_amp.slew", self.slew, "V/s")
        positive("op_amp.v_rail", self.v_rail, "V")
        non_negative("op_amp.offset_std", self.offset_std, "V")

    @property
    def unity(self) -> Scalar:
        r"""$2 \pi f_\text{GBW} = A_0 \omega_0$, in radians a second."""
        return 2 * jnp.pi * self.gbw

    @property
    def pole(self) -> Scalar:
        r"""$\omega_0$, in radians a second."""
        return self.unity / self.gain

    def is_fast(self) -> bool:
        """Whether it is infinitely fast (not under `jit`)."""
        return bool(jnp.isinf(self.gbw))


def ideal_op_amp() -> OpAmp:
    """Infinitely fast: the quasi-static limit, which has no pole to simulate."""
    return OpAmp(jnp.inf, jnp.inf)


def on_chip_op_amp() -> OpAmp:
    """180 nm class.

    Gain 9e5 and 100 MHz: the public template of a 180 nm solver (Fudan). Slew rate and
    auto-zeroed offset are assumptions; gates take no bias current.
    """
    return OpAmp(9e5, 100e6, slew=100e6, offset_std=20e-6)


def board_op_amp() -> OpAmp:
    """Discrete part with a JFET input: an assumption, all of it.

    The paper's board does not name its op-amps; the values are those of a common class
    (50 MHz, 20 V/us, 100 dB, 0.2 mV, 5 pA).
    """
    return OpAmp(1e5, 50e6, slew=20e6, offset_std=200e-6, bias_current=5e-12)


OP_AMPS = {"ideal": ideal_op_amp, "on-chip": on_chip_op_amp, "board": board_op_amp}


class OpAmpNoise(eqx.Module):
    r"""Input-referred voltage and current noise, and thermal noise of resistors.

    One-sided densities: $e_n^2$ in V^2/Hz at the + input; $i_n^2 + 4 k T g$ in A^2/Hz
    into the summing node, for resistors of conductance $g$ there (feedback, embedding,
    an integrator's input and leak). Cells have `ThermalNoise` of their own.

    Values are held $\Delta = 1 / (2B)$ with the variance $S B$. What a pole of rate $a$
    makes of them has $\tanh(a\Delta/2) / (a\Delta/2)$ of the variance for white noise,
    $1 - (a\Delta)^2 / 12$: a loop asks for $a\Delta$ of 0.3 or less (0.8 %).

    Args:
        e_n: In V/sqrt(Hz).
        i_n: In A/sqrt(Hz).
        temperature: Of the resistors, in kelvin; 0 for none of their noise.
        bandwidth: $B$, in hertz.
    """

    e_n: Float[Array, ""] = eqx.field(converter=scalar)
    i_n: Float[Array, ""] = eqx.field(converter=scalar)
    temperature: Float[Array, ""] = eqx.field(converter=scalar)
    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        non_negative("op_amp.e_n", self.e_n, "V/sqrt(Hz)")
        non_negative("op_amp.i_n", self.i_n, "A/sqrt(Hz)")
        non_negative("op_amp.temperature", self.temperature, "K")
        positive("op_amp.noise_bandwidth", self.bandwidth, "Hz")

    @property
    def interval(self) -> Scalar:
        """The hold, in seconds."""
        return 0.5 / self.bandwidth

    def volts(self) -> Scalar:
        """Standard deviation of the held voltage, in volts."""
        return self.e_n * jnp.sqrt(self.bandwidth)

    def amperes(self, g: Float[Array, " cols"]) -> Float[Array, " cols"]:
        """Standard deviation of the held current beside resistors `g`, in siemens."""
        # Root by root: squares of picoamperes underflow in single precision.
        thermal = jnp.sqrt(4 * Boltzmann * self.temperature * self.bandwidth)
        own = self.i_n * jnp.sqrt(self.bandwidth)
        return jnp.hypot(own, thermal * jnp.sqrt(g))

    def start(self, capacitance: Float[Array, " cols"]) -> Float[Array, " cols"]:
        r"""$\sqrt{k T / C}$ that a pre-charge switch leaves, in volts."""
        return jnp.sqrt(Boltzmann * self.temperature) / jnp.sqrt(capacitance)


class AutoZero(eqx.Module):
    r"""A capacitor at each + input, charged by the op-amp as a follower to its offset.

    What is left is $V_\text{os} / (1 + A_0) + q / C$, with the charge $q$ that the
    switch injects: one for each op-amp of a chip. With noise, each solve keeps the
    sample that the switch took: variance $k T / C + e_n^2 \omega_u / 4$, where
    $\omega_u$ is the follower's bandwidth (C. C. Enz and G. C. Temes, Proc. IEEE 84,
    1996). The capacitor's leak is not in it: a solve is taken as short.

    Args:
        capacitance: $C$, in farads.
        injection: Spread of $q$, in coulombs.
    """

    capacitance: Float[Array, ""] = eqx.field(converter=scalar)
    injection: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        positive("op_amp.auto_zero", self.capacitance, "F")
        non_negative("op_amp.injection", self.injection, "C")

    def residual(
        self,
        offset: Float[Array, " cols"],
        op_amp: OpAmp,
        unit: Float[Array, " cols"],
    ) -> Float[Array, " cols"]:
        """Of offsets in volts, for standard normals `unit`."""
        return offset / (1 + op_amp.gain) + self.injection / self.capacitance * unit

    def sampled(self, op_amp: OpAmp, noise: OpAmpNoise) -> Float[Array, ""]:
        """Standard deviation of what a solve keeps, in volts."""
        switch = jnp.sqrt(Boltzmann * noise.temperature) / jnp.sqrt(self.capacitance)
        return jnp.hypot(switch, noise.e_n * jnp.sqrt(op_amp.unity) / 2)
