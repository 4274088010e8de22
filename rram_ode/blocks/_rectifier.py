"""Rectifiers, ideal or made of diodes, and clamps; all infinitely fast."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann, elementary_charge

from .._core._arrays import rectified, scalar, scalar_or_none
from .._core._checks import positive
from .._core._types import Scalar
from ._rails import Limited, unlimited


_ITERATIONS = 2  # they converge faster than cubically: 1e-15 from the guess below


class Diode(eqx.Module):
    r"""A diode, $i = I_s (e^{v / n V_T} - 1)$ with $V_T = k T / q$ (Shockley).

    Args:
        saturation: $I_s$, in amperes.
        ideality: $n$.
        temperature: $T$, in kelvin; SPICE's 27 degrees Celsius by default.
    """

    saturation: Float[Array, ""] = eqx.field(converter=scalar)
    ideality: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    temperature: Float[Array, ""] = eqx.field(converter=scalar, default=300.15)

    def __check_init__(self):
        positive("diode.saturation", self.saturation, "A")
        positive("diode.ideality", self.ideality, "")
        positive("diode.temperature", self.temperature, "K")

    @property
    def v_thermal(self) -> Scalar:
        """$n k T / q$, in volts."""
        return self.ideality * self.temperature * (Boltzmann / elementary_charge)


class AbstractRectifier(eqx.Module):
    """A circuit that acts as a ReLU on a voltage, without memory."""

    @abc.abstractmethod
    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""

    @abc.abstractmethod
    def behind(self, v: Limited) -> Limited:
        """Output for an input behind limits, to which more limits may be added."""


class IdealRectifier(AbstractRectifier):
    """An exact ReLU."""

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""
        return rectified(v)

    def behind(self, v: Limited) -> Limited:
        """As `AbstractRectifier.behind`: a ReLU is one more lowest output."""
        return v.within(jnp.zeros(()), jnp.full((), jnp.inf))


class DiodeRectifier(AbstractRectifier):
    r"""A ReLU of a diode into a resistor to ground, in an op-amp's loop or without.

    The output solves $v = (1 + 1/A)\,v_o + (n V_T / A) \ln(1 + v_o / (I_s R))$, where
    the op-amp's gain $A$ divides the diode's drop. Without an op-amp the drop is whole,
    $v = v_o + n V_T \ln(1 + v_o / (I_s R))$. Both outputs are Wright's omega function
    of a linear function of $v$.

    The knee is $n V_T$ wide, divided by $A$ with an op-amp, and $v_o \ge -I_s R$. An
    op-amp recovers from its rail at once.

    Args:
        diode: Diode from the input, or from the op-amp's output, to the output.
        resistance: $R$, in ohms.
        gain: $A$; `None` without an op-amp.
    """

    diode: Diode
    resistance: Float[Array, ""] = eqx.field(converter=scalar)
    gain: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        positive("rectifier.resistance", self.resistance, "ohm")
        if self.gain is not None:
            positive("rectifier.gain", self.gain, "V/V")

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""
        leak, width, slope = self._constants()
        y = (v + slope * leak) / width + jnp.log(leak * slope / width)
        return width / slope * omega(y) - leak

    def behind(self, v: Limited) -> Limited:
        """As `AbstractRectifier.behind`."""
        return unlimited(self(v.value))

    def _constants(self) -> tuple[Scalar, Scalar, Scalar]:
        """I_s R and the knee's width, in volts, and the slope."""
        leak, width = self.diode.saturation * self.resistance, self.diode.v_thermal
        if self.gain is None:
            return leak, width, jnp.ones_like(width)
        return leak, width / self.gain, 1 + 1 / self.gain


class DiodeClamp(eqx.Module):
    r"""A resistor and a diode to a voltage, which limit the output to a drop above it.

    From $(v - v_o) / R = I_s (e^{(v_o - v_c) / n V_T} - 1)$ the drop over the resistor
    is the output of a `DiodeRectifier` for $v - v_c$.

    Args:
        diode: Diode from the output to $v_c$.
        resistance: $R$, in ohms.
        v_clamp: $v_c$, in volts.
    """

    diode: Diode
    resistance: Float[Array, ""] = eqx.field(converter=scalar)
    v_clamp: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        positive("clamp.resistance", self.resistance, "ohm")

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""
        return v - DiodeRectifier(self.diode, self.resistance)(v - self.v_clamp)


class ClampRectifier(AbstractRectifier):
    r"""A ReLU of an inverted `DiodeClamp` to ground, $-\mathrm{clamp}(-v)$.

    Positive voltages pass; negative ones stop at a diode's drop below zero, so that
    signals smaller than the drop are not rectified.

    Args:
        diode: Diode from ground to the output.
        resistance: Resistance from the input to the output, in ohms.
    """

    diode: Diode
    resistance: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("rectifier.resistance", self.resistance, "ohm")

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""
        return -DiodeClamp(self.diode, self.resistance)(-v)

    def behind(self, v: Limited) -> Limited:
        """As `AbstractRectifier.behind`."""
        return unlimited(self(v.value))


def omega(y: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""Wright's omega function: the solution $w$ of $w + \ln w = y$.

    The iteration is that of Fritsch, Shafer and Crowley (CACM 16, 1973, algorithm 443).
    """
    low = jnp.minimum(y, 1.0)
    high = jnp.maximum(y, 1.0)
    w = jnp.where(y > 1, high - jnp.log(high) * high / (1 + high), jnp.exp(low))
    w = jnp.where((y > -2) & (y <= 1), jnp.exp(2 * (low - 1) / 3), w)
    # Below -30 w is e^y to rounding, and the logarithm would lose precision.
    is_small = y < -30
    safe, at = jnp.where(is_small, 1.0, w), jnp.where(is_small, 1.0, y)
    for _ in range(_ITERATIONS):
        r = at - safe - jnp.log(safe)
        t = (1 + safe) * (1 + safe + 2 * r / 3)
        safe = safe * (1 + r / (1 + safe) * (t - r / 2) / (t - r))
    return jnp.where(is_small, jnp.exp(jnp.minimum(y, 0.0)), safe)
