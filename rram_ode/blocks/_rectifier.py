"""Rectifiers, ideal or made of diodes, and clamps: infinitely fast."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann, elementary_charge

from .._core._arrays import scalar
from .._core._checks import positive
from .._core._types import Scalar


_ITERATIONS = 2  # cubic and better: 1e-15 from the guess below


class Diode(eqx.Module):
    r"""$i = I_s (e^{v / n V_T} - 1)$, $V_T = k T / q$ (Shockley).

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
    """What stands for a ReLU: a voltage in, a voltage out, without memory."""

    @abc.abstractmethod
    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""


class IdealRectifier(AbstractRectifier):
    """A ReLU."""

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""
        return jax.nn.relu(v)


class DiodeRectifier(AbstractRectifier):
    r"""A ReLU of one diode into a resistor to ground, and in an op-amp's loop.

    The output solves $v = (1 + 1/A)\,v_o + (n V_T / A) \ln(1 + v_o / (I_s R))$, where
    the op-amp's gain $A$ divides the diode's drop. Without an op-amp
    the drop is whole, $v = v_o + n V_T \ln(1 + v_o / (I_s R))$. Both are Wright's omega
    function of a line in $v$.

    The knee is $n V_T$ wide (divided by A), and $v_o \ge -I_s R$. It has no memory: the
    recovery of an op-amp from its rail is not in it.

    Args:
        diode: From the input (the op-amp's output) to the output.
        resistance: $R$, in ohms.
        gain: $A$; `None` for no op-amp.
    """

    diode: Diode
    resistance: Float[Array, ""] = eqx.field(converter=scalar)
    gain: Float[Array, ""] | None = eqx.field(
        converter=lambda x: None if x is None else scalar(x), default=None
    )

    def __check_init__(self):
        positive("rectifier.resistance", self.resistance, "ohm")
        if self.gain is not None:
            positive("rectifier.gain", self.gain, "V/V")

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""
        leak, width, slope = self._constants()
        y = (v + slope * leak) / width + jnp.log(leak * slope / width)
        return width / slope * omega(y) - leak

    def _constants(self) -> tuple[Scalar, Scalar, Scalar]:
        """I_s R, the knee's width and the slope, volts, volts and a pure number."""
        leak, width = self.diode.saturation * self.resistance, self.diode.v_thermal
        if self.gain is None:
            return leak, width, jnp.ones_like(width)
        return leak, width / self.gain, 1 + 1 / self.gain


class DiodeClamp(eqx.Module):
    r"""A resistor, then a diode to a voltage: the output stops a drop above that.

    $(v - v_o) / R = I_s (e^{(v_o - v_c) / n V_T} - 1)$: what the resistor drops is a
    `DiodeRectifier`'s output for $v - v_c$. Turned over, $-\mathrm{clamp}(-v)$ with
    $v_c = 0$, it is a ReLU with a drop below zero.

    Args:
        diode: From the output to the voltage.
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
    r"""A `DiodeClamp` to ground, turned over: $-\mathrm{clamp}(-v)$.

    Positive voltages pass; a negative one stops a diode's drop below zero, so that
    signals smaller than the drop are not rectified.

    Args:
        diode: From ground to the output.
        resistance: From the input to the output, in ohms.
    """

    diode: Diode
    resistance: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("rectifier.resistance", self.resistance, "ohm")

    def __call__(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        """Output for the input `v`, both in volts."""
        return -DiodeClamp(self.diode, self.resistance)(-v)


def omega(y: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""Wright's function: the $w$ of $w + \ln w = y$.

    Fritsch, Shafer and Crowley's iteration (CACM 16, 1973, algorithm 443).
    """
    low = jnp.minimum(y, 1.0)
    high = jnp.maximum(y, 1.0)
    w = jnp.where(y > 1, high - jnp.log(high) * high / (1 + high), jnp.exp(low))
    w = jnp.where((y > -2) & (y <= 1), jnp.exp(2 * (low - 1) / 3), w)
    # Below, w = e^y to rounding, and its logarithm would leave single precision.
    is_small = y < -30
    safe, at = jnp.where(is_small, 1.0, w), jnp.where(is_small, 1.0, y)
    for _ in range(_ITERATIONS):
        r = at - safe - jnp.log(safe)
        t = (1 + safe) * (1 + safe + 2 * r / 3)
        safe = safe * (1 + r / (1 + safe) * (t - r / 2) / (t - r))
    return jnp.where(is_small, jnp.exp(jnp.minimum(y, 0.0)), safe)
