"""Multipliers that take time."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import positive, scalar
from .._types import Scalar, State
from ._propagator import propagate, Propagator
from ._stage_base import FASTEST


class MultiplierPole(eqx.Module):
    r"""$\dot v = 2 \pi B (v_\text{in} - v)$ at the output of each multiplier.

    Those of a coordinate have the same pole, so that their sum has it too: one state
    for each coordinate. Errors are in front of it, the offset at the output among them.

    Args:
        bandwidth: $B$, in hertz.
    """

    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("multiplier.bandwidth", self.bandwidth, "Hz")

    @property
    def decay(self) -> Scalar:
        r"""$2 \pi B$, in radians a second."""
        return 2 * jnp.pi * self.bandwidth

    def rate(self, v_in: State, v: State) -> State:
        """dv/dtau in volts a second, for input and output `(dim, *samples)`."""
        return self.decay * (v_in - v)

    def propagator(self, dt: Scalar) -> Propagator:
        """The exact response over a step of `dt` seconds; as `AbstractStage`'s."""
        rate = self.decay
        if rate.dtype == jnp.float32:
            rate = jnp.minimum(rate, FASTEST / dt)
        one = jnp.reshape(rate, (1, 1))
        return propagate(-one[..., None], one, jnp.zeros_like(one), dt)

    def advance(
        self, propagator: Propagator, v: State, mean: State, end: State
    ) -> tuple[State, State]:
        """The output after a step, and its mean; the input is a line, in volts."""
        after, average = propagator(v[None], mean, end)
        return after[0], average[0]
