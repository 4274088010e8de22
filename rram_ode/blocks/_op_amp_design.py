r"""The two-stage Miller op-amp: its currents, and all that follows from them.

One set of currents gives the speed, the slew rate, the gain under load, the noise, the
offset and the power. Sources of the equations: P. E. Allen and D. R. Holberg, CMOS
Analog Circuit Design, 2nd ed., Oxford 2002, section 6.3 (gain-bandwidth, slew rate, the
second pole, the smallest Miller capacitor); F. Silveira, D. Flandre and P. G. A.
Jespers, IEEE J. Solid-State Circuits 31, 1996 (currents from gm/Id); P. R. Gray et al.,
Analysis and Design of Analog Integrated Circuits, 4th ed., Wiley 2001, section 11
(noise of an input pair with its load); M. J. M. Pelgrom et al., IEEE J. Solid-State
Circuits 24, 1989 (offset and area).
"""

import dataclasses
import math

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float
from scipy.constants import Boltzmann


Number = float | Float[np.ndarray, "..."] | Float[Array, "..."]


WEAK_INVERSION = 28.0  # largest gm/Id of a MOS transistor, 1 / (1.4 k T / q), per volt


MODERATE = 15.0  # gm/Id in moderate inversion, per volt


KELVIN = 300.0  # temperature of the transistors' noise


# Least C_c over C_L for a phase margin of 60 degrees: Allen and Holberg, as repeated by
# blog.csdn.net/weixin_38679924/article/details/105896372.
SMALLEST_MILLER = 0.22


@dataclasses.dataclass(frozen=True)
class OpAmpProcess:
    r"""What a process gives its op-amps, by default 180 nm with 3.3 V transistors.

    The matching of 1 mV um for each nm of the oxide (7 nm at 3.3 V) is the rule of M.
    J. M. Pelgrom, H. P. Tuinhout and M. Vertregt, IEDM 1998. All other values are
    assumptions.

    Args:
        matching: $A_{VT}$ of a pair, in volt metres.
        oxide: Gate capacitance $C_\text{ox}$, in F/m^2.
        gamma: Factor $\gamma$ of a transistor's thermal noise.
        load_noise: $\eta$, noise of the first stage's loads over that of its pair.
        slope: $\lambda$, the output conductance of a transistor over its current, in
            1/V.
        drive: Largest output current of class AB over its quiescent current.
        second_pole: Second pole over the gain-bandwidth.
        stage_gain: Least gain of the loaded second stage.
        transit: Transit frequency at a gm/Id of 15 per volt, in hertz.
    """

    matching: float = 7e-9
    oxide: float = 5e-3
    gamma: float = 2 / 3
    load_noise: float = 1.0
    slope: float = 0.1
    drive: float = 10.0
    second_pole: float = 3.0
    stage_gain: float = 3.0
    transit: float = 3e9

    def transit_at(self, gm_id: float) -> float:
        r"""Transit frequency at a gm/Id in 1/V, in hertz.

        It is proportional to $m / (g_m/I_D) - 1$ with m the gm/Id of weak inversion:
        the charge-based model of C. C. Enz, F. Krummenacher and E. A. Vittoz, Analog
        Integr. Circuits Signal Process. 8, 1995.
        """
        moderate = WEAK_INVERSION / MODERATE - 1
        return self.transit * (WEAK_INVERSION / gm_id - 1) / moderate

    def area(self, offset: float) -> float:
        r"""Area of an input transistor, $(A_{VT} / V_\text{os})^2$, in m^2.

        Raises:
            ValueError: If `offset`, a standard deviation in volts, is not positive.
        """
        if not offset > 0:
            raise ValueError(
                f"`op_amp.offset_std` = {offset:g} V takes an input pair of infinite "
                "area: take a positive one, or `op_amp.auto_zero`, a capacitor in "
                "farads that stores the offset."
            )
        return (self.matching / offset) ** 2

    def offset(self, area: float) -> float:
        """Standard deviation of the offset of a pair of this area in m^2, in volts."""
        return self.matching / math.sqrt(area)

    def c_in(self, area: float) -> float:
        r"""Input capacitance $\frac23 C_\text{ox} W L$, in farads."""
        return 2 / 3 * self.oxide * area


