"""White noise of op-amps and of the resistors around them."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import non_negative, positive, scalar
from .._types import Scalar
from ..devices import BOLTZMANN


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
        thermal = jnp.sqrt(4 * BOLTZMANN * self.temperature * self.bandwidth)
        own = self.i_n * jnp.sqrt(self.bandwidth)
        return jnp.hypot(own, thermal * jnp.sqrt(g))

    def start(self, capacitance: Float[Array, " cols"]) -> Float[Array, " cols"]:
        r"""$\sqrt{k T / C}$ that a pre-charge switch leaves, in volts."""
        return jnp.sqrt(BOLTZMANN * self.temperature) / jnp.sqrt(capacitance)
