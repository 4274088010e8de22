"""The op-amp: its gain, speed and rails, its noise and its auto-zero."""

import dataclasses
import math

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann

from .._core._arrays import as_float, scalar, scalar_or_none
from .._core._checks import non_negative, positive
from .._core._types import Scalar
from ._op_amp_design import KELVIN, OpAmpProcess


PAIR_AREA = 30e-12  # of each input transistor on a chip, in m^2: assumed


class OpAmp(eqx.Module):
    r"""An op-amp, $dv_o/d\tau = \omega_0 (A_0 (V_\text{os} - v_m) - v_o)$.

    Its + input is grounded, and $\omega_0 = 2 \pi f_\text{GBW} / A_0$. The drive of the
    pole is limited to `slew`; beyond a rail the pole is pulled back at $2 \pi
    f_\text{GBW}$ and the output is held at the rail.

    Args:
        gain: $A_0$, the open-loop gain, a pure number; of all columns, or of each as
            its load leaves it.
        gbw: Gain-bandwidth product, in hertz, of all columns or of each.
        slew: Slew rate, in volts per second; infinite for no limit.
        v_rail: Largest output, in volts; infinite for no limit.
        offset_std: Spread of the input-referred offset, drawn per chip, in volts.
        bias_current: Bias current into the inverting input's node, in amperes.
        i_out: Largest current into the load, in amperes; infinite for no limit. A
            conductance at the output then limits it to `i_out` over that conductance.
        offset: Input-referred offset that every op-amp has, in volts.
        v_low: Lowest output, in volts; `None` for `-v_rail`.
        r_out: Output resistance at DC, in ohms: a load of the conductance g divides the
            gain by 1 + `r_out` g; `None` for none.
        r_fast: Output resistance at high frequencies, in ohms: a load divides the
            gain-bandwidth by 1 + `r_fast` g. Behind a Miller capacitor it is about
            1 / gm of the second stage, and smaller than `r_out`.
    """

    gain: Float[Array, "*cols"] = eqx.field(converter=as_float)
    gbw: Float[Array, "*cols"] = eqx.field(converter=as_float)
    slew: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    offset_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    bias_current: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    i_out: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    offset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    v_low: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)
    r_out: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)
    r_fast: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        positive("op_amp.gain", self.gain, "V/V")
        positive("op_amp.gbw", self.gbw, "Hz")
        positive("op_amp.slew", self.slew, "V/s")
        positive("op_amp.v_rail", self.v_rail, "V")
        non_negative("op_amp.offset_std", self.offset_std, "V")
        positive("op_amp.i_out", self.i_out, "A")

    @property
    def unity(self) -> Float[Array, "*cols"]:
        r"""$2 \pi f_\text{GBW} = A_0 \omega_0$, in radians per second."""
        return 2 * jnp.pi * self.gbw

    @property
    def pole(self) -> Float[Array, "*cols"]:
        r"""$\omega_0$, in radians per second."""
        return self.unity / self.gain

    def loaded(self, g_load: Float[Array, " cols"]) -> "OpAmp":
        """What each of `g_load`, in siemens, leaves of gain and speed."""
        if self.r_out is None:
            return self
        g = g_load
        gain, gbw = self.gain / (1 + self.r_out * g), self.gbw / (1 + self.r_fast * g)
        return dataclasses.replace(self, gain=gain, gbw=gbw)

    def is_fast(self) -> bool:
        """Whether the op-amp is infinitely fast; not under `jit`."""
        return bool(jnp.isinf(self.gbw))


def ideal_op_amp() -> OpAmp:
    """An infinitely fast op-amp: the quasi-static limit, without a pole."""
    return OpAmp(jnp.inf, jnp.inf)


def on_chip_op_amp() -> OpAmp:
    """An op-amp of a 180 nm process, before its offset is stored by `AutoZero`.

    Gain (9e5) and gain-bandwidth product (100 MHz) are those of the public template of
    a 180 nm solver (Fudan). The slew rate is an assumption, and so is the input pair of
    `PAIR_AREA`, which gives the offset; gates draw no bias current.
    """
    offset = OpAmpProcess().offset(PAIR_AREA)
    return OpAmp(9e5, 100e6, slew=100e6, offset_std=offset)


def board_op_amp() -> OpAmp:
    """A discrete low-power op-amp: 30 MHz at 0.25 mA.

    The op-amps of the paper's board are not published. The class is that of the OPA835
    (Texas Instruments, SLOS713H): 0.25 mA from 2.5 to 5.5 V, 160 V/us, 0.1 mV of
    offset, 40 mA at the output. Its gain-bandwidth product (56 MHz wide at a gain of
    1), its gain of 100 dB and the 13 nA that equal resistors at both inputs leave of
    its bias current are assumptions.
    """
    return OpAmp(1e5, 30e6, 160e6, offset_std=100e-6, bias_current=13e-9, i_out=40e-3)


OP_AMPS = {"ideal": ideal_op_amp, "on-chip": on_chip_op_amp, "board": board_op_amp}