class OpAmpDesign(eqx.Module):
    r"""A two-stage Miller op-amp with its load, as numbers or as arrays of them.

    $$g_{m1} = 2 \pi f C_c, \quad I_\text{tail} = \max(S C_c, 2 g_{m1} / (g_m/I_D)_1),
      \quad g_{m2} = \max(3 \cdot 2 \pi f C_L, A_\text{min} G_L)$$

    In class A the output stage carries $I_2 = \max(g_{m2} / (g_m/I_D)_2, V_\text{pk}
    G_L + S C_L)$ at all times. In class AB it idles at the larger of $g_{m2} /
    (g_m/I_D)_2$ and that current over `process.drive`, and takes its load's current
    from the supply besides. An `i_out` takes the place of $V_\text{pk} G_L + S C_L$.

    Args:
        gbw: Gain-bandwidth product f, in hertz.
        slew: Slew rate S that is asked for, in volts per second.
        c_c: Miller capacitor, in farads.
        c_load: Load capacitance $C_L$, in farads.
        g_load: Load conductance $G_L$, in siemens.
        v_peak: Largest output voltage that the load must get, in volts.
        i_out: Largest current that the load must get, in amperes; `None` takes what
            `v_peak` and the slew rate demand.
        gm_id_1: gm/Id of the input pair, in 1/V.
        gm_id_2: gm/Id of the second stage, in 1/V.
        is_class_ab: Whether the output is of class AB; else class A.
        bias: Current of the bias branches over that of the two stages.
        gain: Open-loop gain without a load, a pure number.
        process: What the process gives.
    """

    gbw: Number
    slew: Number = 0.0
    c_c: Number = 1e-12
    c_load: Number = 1e-12
    g_load: Number = 0.0
    v_peak: Number = 1.2
    i_out: Number | None = None
    gm_id_1: Number = 15.0
    gm_id_2: Number = 15.0
    is_class_ab: bool = eqx.field(static=True, default=True)
    bias: Number = 0.25
    gain: Number = 9e5
    process: OpAmpProcess = eqx.field(static=True, default=OpAmpProcess())

    def __check_init__(self):
        for name in ("gm_id_1", "gm_id_2"):
            value = getattr(self, name)
            if isinstance(value, float | int) and not 0 < value < WEAK_INVERSION:
                raise ValueError(
                    f"`op_amp.{name}` must be positive and below {WEAK_INVERSION:g} "
                    "per volt, what a transistor has in weak inversion; got "
                    f"{value:g}: take 15, moderate inversion."
                )

    @property
    def gm1(self) -> Number:
        """Transconductance of the input pair, in siemens."""
        return 2 * math.pi * self.gbw * self.c_c

    @property
    def tail(self) -> Number:
        """Current of the input pair, in amperes."""
        return _larger(self.slew * self.c_c, 2 * self.gm1 / self.gm_id_1)

    @property
    def slew_rate(self) -> Number:
        """The slew rate that the tail current gives, in volts per second."""
        return self.tail / self.c_c

    @property
    def gm2(self) -> Number:
        """Least transconductance of the second stage, in siemens."""
        fast = self.process.second_pole * 2 * math.pi * self.gbw * self.c_load
        return _larger(fast, self.process.stage_gain * self.g_load)

    @property
    def idle(self) -> Number:
        """Current of the output stage without a signal, in amperes."""
        swing = self.i_out
        if swing is None:
            swing = self.v_peak * self.g_load + self.slew * self.c_load
        if self.is_class_ab:
            swing = swing / self.process.drive
        return _larger(self.gm2 / self.gm_id_2, swing)

    @property
    def largest_output(self) -> Number:
        """Largest current into the load, in amperes."""
        return self.idle * (self.process.drive if self.is_class_ab else 1.0)

    @property
    def fastest(self) -> float:
        """Largest gain-bandwidth, in hertz: the second pole reaches a transistor's."""
        most = max(float(self.gm_id_1), float(self.gm_id_2))
        return self.process.transit_at(most) / self.process.second_pole

    def c_in(self, area: float) -> float:
        """Input capacitance with a pair of this area (m^2) or more, in farads."""
        transit = self.process.transit_at(float(self.gm_id_1))
        return max(self.process.c_in(area), float(self.gm1) / (2 * math.pi * transit))

    @property
    def loaded_gain(self) -> Number:
        r"""Open-loop gain $A_1 g_{m2} / (g_{ds2} + G_L)$, a pure number.

        The first stage has what `gain` leaves of an unloaded second stage, whose
        transconductance follows its current.
        """
        return self.gain * self.gain_left

    @property
    def gain_left(self) -> Number:
        r"""Fraction $g_{ds2} / (g_{ds2} + G_L)$ of the gain that the load leaves."""
        alone = 2 * self.process.slope * self.idle
        return alone / (alone + self.g_load)

    @property
    def gbw_left(self) -> Number:
        r"""Fraction $A_2 / (1 + A_2)$ of the gain-bandwidth that the load leaves.

        The Miller effect multiplies $C_c$ by $1 + A_2$, with $A_2 = g_{m2} / (g_{ds2}
        + G_L)$ the gain of the loaded second stage.
        """
        alone = 2 * self.process.slope * self.idle
        gain = self.gm_id_2 * self.idle / (alone + self.g_load)
        return gain / (1 + gain)

    @property
    def noise(self) -> Number:
        r"""White noise $\sqrt{8 k T \gamma (1 + \eta) / g_{m1}}$, in V/sqrt(Hz)."""
        factor = 8 * self.process.gamma * (1 + self.process.load_noise)
        return (factor * Boltzmann * KELVIN / self.gm1) ** 0.5

    @property
    def supply_current(self) -> Number:
        """Current from the supply without a signal, in amperes.

        In class A a signal changes nothing: the load's current is part of it. In
        class AB add half of the mean magnitude of the load's current, which flows
        between one rail and ground.
        """
        return (self.tail + self.idle) * (1 + self.bias)

    @property
    def figure_of_merit(self) -> Number:
        """GBW C_L over the supply current, in Hz F / A: 1e-3 are 1 MHz pF / mA."""
        return self.gbw * self.c_load / self.supply_current


def _larger(one: Number, other: Number) -> Number:
    """The larger of two finite numbers, plain ones, NumPy's or JAX's, to rounding."""
    return (one + other + abs(one - other)) / 2
