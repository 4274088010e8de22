"""Realised paths: held values, in memory or computed where a step reads them."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._random import standard_normal
from .._core._types import ColumnValues, Key, Scalar


class HeldPath(eqx.Module):
    r"""A piecewise constant function of circuit time.

    Value n holds on $[n\Delta, (n + 1)\Delta)$; the last one holds for ever. A solver
    reads the path over a step, never at a time, so that the law changes neither with a
    step boundary that rounding puts beside an edge, nor with the stages of a method.
    `mean` serves any step; `within` is the same, and cheaper, for a step that crosses
    no edge.

    Args:
        values: Shape `(holds, ...)`.
        interval: $\Delta$, in seconds.
    """

    values: Float[Array, "holds ..."]
    interval: Scalar

    def within(self, tau0: Scalar, tau1: Scalar) -> Float[Array, "..."]:
        """The value during a step that crosses no edge: that at its middle."""
        n = self.hold(tau0, tau1)
        return jax.lax.dynamic_index_in_dim(self.values, n, keepdims=False)

    def hold(self, tau0: Scalar, tau1: Scalar) -> Integer[Array, ""]:
        """The number of the value during a step that crosses no edge."""
        n = jnp.floor((tau0 + tau1) / (2 * self.interval)).astype(jnp.int32)
        return jnp.clip(n, 0, self.values.shape[0] - 1)

    def mean(self, tau0: Scalar, tau1: Scalar) -> Float[Array, "..."]:
        r"""The exact mean over a step, $\int_{\tau_0}^{\tau_1} / (\tau_1 - \tau_0)$."""
        # An edge within rounding of a step's end belongs to the step's outside.
        slack = 4 * jnp.finfo(self.values.dtype).eps * self.values.shape[0]
        start, stop = tau0 / self.interval, tau1 / self.interval
        top = self.values.shape[0] - 1
        first = jnp.clip(jnp.floor(start + slack), 0, top)
        last = jnp.clip(jnp.ceil(stop - slack) - 1, first, top)
        one = self.values[first.astype(int)]
        return jax.lax.cond(
            first == last,
            lambda: one,
            lambda: self._across(one, start, stop, first, last),
        )

    def _across(self, one, start, stop, first, last):
        width = stop - start
        n = jnp.arange(self.values.shape[0], dtype=width.dtype)
        inside = jnp.where((n > first) & (n < last), 1.0 / width, 0.0)
        middle = jnp.tensordot(inside.astype(one.dtype), self.values, axes=1)
        head = ((first + 1 - start) / width).astype(one.dtype)
        tail = ((stop - last) / width).astype(one.dtype)
        return head * one + middle + tail * self.values[last.astype(int)]


class LazyPath(eqx.Module):
    r"""Standard normals held for $\Delta$: functions of (key, sample, hold) alone.

    The path is as fixed as a `HeldPath`: every step of every solver that asks for hold
    n gets the same number, whatever else is asked for. Only storage is saved: 20 us
    with holds of 1 ns are 20,000 values per channel and sample.

    Args:
        key: Key of the chip.
        indices: Number of each sample, `(samples,)`, or one number for one sample.
        interval: $\Delta$, in seconds.
        channels: Number of values in one hold.
    """

    key: Key
    indices: Integer[Array, "*samples"]
    interval: Scalar
    channels: int = eqx.field(static=True)

    def within(self, tau0: Scalar, tau1: Scalar) -> ColumnValues:
        """The values during a step that crosses no edge: those at the step's middle."""
        hold = jnp.floor((tau0 + tau1) / (2 * self.interval)).astype(jnp.uint32)
        indices = self.indices.reshape(-1)
        values = standard_normal(self.key, indices, (self.channels,), block=hold)
        return values.reshape(self.channels, *self.indices.shape)
