"""Op-amps that store their own offset before each solve."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import non_negative, positive, scalar
from ..devices import BOLTZMANN
from ._op_amp import OpAmp
from ._op_amp_noise import OpAmpNoise


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
        switch = jnp.sqrt(BOLTZMANN * noise.temperature) / jnp.sqrt(self.capacitance)
        return jnp.hypot(switch, noise.e_n * jnp.sqrt(op_amp.unity) / 2)
