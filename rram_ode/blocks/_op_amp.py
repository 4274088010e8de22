"""An op-amp with one pole, and classes of op-amps with their sources."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import non_negative, positive, scalar
from .._types import Scalar


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
