"""The word lines of an array as poles of first order."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import DrivenVoltages, Scalar
from ._propagator import propagate, Propagator
from ._stage_base import FASTEST


class LinePoles(eqx.Module):
    r"""A pole for each driven row, $\tau_i \dot v_i = v_{\text{in},i} - v_i$.

    A distributed line is not of first order: the delay is right, the shape of an edge
    is not.

    Args:
        delay: $\tau$ of each row, in seconds.
    """

    delay: Float[Array, " rows"]

    def rate(self, v_in: DrivenVoltages, v: DrivenVoltages) -> DrivenVoltages:
        """dv/dtau in V/s."""
        return (v_in - v) / broadcast_columns(self.delay, v)

    def propagator(self, dt: Scalar) -> Propagator:
        """The exact response over `dt` seconds, limited as in `AbstractStage`."""
        rate = 1 / self.delay
        if rate.dtype == jnp.float32:
            rate = jnp.minimum(rate, FASTEST / dt)
        one = rate[:, None]
        return propagate(-one[..., None], one, jnp.zeros_like(one), dt)

    def advance(
        self,
        propagator: Propagator,
        v: DrivenVoltages,
        mean: DrivenVoltages,
        end: DrivenVoltages,
    ) -> tuple[DrivenVoltages, DrivenVoltages]:
        """The lines after a step and their mean, in volts, for inputs on a line."""
        after, average = propagator(v[None], mean, end)
        return after[0], average[0]