class OpAmpNoise(eqx.Module):
    r"""Input-referred voltage and current noise, and thermal noise of resistors.

    The one-sided densities are $e_n^2$ in V^2/Hz at the + input, and $i_n^2 + 4 k T g$
    in A^2/Hz into the summing node, with $g$ the conductance of the resistors there
    (feedback, embedding, an integrator's input and leak). Cells have `ThermalNoise` of
    their own.

    Values are held for $\Delta = 1 / (2B)$ with the variance $S B$. Behind a pole of
    rate $a$ their variance is $\tanh(a\Delta/2) / (a\Delta/2) \approx 1 - (a\Delta)^2 /
    12$ of that of white noise: a loop requires $a\Delta$ of 0.3 or less (0.8 %).

    Args:
        e_n: $e_n$, in V/sqrt(Hz).
        i_n: $i_n$, in A/sqrt(Hz).
        temperature: $T$ of the resistors, in kelvin; 0 turns their noise off.
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
        """Time for which a value is held, in seconds."""
        return 0.5 / self.bandwidth

    def volts(self) -> Scalar:
        """Standard deviation of the held voltage, in volts."""
        return self.e_n * jnp.sqrt(self.bandwidth)

    def amperes(self, g: Float[Array, " cols"]) -> Float[Array, " cols"]:
        """Standard deviation of the held current, in amperes, at resistors `g` (S)."""
        # Squares of picoamperes would underflow in single precision.
        thermal = jnp.sqrt(4 * Boltzmann * self.temperature * self.bandwidth)
        own = self.i_n * jnp.sqrt(self.bandwidth)
        return jnp.hypot(own, thermal * jnp.sqrt(g))

    def start(self, capacitance: Float[Array, " cols"]) -> Float[Array, " cols"]:
        r"""Standard deviation $\sqrt{k T / C}$ after a pre-charge switch, in volts."""
        return jnp.sqrt(Boltzmann * self.temperature) / jnp.sqrt(capacitance)


class AutoZero(eqx.Module):
    r"""Auto-zero: before a solve each op-amp stores its offset on a capacitor.

    The op-amp, as a follower, charges the capacitor at its + input to the offset. An
    offset of $V_\text{os} / (1 + A_0) + q / C$ remains, with the charge $q$ that the
    switch injects, one for each op-amp of a chip. The switch, of resistance $R$, also
    samples a voltage in each solve, of variance

    $$\frac{k T}{C} + \frac{e_n^2}{4} \frac{\omega_u}{1 + \omega_u R C}$$

    where $\omega_u$ is the follower's bandwidth (C. C. Enz and G. C. Temes, Proc. IEEE
    84, 1996): behind the two poles white noise of the density $e_n^2$ has the bandwidth
    of both in series. A solve is taken as so short that the capacitor does not leak.

    Args:
        capacitance: $C$, in farads.
        injection: Spread of $q$, in coulombs.
        resistance: $R$, in ohms.
        temperature: $T$ of the switch, in kelvin.
        e_n: $e_n$ of the op-amps, in V/sqrt(Hz).
        is_noisy: Whether the switch samples noise where the loop has none: of
            `temperature` and `e_n`. A loop's own `OpAmpNoise` takes their place.
    """

    capacitance: Float[Array, ""] = eqx.field(converter=scalar)
    injection: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    resistance: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    temperature: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    e_n: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    is_noisy: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        positive("op_amp.auto_zero", self.capacitance, "F")
        non_negative("op_amp.injection", self.injection, "C")
        non_negative("op_amp.zero_resistance", self.resistance, "ohm")

    def left(self) -> float:
        """Spread of what switches at 300 K leave, $k T / C$ and charge, in volts."""
        c, charge = float(self.capacitance), float(self.injection)
        return math.hypot(math.sqrt(Boltzmann * KELVIN / c), charge / c)

    def residual(
        self,
        offset: Float[Array, " cols"],
        op_amp: OpAmp,
        unit: Float[Array, " cols"],
    ) -> Float[Array, " cols"]:
        """The offset after auto-zero, in volts, for standard normals `unit`."""
        return offset / (1 + op_amp.gain) + self.injection / self.capacitance * unit

    def sampled(self, op_amp: OpAmp, noise: OpAmpNoise | None) -> Float[Array, ""]:
        """Standard deviation of the voltage that the switch samples, in volts.

        Args:
            op_amp: The follower.
            noise: Noise of the loop; `None` takes `temperature` and `e_n`.
        """
        source = self if noise is None else noise
        switch = jnp.sqrt(Boltzmann * source.temperature) / jnp.sqrt(self.capacitance)
        slowed = 1 + op_amp.unity * self.resistance * self.capacitance
        return jnp.hypot(switch, source.e_n * jnp.sqrt(op_amp.unity / slowed) / 2)


class StaticOpAmps(eqx.Module):
    """The op-amps of a row of amplifiers or integrators of one chip, as they settle.

    Args:
        op_amp: Gain and bias current, with the load of the row.
        offset: Input-referred offset of each, in volts, after auto-zero.
        c_in: Input capacitance of each, in farads.
    """

    op_amp: OpAmp
    offset: Float[Array, " cols"]
    c_in: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
