"""A white path too long to keep: each value is drawn where a step reads it."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Integer

from .._draws import standard_normal
from .._types import ColumnValues, Key, Scalar


class DrawnPath(eqx.Module):
    r"""Standard normals held $\Delta$, each a function of (key, sample, hold) alone.

    As fixed before a solve as a `HeldPath`: any step that asks for hold n, of any
    solver, gets the same number, whatever else is asked for. Only the storage is saved:
    20 us of 1 ns holds are 20,000 values a channel and sample.

    Args:
        key: Of the chip.
        indices: Number of each sample, `(samples,)`; one number for one sample.
        interval: $\Delta$, in seconds.
        channels: Values of a hold.
    """

    key: Key
    indices: Integer[Array, "*samples"]
    interval: Scalar
    channels: int = eqx.field(static=True)

    def within(self, tau0: Scalar, tau1: Scalar) -> ColumnValues:
        """Values during a step that crosses no edge: those at its middle."""
        hold = jnp.floor((tau0 + tau1) / (2 * self.interval)).astype(jnp.uint32)
        indices = self.indices.reshape(-1)
        values = standard_normal(self.key, indices, (self.channels,), block=hold)
        return values.reshape(self.channels, *self.indices.shape)
